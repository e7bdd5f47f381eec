"""Exports of web forms and sheets transcribed from paper forms: a table in text or a workbook, whichever it is.

What is special about a product (Google Forms, Microsoft Forms, Typeform) is said by its preset.
"""

from pathlib import Path

from connectors.sources import any_table
from connectors.sources.base import Landed
from connectors.sources.tables import land_files
from rules.schema import Source


def read(name: str, source: Source, root: Path) -> Landed:
    """All rows of all files of a location, each read by what it is."""
    return land_files(name, source, root, any_table.tables)
