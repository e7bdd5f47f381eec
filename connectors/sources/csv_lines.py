"""Records of delimited text, line by line: RFC 4180 where it is kept, a plain rule where it is broken.

A quoted cell may run over line ends. Where its closing quote is missing, the quote is taken as text and the line
ends where it ends: one stray quote costs one row, never the rest of the file.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice

MOST_LINES = 200
"""Lines a quoted cell may run over before its opening quote is taken for a stray one."""


@dataclass(frozen=True, slots=True)
class Line:
    """A physical line: its number from 1, its text, and the line end that followed it."""

    number: int
    text: str
    end: str


@dataclass(frozen=True, slots=True)
class Record:
    cells: list[str]
    line: int
    """Number of its first physical line."""
    end: int
    """Number of its last physical line."""
    text: str
    stray: bool = False
    """Its quotes do not pair as RFC 4180 has them."""


_ENDS = re.compile(r"\r\n|\n|\r")


def physical(text: str) -> Iterator[Line]:
    """Physical lines: CR LF, LF and CR end one; the other line ends of Unicode do not."""
    start = 0
    number = 0
    for number, end in enumerate(_ENDS.finditer(text), 1):
        yield Line(number, text[start : end.start()], end.group())
        start = end.end()
    if start < len(text):
        yield Line(number + 1, text[start:], "")


class _Ahead:
    """Lines with a look ahead."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._lines = iter(lines)
        self._kept: list[Line] = []

    def next(self) -> Line | None:
        return self._kept.pop(0) if self._kept else next(self._lines, None)

    def peek(self, count: int) -> list[Line]:
        self._kept += islice(self._lines, max(0, count - len(self._kept)))
        return self._kept[:count]


def records(lines: Iterable[Line], delimiter: str) -> Iterator[Record]:
    """The records of some lines. An empty line is a record of one empty cell."""
    ahead = _Ahead(lines)
    width = 0
    while (line := ahead.next()) is not None:
        if '"' not in line.text:
            record = Record(line.text.split(delimiter), line.number, line.number, line.text)
        else:
            record = _quoted(line, ahead, delimiter, width)
        width = width or (len(record.cells) if len(record.cells) > 1 else 0)
        yield record


def _quoted(line: Line, ahead: _Ahead, delimiter: str, width: int) -> Record:
    cells, is_open, stray = _split(line.text, delimiter)
    if not is_open:
        return Record(cells, line.number, line.number, line.text, stray)
    closed = _closed(line, ahead, delimiter, width)
    if closed is not None:
        return closed
    return Record(_literal(line.text, delimiter), line.number, line.number, line.text, True)


def _closed(line: Line, ahead: _Ahead, delimiter: str, width: int) -> Record | None:
    """The record that a cell left open on this line makes with the lines after it, if it closes in time."""
    text, last = line.text, line
    for count in range(1, MOST_LINES):
        following = ahead.peek(count)
        if len(following) < count:
            return None
        text += last.end + following[-1].text
        last = following[-1]
        if '"' not in last.text:
            continue
        cells, is_open, stray = _split(text, delimiter)
        if is_open:
            continue
        if stray or (width and len(cells) > width):
            return None
        for _ in range(count):
            ahead.next()
        return Record(cells, line.number, last.number, text)
    return None


@cache
def _cell(delimiter: str) -> re.Pattern[str]:
    """A quoted cell, or else a bare one, and what ends it."""
    d = re.escape(delimiter)
    return re.compile(rf'"((?:[^"]|"")*)" *({d}|\Z)|([^{d}]*)({d}|\Z)')


def _split(text: str, delimiter: str) -> tuple[list[str], bool, bool]:
    """Cells of a text; whether its last quoted cell is still open; whether quotes stand where none may."""
    cells: list[str] = []
    stray = False
    pattern = _cell(delimiter)
    at = 0
    while True:
        match = pattern.match(text, at)
        if match is None:  # cannot be: a bare cell may be empty
            return cells, False, True
        if match.group(1) is not None:
            cells.append(match.group(1).replace('""', '"'))
            end = match.group(2)
        else:
            bare = match.group(3)
            if bare.startswith('"') and _left_open(text[at:]):
                return cells, True, stray
            stray = stray or '"' in bare
            cells.append(bare)
            end = match.group(4)
        if not end:
            return cells, False, stray
        at = match.end()


def _left_open(rest: str) -> bool:
    """Whether a cell that begins with a quote has no closing one: all later quotes are doubled."""
    return '"' not in rest[1:].replace('""', "")


def _literal(text: str, delimiter: str) -> list[str]:
    """Cells of a line whose quotes are text; whole quoted cells before the stray quote keep their meaning."""
    cells, _, _ = _split(text, delimiter)
    done = 0
    pattern = _cell(delimiter)
    for _ in cells:
        match = pattern.match(text, done)
        done = match.end() if match else done
    return [*cells, *text[done:].split(delimiter)]
