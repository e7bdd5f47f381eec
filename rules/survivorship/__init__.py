"""Survivorship: which of the values that a customer's records hold is the golden one, and why."""

from rules.survivorship.config import Survivorship, load
from rules.survivorship.engine import spelling, survive
from rules.survivorship.frequencies import Frequencies

__all__ = ["Frequencies", "Survivorship", "load", "spelling", "survive"]
