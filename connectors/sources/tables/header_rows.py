"""Headers of two or three rows: how many rows there are, and one name a column of all of them.

Two forms are known. Groups: `Billing | (blank)` over `Street | City`, the upper row merged or blank to the right.
Continued names: a further row of words (units, codes, a translation) over columns of numbers, dates and addresses.
A row that may be a record is never taken for a header: where the evidence is weak, the header has one row.
"""

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Final, TypeAlias

from rules import schema
from rules.column_names import fold, known_header, words

Row: TypeAlias = Sequence[str]
MOST: Final = 3
"""Rows that a header may have."""
LONGEST: Final = 40
"""Characters of a cell of a second header row."""
ALIKE: Final = 0.8
"""Share of a column that must be values before a word above them speaks for a header."""
LETTER = re.compile(r"[^\W\d_]")
VALUE = re.compile(r"^[\d\s.,:/+()'-]+$|@.+\.|^\d{4}-\d\d-\d\d|^(?:https?://|www\.)", re.IGNORECASE)


def plain(text: str) -> str:
    """A header for comparison: blanks single, case folded."""
    return " ".join(text.split()).casefold()


def is_value(cell: str) -> bool:
    """Whether a cell is what rows hold and headers do not: mostly digits, an e-mail or a web address, a date."""
    digits = sum(map(str.isdigit, cell))
    return bool(VALUE.search(cell)) or (digits > 0 and digits >= len(LETTER.findall(cell)))


def is_name(cell: str) -> bool:
    """Whether a cell may be the name of a column: letters, not long, and no value."""
    return bool(LETTER.search(cell)) and len(cell) <= LONGEST and not is_value(cell)


def is_known(cell: str) -> bool:
    """Whether a cell is a name that columns have: of customers, or of the other tables of a firm."""
    return known_header(cell) or fold(cell) in _others()


@cache
def _others() -> frozenset[str]:
    return frozenset(fold(word) for word in edges()["others"])


def depth(rows: Sequence[Row], index: int, fixed: int | None = None) -> int:
    """How many rows (1 to 3) the header has that begins at `index`; `fixed` where the declaration says it."""
    most = max(1, min(MOST, len(rows) - index))
    if fixed is not None:
        return max(1, min(fixed, most))
    count = 1
    while count < most and _continues(rows, index + count):
        count += 1
    return count


def top(rows: Sequence[Row], index: int) -> int:
    """The first row of the header of which `index` is one row: rows of groups above it belong to it."""
    lowest = max(0, index - MOST + 1)
    while index > lowest and is_group(rows[index - 1], rows[index]):
        index -= 1
    return index


def joined(rows: Sequence[Row]) -> list[str]:
    """One name a column: the words of all header rows, upper ones filled to the right (`Billing Street`).

    A single row is given back as it stands. An upper cell reaches over the blanks to its right as far as the row
    below is filled and no row above begins something new; below a cell that stands alone nothing is filled.
    """
    if len(rows) == 1:
        return list(rows[0])
    width = max(map(len, rows), default=0)
    square = [[*row, *[""] * (width - len(row))] for row in rows]
    filled = [_filled_right(square, n) for n in range(len(square) - 1)]
    return [_name(parts) for parts in zip(*filled, square[-1], strict=True)]


def _filled_right(rows: Sequence[Row], number: int) -> list[str]:
    carried, found = "", []
    for column, cell in enumerate(rows[number]):
        below = any(row[column].strip() for row in rows[number + 1 :])
        begins = any(row[column].strip() for row in rows[:number])
        if cell.strip():
            carried = cell if below else ""
            found.append(cell)
        else:
            carried = carried if below and not begins else ""
            found.append(carried)
    return found


def _name(parts: Sequence[str]) -> str:
    name = ""
    for part in (" ".join(part.split()) for part in parts):
        if name and plain(part).startswith(plain(name)):
            name = part  # `Billing` over `Billing street`
        elif part and plain(part) != plain(name):
            name = f"{name} {part}".strip()
    return name


def is_group(upper: Row, lower: Row) -> bool:
    """Whether `upper` names groups of the columns that `lower`, a row of column names, names one by one.

    Each of its cells reaches over blanks or stands over one, and it is no title: the names below repeat (Street,
    City, Street, City), or one of its words is known to group columns (Billing).
    """
    width = max(len(upper), len(lower))
    over, under = ([plain(c) for c in (*row, *[""] * (width - len(row)))] for row in (upper, lower))
    cells = [n for n, cell in enumerate(over) if cell]
    reaching = [n for n in cells if n + 1 < width and not over[n + 1] and under[n] and under[n + 1]]
    fit = [n for n in cells if is_name(over[n]) and (n in reaching or not under[n] or _groups(over[n]))]
    if not reaching or fit != cells or cells == [0]:
        return False
    named = [cell for cell in under if cell]
    repeated = len(set(named)) < len(named) and all(map(is_name, named))
    return (repeated and len(cells) > 1) or any(_groups(over[n]) for n in reaching)


def _groups(cell: str) -> bool:
    return known_header(cell) or fold(cell) in _grouping()


@cache
def _grouping() -> frozenset[str]:
    """Words that group columns: billing, delivery, contact details."""
    kinds = words()["kinds"]
    by_kind = (word for field in kinds.values() for alike in field.values() for word in alike)
    return frozenset(fold(str(word)) for word in (*by_kind, *edges()["groups"]))


@cache
def edges() -> dict[str, list[str]]:
    """The data of tables.yml."""
    loaded, _ = schema.load(files("connectors").joinpath("sources/tables/tables.yml").read_text("utf-8"), "tables.yml")
    return dict(loaded)


def _continues(rows: Sequence[Row], index: int) -> bool:
    """Whether the row at `index` belongs to the header of which the row above it is one."""
    upper, lower, body = rows[index - 1], rows[index], rows[index + 1 :]
    cells = [(n, plain(cell)) for n, cell in enumerate(lower) if cell.strip()]
    names = [cell for _, cell in cells]
    if len(cells) < 2 or not all(map(is_name, names)) or [plain(c) for c in upper] == [plain(c) for c in lower]:
        return False
    below = [_column(body, n) for n, _ in cells]
    if any(name in column for name, column in zip(names, below, strict=True)):
        return False  # a word that rows hold as well
    against = sum(_of_values(column) for column in below)
    known = sum(map(known_header, names))
    if is_group(upper, lower):
        return against > 0 or 2 * known >= len(names) or len(set(names)) < len(names)
    if 2 * len(set(names)) < len(names) + 1:
        return False
    return against >= 3 or (against >= 1 and 2 * known > len(names))


def _column(body: Sequence[Row], number: int) -> list[str]:
    return [plain(row[number]) for row in body if number < len(row) and row[number].strip()]


def _of_values(column: Sequence[str]) -> bool:
    return len(column) >= 2 and sum(map(is_value, column)) >= ALIKE * len(column)
