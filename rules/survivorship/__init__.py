"""Survivorship: which of the values that a customer's records hold is the golden one, and why."""

from rules.survivorship.config import Survivorship, load
from rules.survivorship.engine import spelling, survive
from rules.survivorship.frequencies import Frequencies
from rules.survivorship.relations import relations

__all__ = ["Frequencies", "Survivorship", "load", "relations", "spelling", "survive"]
