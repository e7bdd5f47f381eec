"""A line whose quotes do not pair: of all ways to read it, the one with the fewest oddities that fits the table.

A dynamic programme over the delimiters of the line. Each cell is bare, or quoted to a quote before a delimiter or
the line's end; what is odd about it has a price, and so has each cell more or fewer than the table has columns.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

from connectors.sources.delimited.csv_dialect import Dialect, grammar, unescaped

STRAY = 1.0
"""Price of a quote that should not stand where it stands."""
PAIRED = 0.7
"""Price of each where an even number of them stands within a quoted cell: words in quotes that nobody doubled."""
BORDER = 0.3
"""Price of a stray quote beside a delimiter within a quoted cell: it looks like the border of two cells."""
JOINED = 0.8
"""Price of text before or after a quoted part, all in one cell: a delimiter is missing there."""
MISFIT, MOST_MISFIT = 1.0, 3.0
"""Price of each cell more or fewer than the table has, and the most of it."""
BROKEN_BARE = 5.0
"""Price of a line break in a cell without quotes."""
LONG, MOST_CELLS = 200_000, 4_000
"""Characters and cells beyond which a line is not looked at in all ways."""
ENDS, KEPT = 12, 32


@dataclass(frozen=True, slots=True)
class Reading:
    cells: list[str]
    price: float
    odd: float = 0.0
    """The part of the price that is for quotes."""


class _Step(NamedTuple):
    price: float
    start: int
    before: int
    cell: str


def misfit(cells: int, width: int) -> float:
    """The price of a number of cells; a width of 0 is not known."""
    return min(MOST_MISFIT, MISFIT * abs(cells - width)) if width else 0.0


def best(text: str, dialect: Dialect, width: int) -> Reading | None:
    """The cheapest reading of a text as one record; None where it is too long to be looked at so."""
    borders = [*grammar(dialect).delimiter.finditer(text)] if len(text) <= LONG else []
    if len(text) > LONG or len(borders) > MOST_CELLS:
        return None
    starts = [0, *(b.end() for b in borders)]
    ends = [*(b.start() for b in borders), len(text)]
    reached: list[dict[int, _Step]] = [{} for _ in range(len(starts) + 1)]
    reached[0][0] = _Step(0.0, -1, 0, "")
    for i in range(len(starts)):
        here = _cheapest(reached[i])
        for j, price, cell in _cells(text, starts, ends, i, dialect):
            for count, step in here:
                found = reached[j + 1].get(count + 1)
                if found is None or step.price + price < found.price:
                    reached[j + 1][count + 1] = _Step(step.price + price, i, count, cell)
    last = reached[-1]
    count = min(last, key=lambda n: (round(last[n].price + misfit(n, width), 6), n != width, -n))
    return Reading(_back(reached, count), last[count].price + misfit(count, width), last[count].price)


def _cheapest(steps: dict[int, _Step]) -> list[tuple[int, _Step]]:
    if len(steps) <= KEPT:
        return [*steps.items()]
    return sorted(steps.items(), key=lambda item: item[1].price)[:KEPT]


def _back(reached: list[dict[int, _Step]], count: int) -> list[str]:
    cells: list[str] = []
    at = len(reached) - 1
    while at > 0:
        step = reached[at][count]
        cells.append(step.cell)
        at, count = step.start, step.before
    return cells[::-1]


def _cells(text: str, starts: list[int], ends: list[int], i: int, dialect: Dialect) -> list[tuple[int, float, str]]:
    """The cells that may begin at the i-th: index of its last part, price, value."""
    quote = dialect.quote or ""
    first = text[starts[i] : ends[i]]
    found = [(i, *_bare(first, quote))]
    if not quote or quote not in first:
        return found
    tried = 0
    for j in range(i, len(ends)):
        if text[ends[j] - 1 : ends[j]] != quote and not (j > i and quote in text[starts[j] : ends[j]]):
            continue
        span = text[starts[i] : ends[j]]
        if option := _quoted(span, dialect) or (
            _joined(span, len(first), ends[j] - starts[j], quote) if j > i else None
        ):
            found.append((j, *option))
        tried += 1
        if tried == ENDS:
            break
    return found


def _bare(cell: str, quote: str) -> tuple[float, str]:
    broken = "\n" in cell or "\r" in cell
    return (STRAY * cell.count(quote) if quote else 0.0) + BROKEN_BARE * broken, cell


def _quoted(span: str, dialect: Dialect) -> tuple[float, str] | None:
    """The price and value of a cell from quote to quote."""
    quote = dialect.quote or ""
    if len(span) < 2 or not (span.startswith(quote) and span.endswith(quote)):
        return None
    inner = span[1:-1]
    if quote not in inner:
        return 0.0, unescaped(inner, dialect)
    rest = re.sub(r"\\[\s\S]", "", inner) if dialect.backslash else inner
    rest = rest.replace(quote * 2, "\0")
    stray = rest.count(quote)
    borders = sum(rest.count(quote + end) + rest.count(end + quote) for end in (dialect.delimiter, "\n", "\r"))
    price = PAIRED if stray % 2 == 0 else STRAY
    return price * stray + BORDER * (borders if stray else 0), unescaped(inner, dialect)


def _joined(span: str, first: int, last: int, quote: str) -> tuple[float, str] | None:
    """A quoted part with text before or after it: two cells whose delimiter is missing, read as they stand."""
    opening = span.index(quote)
    rest = span[opening + 1 :].replace(quote * 2, "\0\0")
    if rest.count(quote) != 1:
        return None
    closing = opening + 1 + rest.index(quote)
    if opening >= first - 1 or closing <= len(span) - last:
        return None  # a delimiter stands right within the quotes: they are stray
    if (opening == 0) == (closing == len(span) - 1):
        return None
    return JOINED, span
