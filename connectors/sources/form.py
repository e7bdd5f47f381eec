"""Exports of web forms and sheets transcribed from paper forms: a table in text or a workbook, whichever it is.

What is special about a product (Google Forms, Microsoft Forms, Typeform) is said by its preset.
"""

from pathlib import Path

from connectors.sources import csv, parquet, places, sniff, spreadsheet
from connectors.sources.base import Grid, Landed
from connectors.sources.tables import land
from rules.schema import Source


def read(name: str, source: Source, root: Path) -> Landed:
    """All rows of all files of a location, each read by what it is."""
    found = places.files(source.location, root)
    all_grids = [grid for place in found for grid in grids(place.path, place.name, source)]
    landed = land(name, all_grids, apostrophes=source.apostrophes)
    return Landed(landed.raw, landed.facts, landed.rejects, landed.notes, tuple(p.path for p in found))


def grids(path: Path, name: str, source: Source) -> list[Grid]:
    """The tables of one file of any kind that holds tables."""
    kind = sniff.sniff(path)
    if kind in sniff.SPREADSHEETS or kind == "encrypted":
        return list(spreadsheet.sheets(path, name, source))
    if kind == "parquet":
        return [parquet.grid(path, name, source)]
    return [csv.grid(path, name, source)]
