"""Which dialect a file is written in: the one whose records are most alike, with the fewest odd quotes.

Delimiter, quote and escape are judged together on the first records (after van den Burg et al., "Wrangling messy
CSV files by detecting row and type patterns", 2019): how many have the same number of cells, and how many of
their cells are a value of some kind (a number, a date, words) rather than something cut in the wrong place.
"""

import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import islice, takewhile

from connectors.sources.delimited.csv_dialect import STAND_IN, Dialect, grammar
from connectors.sources.delimited.csv_lines import Reader

COMMON = ",;\t|"
RARE = " :^~" + STAND_IN
HEAD, LOOK = 1 << 18, 240
"""Bytes and records that are looked at."""
CELL = 500
"""Characters of a cell that are looked at."""
CLEAR = 0.6
"""Fitness of a common delimiter beyond which no rare one is tried."""
_VALUE = re.compile(
    r"[-+(]?[$€£]?\d[\d.,' ]*%?[)]?|"  # a number
    r"\d{1,4}[-/.:]\d{1,2}(?:[-/.:]\d{1,4})?(?:[T ][\d:.+Z]*)?|"  # a date or a time
    r"https?://\S+|[^\s@,;]+@[^\s@,;]+|"
    r"(?:[^,;|\t]|[,;|](?= ))*"  # words: what parts cells is not followed by a blank in them
)


@dataclass(frozen=True, slots=True)
class Fit:
    dialect: Dialect
    share: float
    """Of records with the most frequent number of cells, 0 to 1."""
    width: int
    fitness: float
    blanks: bool = False
    """Every cell but the first of a row begins with a blank."""
    is_strict: bool = False
    """Good enough for a delimiter that also stands in sentences and times of day."""


def dialect_of(data: bytes, delimiter: str | None = None, quote: str | None = None) -> Dialect:
    """The dialect of a text (UTF-8) by its first lines; what is given is not questioned."""
    head = data[:HEAD]
    fits = [fit(data, d) for d in _candidates(head, delimiter or COMMON, quote)]
    if delimiter is None and max(f.fitness for f in fits) < CLEAR:
        fits += [f for f in (fit(data, d) for d in _candidates(head, RARE, quote)) if f.is_strict]
    best = max(fits, key=lambda f: (f.fitness, f.width))
    found = replace(best.dialect, blank=best.dialect.blank or best.blanks)
    if quote is None and not _begins_quoted(head, found):
        return replace(found, quote=None, backslash=False)
    return found


def _begins_quoted(head: bytes, dialect: Dialect) -> bool:
    """Whether some cell begins with a quote."""
    border, mark = _border(dialect), re.escape((dialect.quote or "").encode())
    return bool(mark) and re.search(border + mark, head) is not None


def _border(dialect: Dialect) -> bytes:
    return rb"(?:\A|[\r\n]|%b ?)" % re.escape(dialect.delimiter.encode())


def _candidates(head: bytes, delimiters: str, quote: str | None) -> list[Dialect]:
    """Delimiter, quote and escape, the plainest first; none that the text gives no cause for."""
    found = []
    for delimiter in delimiters:
        d = delimiter.encode()
        if d not in head and delimiter not in (",", delimiters):
            continue
        for mark in quote or "\"'":
            plain = Dialect(delimiter, mark)
            if mark == "'" and not quote and not _quotes(head, plain):
                continue
            escapes = [plain, replace(plain, backslash=True)] if b"\\" + mark.encode() in head else [plain]
            blanks = delimiter.strip() and head.count(d + b" ") >= 0.7 * head.count(d) > 0
            found += [*escapes, *(replace(dialect, blank=True) for dialect in escapes if blanks)]
    return found


def _quotes(head: bytes, dialect: Dialect) -> bool:
    """Whether some cell stands between quotes."""
    return re.search(_border(dialect) + grammar(dialect).quoted.pattern, head) is not None


def fit(data: bytes, dialect: Dialect) -> Fit:
    """How well a dialect fits the first lines of a text."""
    first = takewhile(lambda record: record.start < HEAD, islice(Reader(data, dialect).records(), LOOK))
    rows = [record for record in first if any(record.cells)]
    widths = Counter(len(row.cells) for row in rows)
    width, count = max(((w, c) for w, c in widths.items() if w > 1), key=lambda wc: (wc[1], wc[0]), default=(1, 0))
    if not count:
        return Fit(dialect, 0.0, 1, 0.0)
    share = count / len(rows)
    odd = sum(row.stray for row in rows) / len(rows)
    usual = [row.cells for row in rows if len(row.cells) == width]
    begins = 0.05 if rows[0].cells is usual[0] else 0.0
    fitness = (share - odd / 4) * (0.5 + 0.5 * _pure(usual)) + begins
    blanks = bool(dialect.delimiter.strip()) and all(c[:1] in " " for row in usual for c in row[1:])
    blanks = blanks and any(c for row in usual for c in row[1:])
    strict = (
        width > 2
        and len(rows) > 1
        and share >= 0.9
        and odd <= 0.5
        and (_titles(rows[0].cells) or (share == 1 and width > 3))
    )
    return Fit(dialect, share, width, round(fitness, 3), blanks, strict)


def _titles(cells: list[str]) -> bool:
    return all(re.search(r"[^\W\d_]", cell) and not re.search(r"\d", cell) for cell in cells)


def _pure(rows: list[list[str]]) -> float:
    """The share of cells that hold a value."""
    cells = [cell[:CELL].strip() for row in rows for cell in row]
    return sum(_is_value(cell) for cell in cells) / max(1, len(cells))


def _is_value(cell: str) -> bool:
    """Whether a cell is nothing that should have been taken apart: no quotes around it, no delimiter in it."""
    quoted = len(cell) > 1 and cell[0] == cell[-1] and cell[0] in "\"'"
    return not quoted and _VALUE.fullmatch(cell) is not None
