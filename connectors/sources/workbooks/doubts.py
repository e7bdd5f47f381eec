"""What is said about the cells of a table: nothing is guessed, nothing is left out, no value is quoted."""

from collections.abc import Iterator, Sequence

from connectors.sources.workbooks.cells import Column
from connectors.sources.workbooks.marks import Marks, listed, spans
from connectors.sources.workbooks.regions import Region
from rules.column_names import by_header

SERIALS = range(1, 80_000)
"""Days since 1900 that a date of a customer may be: up to the year 2119."""
_DATED = {"birth_date", "updated_at", "entered_at", "date"}


def of_cells(marks: Marks, region: Region) -> Iterator[str]:
    """What the marks of a sheet say of the rows of one table."""

    def inside(row: int, column: int) -> bool:
        return region.top <= row < region.bottom and region.left <= column < region.right

    if errors := [cell for cell in marks.errors if inside(*cell)]:
        yield f"{_cells(errors)} an error instead of a value, kept as shown ({listed(errors)}): correct the formula"
    if uncached := [cell for cell in marks.uncached if inside(*cell)]:
        yield (
            f"{_cells(uncached)} a formula without its value, read as empty ({listed(uncached)}): "
            "open the workbook in a spreadsheet program and save it"
        )
    if merged := [area for area in marks.merged if inside(*area[:2]) and area[:2] != area[2:]]:
        places = listed([area[:2] for area in merged])
        yield f"{_areas(merged)} merged cells: the value stands in the first cell, the others are empty ({places})"
    if hidden := [row for row in marks.hidden_rows if region.top <= row < region.bottom]:
        what = "1 row is" if len(hidden) == 1 else f"{len(hidden)} rows are"
        yield f"{what} hidden (by a filter, or by hand) and were read all the same (lines {spans(hidden)})"
    if columns := [c for c in marks.hidden_columns if region.left <= c < region.right]:
        yield f"hidden columns were read all the same ({listed((0, c) for c in columns).replace('1', '')})"


def _cells(cells: Sequence[object]) -> str:
    return "1 cell holds" if len(cells) == 1 else f"{len(cells)} cells hold"


def _areas(areas: Sequence[object]) -> str:
    return "1 area of" if len(areas) == 1 else f"{len(areas)} areas of"


def of_values(name: str, column: Column, filled: int, region: Region) -> Iterator[str]:
    """What is doubtful in one column of a table of which `filled` cells hold anything."""
    dates, numbers, long = (
        [row for row in rows if region.top <= row < region.bottom]
        for rows in (column.dates, column.numbers, column.long)
    )
    if long:
        yield (
            f"column {name}: {_numbers(long)} of 16 or more digits, of which a workbook keeps 15; the last ones may be "
            f"wrong (lines {spans(long)}): format the column as text before typing, or export it anew"
        )
    if dates and numbers and 2 * len(dates) >= filled:
        yield (
            f"column {name}: {_numbers(numbers)} among dates, perhaps days since 1900 "
            f"(lines {spans(numbers)}): format the cells as dates"
        )
    elif dates and 2 * len(dates) < filled:
        yield (
            f"column {name}: {len(dates)} of its values became dates, as a spreadsheet makes of 1-2 or 3/4 "
            f"(lines {spans(dates)}): look up what was typed"
        )
    elif numbers and not dates and 10 * len(numbers) >= 9 * filled and _means_date(name):
        yield f"column {name}: its values are numbers, not dates, perhaps days since 1900: format the column as dates"


def _numbers(rows: Sequence[int]) -> str:
    return "1 number" if len(rows) == 1 else f"{len(rows)} numbers"


def _means_date(name: str) -> bool:
    meant = by_header(name)
    return meant is not None and meant[0] in _DATED and meant[1] >= 0.8
