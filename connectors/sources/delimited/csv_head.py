"""The head of a delimited text: title lines, comments, the header, and how many cells its rows have."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from itertools import islice

from connectors.sources.base import Reject, SourceFailed
from connectors.sources.delimited import csv_broken
from connectors.sources.delimited.csv_dialect import Dialect
from connectors.sources.delimited.csv_lines import OTHERS, Reader, Record, has_digits, line_ends
from connectors.sources.tables import header
from rules.schema import Source

ROWS = 4 * header.LOOK
"""Records by which the width of the table is told."""
NEARLY_ALL = 0.9
LONGEST = 500
"""Characters of a cell that are looked at, and of a column's name."""
FEWEST = 3
"""Rows that may overrule the header."""


@dataclass(frozen=True, slots=True)
class Head:
    names: tuple[str, ...]
    """One a column, unique."""
    width: int
    digits: tuple[bool, ...]
    """Of each column, whether its values hold digits."""
    stop: int
    line: int
    """Offset and number of the first line below the header."""
    lines: tuple[int, ...]
    cells: tuple[tuple[str, ...], ...]
    """The header as it stands."""
    above: tuple[Reject, ...]
    notes: tuple[str, ...]


def head_of(data: bytes, dialect: Dialect, source: Source, wanted: Collection[str], line: int, file: str) -> Head:
    """The head of a text whose first line has the number `line`. Raises SourceFailed where it holds no text."""
    usual, digits = _usual(_first(data, dialect, source, line, 0, ()))
    rows = _first(data, dialect, source, line, usual, digits)
    if source.header is None and usual > 2:
        rows = _header_by_other(data, rows, dialect, usual, digits)
    index = _index(rows, source, wanted)
    if index is None:
        raise SourceFailed("the file holds no text at all", "Export it again", file=file)
    if source.header == 0:
        return _without(rows[index:], usual, digits, line)
    count = header.depth([_short(row.cells) for row in rows], index, source.header_rows)
    top = rows[index : index + count]
    below = rows[index + count :]
    width, cells, notes = _width([row.cells for row in top], below)
    above = [row for row in rows[:index] if len(row.cells) > 1 or any(row.cells)]
    if above and not source.header:
        notes.insert(0, f"the header was found in line {top[0].line}; the lines above it were left out")
    if top[0].other:
        notes.append("the header has another delimiter than the rows, and was read by it")
    return Head(
        names=tuple(header.as_mapped(header.unique(_padded(header.joined([*map(_short, cells)]), width)), wanted)),
        width=width,
        digits=digits if len(digits) == width else (),
        stop=top[-1].stop,
        line=top[-1].end + 1,
        lines=tuple(row.line for row in top),
        cells=tuple(tuple(row.cells) for row in top),
        above=tuple(_title(data, row) for row in above),
        notes=tuple(notes),
    )


def _first(
    data: bytes, dialect: Dialect, source: Source, line: int, width: int, digits: tuple[bool, ...]
) -> list[Record]:
    at = len(data) - len(data.lstrip(b"\r\n"))
    line += line_ends(data, 0, at)
    records = islice(Reader(data, dialect, width, digits).records(at, line), ROWS)
    comment = source.comment.encode() if source.comment else None
    return [r for r in records if comment is None or not data.startswith(comment, r.start)]


def _usual(rows: list[Record]) -> tuple[int, tuple[bool, ...]]:
    """The number of cells most rows have, and which columns of them hold digits; 0 where there are no rows."""
    widths = Counter(len(row.cells) for row in rows if any(row.cells))
    several = {width: count for width, count in widths.items() if width > 1} or widths
    if not several:
        return 0, ()
    width = max(several, key=lambda w: (several[w], w))
    cells = [row.cells for row in rows if len(row.cells) == width][1:]
    shares = [sum(map(has_digits, column)) for column in zip(*cells, strict=True)]
    return width, tuple(2 * share > len(cells) for share in shares)


def _index(rows: list[Record], source: Source, wanted: Collection[str]) -> int | None:
    """Where the header is among the rows; with `header: 0` the first row of all."""
    if source.header is None:
        return header.find([_short(row.cells) for row in rows[: header.LOOK]], wanted)
    filled = (n for n, row in enumerate(rows) if row.line >= (source.header or 1) and (source.header or any(row.cells)))
    return next(filled, None)


def _without(rows: list[Record], usual: int, digits: tuple[bool, ...], line: int) -> Head:
    """The head of a table without a header: columns go by numbers."""
    width = usual or len(rows[0].cells)
    names = tuple(f"column {n}" for n in range(1, width + 1))
    return Head(names, width, digits, rows[0].start, rows[0].line or line, (), (), (), ())


def _width(top: list[list[str]], below: list[Record]) -> tuple[int, list[list[str]], list[str]]:
    """How many cells rows have, the header's cells as they stand over the columns, and what is doubtful about it."""
    has = max(map(len, top))
    widths = Counter(len(row.cells) for row in below if any(row.cells))
    usual, count = max(widths.items(), key=lambda wc: wc[1], default=(has, 0))
    if usual == has or usual < 2 or count < FEWEST or count < NEARLY_ALL * widths.total():
        return has, top, []
    said = f"the header has {has} cells where the rows have {usual}"
    if usual > has:
        return usual, top, [f"{said}: names may stand over the wrong columns; correct the header"]
    blank = [n for n in range(has) if not any(row[n].strip() for row in top if n < len(row))]
    if len(blank) < has - usual:
        return has, top, []
    spare = blank[: has - usual]
    kept = [[cell for n, cell in enumerate(row) if n not in spare] for row in top]
    return usual, kept, [f"{said}: the empty cell in its place {spare[0] + 1} was left out"]


def _short(cells: list[str]) -> list[str]:
    return [cell[:LONGEST] for cell in cells]


def _padded(names: list[str], width: int) -> list[str]:
    return [*names, *[""] * (width - len(names))]


def _header_by_other(
    data: bytes, rows: list[Record], dialect: Dialect, usual: int, digits: tuple[bool, ...]
) -> list[Record]:
    """The rows; the one above the first row of data, where it is a header by another delimiter, under that."""
    first = next((n for n, row in enumerate(rows) if len(row.cells) == usual), None)
    if not first or not any(digits):
        return rows
    held = [has_digits(cell) for cell in rows[first].cells]
    if sum(a == b for a, b in zip(held, digits, strict=True)) < 0.75 * usual:
        return rows  # a header by itself
    above = rows[first - 1]
    text = data[above.start : above.stop].rstrip(b"\r\n").decode("utf-8", "replace")
    for other in OTHERS.replace(dialect.delimiter, ""):
        reading = csv_broken.best(text, replace(dialect, delimiter=other, blank=False), usual)
        if reading and len(reading.cells) == usual and all(map(_is_title, reading.cells)):
            return [*rows[: first - 1], replace(above, cells=reading.cells, other=other), *rows[first:]]
    return rows


def _is_title(cell: str) -> bool:
    return any(map(str.isalpha, cell[:200])) and not has_digits(cell)


def _title(data: bytes, row: Record) -> Reject:
    text = data[row.start : row.stop].rstrip(b"\r\n").decode("utf-8", "replace")
    what = "a comment above the header" if text.startswith("#") else "a line above the header"
    return Reject(row.line, text, what, "Nothing to do")
