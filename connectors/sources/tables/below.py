"""What stands below a table: totals and notes, told from the last rows by their own words and by their form."""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Final, TypeAlias

import pyarrow as pa

from connectors.sources.tables.header_rows import edges, plain
from rules.column_names import fold

Above: TypeAlias = Callable[[int], pa.ChunkedArray]
"""The number of a column -> its cells above the line."""
SENTENCE: Final = 30
"""Characters from which words alone on a line are a remark and no name."""
_COUNT = re.compile(r"[\d:=]")
_NUMBER = re.compile(r"^[-+(]?[^\w@]*[\d][\d.,'’\s]*\W*(?:[^\W\d_]{1,3}\.?|%)?\)?$")


@cache
def _begins(key: str) -> re.Pattern[str]:
    """The words of a list of tables.yml, longest first, at the beginning of a folded cell."""
    said = sorted({fold(word) for word in edges()[key]}, key=lambda word: (-len(word), word))
    return re.compile(rf"(?:{'|'.join(map(re.escape, said))})\b")


def is_total(row: Sequence[str | None], width: int, above: Above | None = None) -> bool:
    """A line of totals: its first filled cell says so, and all others, far fewer than in a real row, are numbers.

    "Total Wine & More, info@…" is a firm. A word that is also a name (Sum, Suma) says so only where each number is
    what the column above it adds up to, or how many there are: `above` gives the columns.
    """
    cells = [(n, cell) for n, cell in enumerate(row) if cell]
    if not cells or len(cells) > max(2, (width + 1) // 2):
        return False
    (_, word), figures = cells[0], cells[1:]
    if not all(_NUMBER.match(cell.strip()) for _, cell in figures):
        return False
    if _begins("totals").match(fold(word)):
        said = _COUNT.search(word) is not None or bool(figures) or len(word.split()) == 1
        return said and (len(cells) > 1 or width > 1)
    if not _begins("sums").match(fold(word)) or not figures or above is None:
        return False
    return all(_adds_up(cell, above(n)) for n, cell in figures)


def _adds_up(cell: str, column: pa.ChunkedArray) -> bool:
    """Whether a figure is the sum, the mean or the count of the cells above it."""
    figure, known = _value(cell), [_value(c) for c in column.to_pylist() if c]
    values = [value for value in known if value is not None]
    if figure is None or len(values) < 2 or 2 * len(values) < len(known):
        return False
    return any(abs(figure - of) < 0.006 for of in (sum(values), sum(values) / len(values), len(known)))


def _value(cell: str) -> float | None:
    """`1.234,50 €` and `1,234.50` as a number."""
    digits = re.sub(r"[^\d.,-]", "", cell)
    whole, mark, fraction = max(digits.rpartition(","), digits.rpartition("."), key=lambda p: len(p[0]))
    if mark and len(fraction) == 3 and digits.count(mark) >= 1 and not re.search(r"[.,].*[.,]", digits):
        whole, fraction = whole + fraction, ""  # 1.234 is thousands more often than thousandths
    try:
        return float(f"{re.sub(r'[.,]', '', whole)}.{fraction or 0}" if mark else digits)
    except ValueError:
        return None


def is_note(row: Sequence[str | None], width: int) -> bool:
    """A remark below the table: one sentence alone on its line, in the first columns."""
    cells = [(n, cell) for n, cell in enumerate(row) if cell]
    if width < 3 or len(cells) != 1 or cells[0][0] > 1:
        return False
    text = plain(cells[0][1])
    return text.startswith(("*", "(", "†")) or (len(text) > SENTENCE and " " in text) or text.endswith(":")
