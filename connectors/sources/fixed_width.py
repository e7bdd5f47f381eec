"""Text of fixed width: each column begins at the same place of every line, as old programs print their lists.

Places count as cells of a screen: a Greek letter takes one, a Chinese character two, a tab runs to the next eighth.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import pyarrow as pa

from connectors.sources import sniff
from connectors.sources.base import Grid, Landed, Reject, Seen, SourceFailed
from connectors.sources.tables import columns_of, header, headless, land_files
from connectors.sources.text import remarks
from connectors.sources.text.encoding import decode
from connectors.sources.text.widths import (
    WIDEST,
    Edges,
    cells_of,
    edges_of,
    found_edges,
    is_ruler,
    looks_fixed,
    runs_over,
)
from rules.schema import Source

__all__ = ["grid", "looks_fixed", "read"]

_ENDS = re.compile(r"\r\n|\n|\r")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class _Line:
    number: int
    text: str
    new_page: bool = False


def read(name: str, source: Source, root: Path) -> Landed:
    """All rows of all files of a location."""
    return land_files(name, source, root, lambda *file: [grid(*file)])


def grid(path: Path, name: str, source: Source) -> Grid:
    """One file as a table. Raises SourceFailed where it is no text, is empty, or no columns can be told apart."""
    sniff.demand(path, name, frozenset({"text"}), "text of fixed width")
    decoded = decode(path.read_bytes(), name, configured=source.encoding, country=source.country)
    lines = _lines(decoded.utf8.decode("utf-8", "replace"))
    filled = [line for line in lines if line.text.strip()]
    if not filled:
        raise SourceFailed("the file holds no text at all", "Export it again", file=name)
    edges = edges_of(source.widths) if source.widths else found_edges([line.text for line in filled])
    if edges is None:
        reason = "no columns can be told apart: hardly a place is blank in all lines"
        raise SourceFailed(reason, "Say how wide they are: `widths: [8, 30, 12]`", file=name)
    found = _Table(name, source, edges, filled).grid(decoded.encoding, decoded.notes)
    return headless.with_header(found) if source.header is None else found


def _lines(text: str) -> list[_Line]:
    """Physical lines; a form feed begins a page and is no text, and the end-of-file mark of DOS is none either."""
    found = []
    for number, line in enumerate(_ENDS.split(text), 1):
        found.append(_Line(number, line.replace("\f", "").rstrip("\x1a").replace("\0", ""), "\f" in line))
    return found


class _Table:
    """The rows of one file under known edges."""

    def __init__(self, name: str, source: Source, edges: Edges, lines: Sequence[_Line]) -> None:
        self.name, self.edges, self.lines = name, edges, lines
        self.strict = not source.widths
        self.rulers = [n for n, line in enumerate(lines) if is_ruler(line.text)]
        self.cells = [cells_of(line.text, edges) for line in lines]
        self.at = self._header(source)

    def _header(self, source: Source) -> range:
        """Indices of the header's lines among the filled ones; none where there is no header."""
        if source.header == 0:
            return range(0)
        rows = source.header_rows or 1
        if source.header is not None:
            return self._said_header(source.header, rows)
        if self.rulers and self.rulers[0]:
            return range(
                max(0, self.rulers[0] - (source.header_rows or self._rows_above(self.rulers[0]))), self.rulers[0]
            )
        found = header.find(self.cells, tuple(source.columns)) or 0
        return range(found, min(len(self.lines), found + rows))

    def _rows_above(self, ruler: int) -> int:
        """How many lines above the ruler are the header: two, where the upper one stands in its columns as well."""
        upper, lower = self.lines[max(0, ruler - 2)], self.lines[ruler - 1]
        filled = sum(map(bool, self.cells[max(0, ruler - 2)]))
        fits = lower.number - upper.number == 1 and not runs_over(upper.text, self.edges)
        return 2 if fits and 2 * filled > len(self.edges) else 1

    def _said_header(self, line: int, rows: int) -> range:
        first = next((n for n, found in enumerate(self.lines) if found.number >= line), None)
        if first is None:
            reason = f"the header should stand in line {line}, and the file ends before it"
            raise SourceFailed(reason, "Correct `header`, or leave it out", file=self.name, line=line)
        return range(first, min(len(self.lines), first + rows))

    def grid(self, encoding: str, notes: Sequence[str]) -> Grid:
        names = self._names()
        above = [line for n, line in enumerate(self.lines[: self.at.start]) if n not in self.rulers]
        again = _Again([line.text for line in above], [self.lines[n].text for n in self.at])
        texts = [line.text for line in self.lines]
        ends = remarks.below(texts, self.cells, self._gaps(), self.edges, is_said=not self.strict)
        rows: list[list[str]] = []
        numbers: list[int] = []
        rejects: list[Reject] = []
        pages: list[int] = []
        for n in range(self.at.stop, len(self.lines)):
            line, cells = self.lines[n], self.cells[n]
            if n in self.rulers:
                continue
            if again.stands(line, self.lines[n - 1]):
                pages.append(line.number)
            elif n in ends:
                rejects.append(Reject(line.number, line.text, "a note below the table", "Nothing to do", data=False))
            elif reject := self._misfit(line, cells):
                if again.is_title(line):
                    pages.append(line.number)
                else:
                    rejects.append(reject)
            else:
                rows.append(cells[: len(names)])
                numbers.append(line.number)
        table = pa.table(columns_of(rows, len(names)), names=names)
        said = [*(f"{self.name}: {note}" for note in notes), *self._said(above, pages, rejects)]
        return Grid(
            self.name,
            None,
            table,
            pa.array(numbers, pa.int64()),
            tuple(rejects),
            tuple(said),
            self._seen(encoding, above),
        )

    def _gaps(self) -> list[bool]:
        """Whether there is an empty line before each line."""
        return [n > 0 and line.number - self.lines[n - 1].number > 1 for n, line in enumerate(self.lines)]

    def _names(self) -> list[str]:
        rows = [self.cells[n] for n in self.at if n not in self.rulers]
        if not rows:
            return [f"column {n}" for n in range(1, len(self.edges) + 1)]
        parts = zip_longest(*rows, fillvalue="")  # a row that is longer than the edges has a cell more
        return header.unique([" ".join(filter(None, part)) for part in parts])[: len(self.edges)]

    def _misfit(self, line: _Line, cells: list[str]) -> Reject | None:
        """A row that does not fit: it is kept whole, cell by cell as the edges cut it."""
        if len(cells) > len(self.edges) and cells[-1]:
            reason = f"{len(self.edges)} columns end before this line does"
        elif self.strict and (column := runs_over(line.text, self.edges)):
            reason = f"its text runs over the edge of column {column}"
        else:
            return None
        return Reject(
            line.number, line.text, reason, "Say how wide the columns are: `widths: [8, 30, 12]`", tuple(cells)
        )

    def _seen(self, encoding: str, above: Sequence[_Line]) -> Seen:
        header_cells = tuple(tuple(self.cells[n]) for n in self.at)
        left_out = tuple(Reject(line.number, line.text, "a line above the header") for line in above)
        at = tuple(self.lines[n].number for n in self.at)
        return Seen("fixed_width", encoding, header=at, header_cells=header_cells, above=left_out)

    def _said(self, above: Sequence[_Line], pages: Sequence[int], rejects: Sequence[Reject]) -> list[str]:
        notes = []
        if above and self.at:
            number = self.lines[self.at.start].number
            notes.append(f"{self.name}: the header was found in line {number}; the lines above it were left out")
        if longer := [self.lines[n].number for n in self.at if any(self.cells[n][len(self.edges) :])]:
            notes.append(f"{self.name}: the header is longer than the {len(self.edges)} columns{_at(longer)}")
        if len(self.rulers) > 1:
            notes.append(f"{self.name}: {len(self.rulers)} lines of dashes were left out")
        if pages:
            notes.append(
                f"{self.name}: titles and headers stand again on {len(pages)} lines of later pages and were left out"
                f"{_at(pages)}"
            )
        if remarked := [r.line for r in rejects if not r.cells]:
            notes.append(f"{self.name}: totals or notes below the table were left out{_at(remarked)}")
        if misfits := [r.line for r in rejects if r.cells]:
            one, many = "1 row does not fit the columns and was", "rows do not fit the columns and were"
            what = one if len(misfits) == 1 else f"{len(misfits)} {many}"
            notes.append(f"{self.name}: {what} set aside{_at(misfits)}")
        return notes


class _Again:
    """Titles and headers that stand again on later pages: the header to the letter, titles with other numbers."""

    def __init__(self, titles: Sequence[str], headers: Sequence[str]) -> None:
        self.titles = {_DIGITS.sub("#", _plain(text)) for text in titles if any(c.isalpha() for c in text)}
        self.headers = {_plain(text) for text in headers}
        self.left_out = 0

    def stands(self, line: _Line, before: _Line) -> bool:
        """Whether a line does; a title only where a page begins: behind a form feed, a gap or another such line."""
        if len(line.text) > WIDEST:
            return False
        begins = line.new_page or line.number - before.number > 1 or self.left_out == before.number
        text = _plain(line.text)
        found = text in self.headers or (begins and self.is_title(line))
        self.left_out = line.number if found else self.left_out
        return found

    def is_title(self, line: _Line) -> bool:
        """Whether a line says what a title above the first header says, numbers aside."""
        return len(line.text) <= WIDEST and _DIGITS.sub("#", _plain(line.text)) in self.titles


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _at(lines: Sequence[int]) -> str:
    shown = ", ".join(map(str, lines[:5])) + (" …" if len(lines) > 5 else "")
    return f" (lines {shown})" if len(lines) > 1 else f" (line {shown})"
