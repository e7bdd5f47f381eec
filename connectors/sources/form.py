"""Exports of web forms and sheets transcribed from paper forms: a table in text or a workbook, whichever it is.

What is special about a product (Google Forms, Microsoft Forms, Typeform) is said by its preset.
"""

from pathlib import Path

from connectors.sources import any_table, places
from connectors.sources.base import Landed
from connectors.sources.tables import land
from rules.schema import Source


def read(name: str, source: Source, root: Path) -> Landed:
    """All rows of all files of a location, each read by what it is."""
    found = places.files(source.location, root)
    all_grids = [grid for place in found for grid in any_table.tables(place.path, place.name, source)]
    landed = land(name, all_grids, apostrophes=source.apostrophes)
    return Landed(landed.raw, landed.facts, landed.rejects, landed.notes, tuple(p.path for p in found))
