"""The fast way for clean lines: Arrow's reader, taken only where it reads what the careful one would read.

A clean line begins and ends outside quotes, every quote opens or closes a cell as RFC 4180 says, and it has as many
cells as the table. A block of text of clean lines only, or of clean records that run over lines, goes to Arrow as
it is; in any other block the clean lines are told from the rest, which is left to `csv_lines`.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from connectors.sources.delimited.csv_dialect import Dialect

LF, CR, BLANK, BACKSLASH = 10, 13, 32, 92
Bytes: TypeAlias = npt.NDArray[np.uint8]
Flags: TypeAlias = npt.NDArray[np.bool_]
Ints: TypeAlias = npt.NDArray[np.int64]


def whole(body: bytes, dialect: Dialect, width: int, line: int) -> tuple[pa.Table, pa.Array] | None:
    """All rows of a block of text that begins on a line (int64, from 1), and the line of each row.

    None where it is not clean: empty lines, mixed line ends, quotes that do not pair, a row of another width.
    Columns are called c0, c1, ….
    """
    if dialect.blank or not _one_line_end(body):
        return None
    body = body.rstrip(b"\r\n") if body.endswith((b"\n\n", b"\r\n\r\n")) else body
    if not body:
        return _parse(body, dialect, width), pa.array([], pa.int64())
    if body[:1] in b"\r\n" or b"\n\n" in body or b"\n\r\n" in body:
        return None
    if dialect.backslash and b"\\" in body:
        return None
    if dialect.quote and not _quotes_pair(np.frombuffer(body, np.uint8), dialect):
        return None
    table = _parse(body, dialect, width)
    return (table, _lines(table, body, line)) if table is not None else None


def _one_line_end(data: bytes) -> bool:
    """Only LF, or only CR LF."""
    returns = data.count(b"\r")
    return not returns or returns == data.count(b"\r\n") == data.count(b"\n")


def _quotes_pair(text: Bytes, dialect: Dialect) -> bool:
    """Whether opening quotes follow an end of a cell and closing ones precede one, doubled quotes aside."""
    at = np.flatnonzero(text == ord(dialect.quote or ""))
    return not len(at) or (len(at) % 2 == 0 and bool(_placed(text, at, dialect).all()))


def _placed(text: Bytes, at: Ints, dialect: Dialect) -> Flags:
    """Of quotes that open and close by turns: which stand beside an end of a cell, or are half of a doubled one."""
    opening, closing = at[0::2], at[1::2]
    ends = np.zeros(256, bool)
    ends[[ord(dialect.delimiter), LF, CR]] = True
    before = np.where(opening > 0, ends[text[opening - 1]], True)
    before[1:] |= opening[1:] == closing[:-1] + 1
    after = ends[text[np.minimum(closing + 1, len(text) - 1)]] | (closing == len(text) - 1)
    after[:-1] |= opening[1:] == closing[:-1] + 1
    placed: Flags = np.repeat(before & after, 2)
    return placed


def _parse(body: bytes, dialect: Dialect, width: int) -> pa.Table | None:
    names = [f"c{n}" for n in range(width)]
    if not body:
        return pa.schema([(name, pa.string()) for name in names]).empty_table()
    quote = dialect.quote if dialect.quote and dialect.quote.encode() in body else False
    try:
        return pacsv.read_csv(
            pa.BufferReader(body),
            read_options=pacsv.ReadOptions(column_names=names, block_size=max(1 << 20, min(len(body) + 1, 1 << 30))),
            parse_options=pacsv.ParseOptions(
                delimiter=dialect.delimiter, quote_char=quote, newlines_in_values=bool(quote)
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
            ),
        )
    except pa.ArrowInvalid:  # a row of another width
        return None


def _lines(table: pa.Table, body: bytes, line: int) -> pa.Array:
    """The physical line on which each row begins."""
    rows = len(table)
    if body.count(b"\n") + (not body.endswith(b"\n")) == rows:
        return pa.array(np.arange(line, line + rows, dtype=np.int64))
    breaks = np.zeros(rows, np.int64)
    for column in table.columns:
        breaks += pc.count_substring(column, "\n").to_numpy()
    return pa.array(np.cumsum(breaks + 1) - breaks + line - 1)


class Lines:
    """The physical lines of a block of text, and which of them are clean."""

    def __init__(self, body: bytes, dialect: Dialect, width: int, comment: str | None = None) -> None:
        self.body, self._dialect, self._width = body, dialect, width
        text = self._text = np.frombuffer(body, np.uint8)
        ends = np.flatnonzero((text == LF) | (text == CR))
        last = (text[ends] == LF) | (text[np.minimum(ends + 1, len(text) - 1)] != LF) | (ends == len(text) - 1)
        stops = ends[last] + 1
        if not len(stops) or stops[-1] != len(text):
            stops = np.append(stops, len(text))
        self.stops = stops.astype(np.int64)
        self.starts = np.concatenate([[0], self.stops[:-1]]).astype(np.int64)
        self.filled = self._filled()
        self.clean = self._clean(comment)

    def _filled(self) -> Flags:
        """Lines that are more than a line end."""
        first = self._text[self.starts]
        filled: Flags = (first != LF) & (first != CR)
        return filled

    def _of(self, at: Ints) -> Ints:
        """The line of each of some offsets."""
        return np.searchsorted(self.stops, at, "right").astype(np.int64)

    def _clean(self, comment: str | None) -> Flags:
        text, count, d = self._text, len(self.starts), self._dialect
        clean = self.filled.copy()
        parts = np.flatnonzero(text == ord(d.delimiter))
        if d.quote:
            quotes = np.flatnonzero(text == ord(d.quote))
            of = self._of(quotes)
            clean &= np.bincount(of, minlength=count) % 2 == 0
            paired = quotes[clean[of]]
            placed = _placed(text, paired, d)
            clean[self._of(paired[~placed])] = False
            if d.blank:
                clean[of] = False
            parts = parts[np.searchsorted(paired, parts) % 2 == 0]
        if d.backslash:
            clean[self._of(np.flatnonzero(text == BACKSLASH))] = False
        of = self._of(parts)
        clean &= np.bincount(of, minlength=count) == self._width - 1
        if d.blank:
            clean[of[text[np.minimum(parts + 1, len(text) - 1)] != BLANK]] = False
        if comment:
            clean[[n for n in np.flatnonzero(clean) if self.body.startswith(comment.encode(), self.starts[n])]] = False
        return clean

    def table(self, upto: int) -> pa.Table | None:
        """The rows of the clean lines before line number `upto` (from 0); None where Arrow reads them otherwise."""
        clean = self.clean[:upto]
        kept = np.repeat(clean, (self.stops - self.starts)[:upto])
        text = self._text[: len(kept)]
        body = text[kept].tobytes()
        if self._dialect.blank:
            body = body.replace(f"{self._dialect.delimiter} ".encode(), self._dialect.delimiter.encode())
        table = _parse(body, self._dialect, self._width)
        return table if table is not None and len(table) == clean.sum() else None
