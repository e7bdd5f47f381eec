"""Records of delimited text: RFC 4180 where it is kept, the likeliest reading where it is broken.

A quoted cell may run over line ends. A stray quote costs one row at most, never the rest of the file: following
lines that are rows by themselves are never swallowed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from connectors.sources.delimited import csv_broken
from connectors.sources.delimited.csv_dialect import Dialect, grammar, unescaped

AHEAD = 10
"""Lines that a broken record may run over."""
CHECKED = 50
"""Lines within a quoted cell that are looked at for rows of their own."""
OTHERS = " ;\t|,"
"""Delimiters that a single row may have instead of its table's."""
OVER = 0.1
"""Price of each line that a broken record runs over."""
ALIKE = 0.75
"""Share of the columns with digits that must have some in a row that is read by another delimiter."""
PATIENCE = 40
"""Records whose following lines are looked at in vain before no more are."""
NEAR, FAR = 1 << 13, 1 << 16
MOST_CELLS = 100_000


@dataclass(frozen=True, slots=True)
class Record:
    cells: list[str]
    line: int
    """Number of its first physical line, from 1."""
    end: int
    """Number of its last physical line."""
    start: int
    stop: int
    """Bytes from its first to behind its line end."""
    stray: bool = False
    """Its quotes do not pair as RFC 4180 has them."""
    other: str = ""
    """The delimiter of this row alone, where it is not its table's."""
    endless: bool = False
    """It has more cells than any table, and they were not taken apart."""


def line_ends(data: bytes, at: int, stop: int) -> int:
    """How many CR LF, LF and CR there are between two offsets."""
    returns = data.count(b"\r", at, stop)
    return data.count(b"\n", at, stop) + (returns - data.count(b"\r\n", at, stop) if returns else 0)


def has_digits(cell: str) -> bool:
    """Whether there are digits in a cell, as far as one need look."""
    return any(map(str.isdigit, cell[:200]))


