"""Exports of billing systems (Stripe, Shopify, …): a table in text or a workbook; presets say the rest."""

from connectors.sources.form import read

__all__ = ["read"]