class Reader:
    """Records of UTF-8 text (no NUL bytes) at any offset.

    `width` is the number of cells most rows have, 0 where it is not known; `digits` says of each column whether its
    values hold digits, None where it is not known.
    """

    def __init__(self, data: bytes, dialect: Dialect, width: int = 0, digits: tuple[bool, ...] = ()) -> None:
        self.data, self.dialect, self.width, self.digits = data, dialect, width, digits
        self._grammar = grammar(dialect)
        self._budget = 4 * len(data) + (64 << 20)
        self._tried = self._found = 0
        self._returns, self._from, self._feed = b"\r" in data, 0, -1

    def records(self, at: int = 0, line: int = 1) -> Iterator[Record]:
        """All records from an offset on. An empty line is a record of one empty cell."""
        while at < len(self.data):
            record = self.record(at, line)
            yield record
            at, line = record.stop, record.end + 1

    def record(self, at: int, line: int) -> Record:
        """The record that begins at an offset, on a line."""
        end, stop = self._line(at)
        if not self._grammar.quote or self.data.find(self._grammar.quote, at, end) < 0:
            return self._unquoted(at, end, stop, line)
        strict = self._strict(at)
        record = self._made(*strict, at, line) if strict is not None else None
        if record is not None and record.end > line and self._swallows(at, record.stop):
            record = None
        if record is not None and (not self.width or len(record.cells) == self.width):
            return record
        return self._by_other(at, line) or self._broken(at, end, stop, line, record)

    def _line(self, at: int) -> tuple[int, int]:
        """Where the physical line at an offset ends, without and with its line end."""
        data = self.data
        if not self._from <= at <= self._feed:
            self._from, self._feed = at, data.find(b"\n", at)
            self._feed = len(data) if self._feed < 0 else self._feed
        end = data.find(b"\r", at, self._feed) if self._returns else -1
        if end < 0:
            return self._feed, min(self._feed + 1, len(data))
        return end, end + 2 if end + 1 == self._feed < len(data) else end + 1

    def _made(self, cells: list[str], stop: int, at: int, line: int) -> Record:
        inside = line_ends(self.data, at, stop)
        ended = self.data[stop - 1 : stop] in (b"\n", b"\r")
        return Record(cells, line, line + inside - ended, at, stop)

    def _unquoted(self, at: int, end: int, stop: int, line: int) -> Record:
        d = self.dialect
        if self.data.count(d.delimiter.encode(), at, end) >= MOST_CELLS:
            return Record([], line, line, at, stop, endless=True)
        text = self.data[at:end].decode("utf-8", "replace")
        cells = self._grammar.delimiter.split(text) if d.blank else text.split(d.delimiter)
        other = self._by_other(at, line) if self.width and len(cells) != self.width else None
        return other or Record(cells, line, line, at, stop)

    def _strict(self, at: int) -> tuple[list[str], int] | None:
        """The cells of the record at an offset and where it stops; None where a quote stands as RFC 4180 forbids."""
        data, base = (self.data, 0) if self._budget > 0 else (self.data[at : at + FAR], at)
        at -= base
        cells: list[str] = []
        quote = self._grammar.quote
        while True:
            found = self._grammar.quoted.match(data, at)
            if found:
                cells.append(unescaped(found[1].decode("utf-8", "replace"), self.dialect))
            else:
                if quote and data.startswith(quote, at):
                    tried = self._grammar.unclosed.match(data, at)
                    self._budget -= tried.end() - at if tried else 0
                    return None
                found = self._grammar.bare.match(data, at)
                if found is None or (quote and quote in found[1]):
                    return None
                cells.append(found[1].decode("utf-8", "replace"))
            at = found.end()
            if not found[2] or found[2][:1] in b"\r\n" or len(cells) > MOST_CELLS:
                return cells, base + at

    def _swallows(self, at: int, stop: int) -> bool:
        """Whether the lines under one quoted cell are rows by themselves, which a stray quote had swallowed."""
        if self.width < 4:
            return False
        text = self.data[at : min(stop, at + FAR)].decode("utf-8", "ignore")
        lines = re.split(r"\r\n|\n|\r", text.rstrip("\r\n"))[:CHECKED]
        alone = [self._alone(line) for line in lines]
        inner = alone[1:-1]
        return all(alone) or (len(inner) > 1 and all(inner))

    def _alone(self, text: str) -> bool:
        reading = csv_broken.best(text, self.dialect, self.width)
        return reading is not None and len(reading.cells) == self.width and reading.price <= csv_broken.STRAY

    def _broken(self, at: int, end: int, stop: int, line: int, strict: Record | None) -> Record:
        """The likeliest reading of a record whose quotes or cells are not as they should be."""
        text = self.data[at:end].decode("utf-8", "replace")
        reading = csv_broken.best(text, self.dialect, self.width)
        if reading is None:
            return self._long(at, end, stop, line)
        price, record = reading.price, Record(reading.cells, line, line, at, stop, reading.price > 0)
        if strict is not None:
            worth = csv_broken.misfit(len(strict.cells), self.width)
            if worth <= price:
                price, record = worth, strict
        if record is not strict and not self._is_closed(record, text, price):
            record = self._over_lines(text, stop, record, price)
        return replace(record, stray=record.stray and not self._is_proper(record))

    def _is_closed(self, record: Record, text: str, price: float) -> bool:
        """Whether none of the cells of a line with odd quotes may go on in the next line."""
        quote = self.dialect.quote or ""
        if any(cell.startswith(quote) for cell in record.cells):
            return False
        closed = len(record.cells) == self.width and text.count(quote) % 2 == 0
        return price <= csv_broken.STRAY or (closed and price <= 2 * csv_broken.STRAY)

    def _is_proper(self, record: Record) -> bool:
        strict = self._strict(record.start)
        return strict is not None and strict[0] == record.cells

    def _over_lines(self, text: str, stop: int, record: Record, price: float) -> Record:
        """The record, or the one that runs over the following lines, if that is likelier than all of them alone."""
        best, saved, alone = record, 0.0, price
        self._tried += 1
        for count in range(1, AHEAD if self._tried < PATIENCE + 10 * self._found else 1):
            if stop >= len(self.data) or self._is_row(stop):
                break
            start = stop
            end, stop = self._line(start)
            line = self.data[start:end].decode("utf-8", "replace")
            text += self.data[self._before(start) : start].decode() + line
            own, joint = (csv_broken.best(part, self.dialect, self.width) for part in (line, text))
            if own is None or joint is None or (len(own.cells) == len(record.cells) > 1 and own.price == price):
                break  # or a row that is broken in the same way
            alone += own.price if own.odd else 0.0  # a line without odd quotes may be what it likes
            if alone - joint.price - OVER * count > saved:
                saved = alone - joint.price - OVER * count
                best = Record(joint.cells, record.line, record.line + count, record.start, stop, True)
                if len(joint.cells) == self.width:
                    break
        self._found += best is not record
        return best

    def _before(self, start: int) -> int:
        """Where the line end before an offset begins."""
        return start - 2 if self.data[start - 2 : start] == b"\r\n" else start - 1

    def _is_row(self, at: int) -> bool:
        """Whether a whole row begins at an offset, with nothing odd about it."""
        if self.width < 3:
            return False
        strict = self._strict(at)
        return strict is not None and len(strict[0]) == self.width

    def _by_other(self, at: int, line: int) -> Record | None:
        """The row under another delimiter, where that gives exactly the table's width and values of its kinds."""
        if self.width < 3 or len(self.digits) != self.width:
            return None
        own = self.dialect.delimiter
        window = self.data[at : at + NEAR]
        for other in OTHERS.replace(own, ""):
            if window.count(other.encode()) < self.width - 1:
                continue
            strict = Reader(window, replace(self.dialect, delimiter=other, blank=False))._strict(0)
            if strict and self._alike(strict[0]) and not self._parts(strict[0], at, at + strict[1]):
                return replace(self._made(strict[0], at + strict[1], at, line), other=other)
        return None

    def _parts(self, cells: list[str], at: int, stop: int) -> bool:
        """Whether the table's own delimiter stands in a cell without quotes: then it is what parts this row."""
        own, quote = self.dialect.delimiter, self.dialect.quote
        held = [cell for cell in cells if own in cell]
        if not held:
            return False
        text = self.data[at:stop].decode("utf-8", "replace")
        return not quote or any(f"{quote}{cell.replace(quote, quote * 2)}{quote}" not in text for cell in held)

    def _alike(self, cells: list[str]) -> bool:
        """Whether a row has digits where the others have them: a sentence of as many words has not."""
        if len(cells) != self.width or self.width < 3 or len(self.digits) != self.width:
            return False
        same = [has_digits(cell) == has for cell, has in zip(cells, self.digits, strict=True)]
        told = [hit for hit, has in zip(same, self.digits, strict=True) if has]
        return sum(same) >= ALIKE * self.width and sum(told) >= ALIKE * max(1, len(told)) and any(told)

    def _long(self, at: int, end: int, stop: int, line: int) -> Record:
        """A line too long to be read in all ways: quoted cells where they close, all else as it stands."""
        data, start = self.data[at:end], 0
        cells: list[str] = []
        while True:
            found = self._grammar.quoted.match(data, start)
            quoted = found is not None
            found = found or self._grammar.bare.match(data, start)
            if found is None or len(cells) > MOST_CELLS:
                return Record([], line, line, at, stop, endless=True)
            cell = found[1].decode("utf-8", "replace")
            cells.append(unescaped(cell, self.dialect) if quoted else cell)
            start = found.end()
            if not found[2]:
                return Record(cells, line, line, at, stop, stray=True)
