"""Where the columns of text of fixed width begin: under a ruler, or at the blanks that nearly all lines share."""

import re
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Final, TypeAlias
from unicodedata import combining, east_asian_width

import numpy as np
import numpy.typing as npt

Edges: TypeAlias = tuple[tuple[int, int | None], ...]
"""Where each column begins and where the next does, in cells of a screen; the last one found is open."""

SAMPLE: Final = 400
"""Lines that are looked at."""
TITLES: Final = 6
"""Lines above the table that may break its columns."""
NEARLY_ALL: Final = 0.97
LEAST: Final = 3
"""Lines that make a table, its header among them."""
FILLED: Final = 0.75
"""Share of the columns that a header fills."""
ROWS_DIGITS: Final = 0.2
"""Share of a line's letters and digits that are digits, from which it is no header."""
WIDEST: Final = 2000
TAB: Final = 8
_RULER: Final = re.compile(r"^[\s+|]*(?:([-=_─━═~*])\1+[\s+|]+)+(?:([-=_─━═~*])\2*)?[\s+|]*$")
_RULE: Final = re.compile(r"^\s*([-=_─━═~*])\1{2,}\s*$")
_MARKS: Final = re.compile(r"[-=_─━═~*]+")
_NOT_ONE: Final = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u1100-\u115f\u20d0-\u20f0\u2e80-\ua4cf\uac00-\ud7a3"
    "\uf900-\ufaff\ufe20-\ufe6f\uff00-\uff60\uffe0-\uffe6\U0001f300-\U0001f9ff\U00020000-\U0003fffd]"
)
"""What may take another number of cells than one: found quickly, since hardly a file holds any."""
_FILLER: Final = "\ue000"
"""Second half of a character that takes two cells, while a line is cut."""


def looks_fixed(lines: Sequence[str]) -> tuple[int, ...] | None:
    """The widths of the columns where lines are text of fixed width; None where they are not.

    `lines`: the first few hundred of a file, without line ends. The last width is that of the longest line.
    """
    filled = [line for line in lines if line.strip()]
    edges = found_edges(filled)
    if edges is None:
        return None
    end = max(len(_shape(line).rstrip()) for line in filled)
    starts = [start for start, _ in edges] + [max(end, edges[-1][0] + 1)]
    return tuple(b - a for a, b in pairwise([0, *starts[1:]]))


def parts_nothing(mark: str, lines: Sequence[str], widths: Sequence[int]) -> bool:
    """Whether a mark in text of fixed width is none that parts cells: a decimal comma, or one of an address.

    It stands between digits only, or not in the first line whose columns are filled, the header.
    """
    if not re.search(rf"(?<!\d){mark}|{mark}(?!\d)", "\n".join(lines)):
        return True
    edges = edges_of(widths)
    header = next((line for line in lines if _fills(line, edges)), mark)
    return len(widths) > 2 and mark not in header


def _fills(line: str, edges: Edges) -> bool:
    """Whether a line has text in most columns, and none that runs over an edge."""
    filled = sum(map(bool, cells_of(line, edges)))
    return filled >= FILLED * len(edges) and not runs_over(line, edges) and not is_ruler(line)


def edges_of(widths: Sequence[int]) -> Edges:
    """Edges of columns whose widths are known."""
    return tuple(pairwise([0, *accumulate(widths)]))


def is_ruler(line: str) -> bool:
    """A line of dashes, in one run or in one a column."""
    return bool(_RULE.match(line) or _RULER.match(line))


def on_screen(line: str) -> list[str] | str:
    """A line as the cells of a screen: tabs as blanks, a filler behind a wide character, accents with their letter."""
    line = line.expandtabs(TAB) if "\t" in line else line
    if line.isascii() or not _NOT_ONE.search(line):
        return line
    cells: list[str] = []
    for c in line:
        if combining(c) and cells:
            cells[-1] += c
        else:
            cells += [c, _FILLER] if east_asian_width(c) in "WF" else [c]
    return cells


def cells_of(line: str, edges: Edges) -> list[str]:
    """The cells of a line, without the blanks that fill them up; one more where text stands behind the last column."""
    shown = on_screen(line)
    ends = [*edges, (edges[-1][1], None)] if edges[-1][1] is not None else edges
    cells = ["".join(shown[start:end]).replace(_FILLER, "").strip() for start, end in ends]
    return cells if len(cells) == len(edges) or cells[-1] else cells[:-1]


def _shape(line: str) -> str:
    """A line in which every cell of the screen is one character."""
    return "".join(cell[0] for cell in on_screen(line[:WIDEST])[:WIDEST])


def runs_over(line: str, edges: Edges) -> int:
    """The number, from 1, of the first column whose text runs into the next one; 0 where none does."""
    shown = on_screen(line)
    for number, (start, _) in enumerate(edges[1:], 1):
        if "".join(shown[start - 1 : start]).strip() and "".join(shown[start : start + 1]).strip():
            return number
    return 0


def found_edges(lines: Sequence[str]) -> Edges | None:
    """The columns of filled lines; None where fewer than two can be told apart."""
    head = [_shape(line) for line in lines[:SAMPLE]]
    ruled = _under_ruler(head)
    if ruled:
        return ruled
    head = [line for line in head if not is_ruler(line)]
    best, most = [], (False, 1)
    for skipped in range(min(TITLES, max(0, len(head) - LEAST)) + 1):
        starts, wide = _starts(head[skipped:])
        if wide > 1 and (found := (not _is_row(head[skipped]), wide)) > most:
            best, most = starts, found
    return tuple(zip(best, [*best[1:], None], strict=True)) if len(best) > 1 else None


def _is_row(line: str) -> bool:
    """Whether a first line holds numbers as rows do: the header must not be left out as a title above it."""
    return sum(map(str.isdigit, line)) >= ROWS_DIGITS * sum(map(str.isalnum, line))


def _under_ruler(lines: Sequence[str]) -> Edges | None:
    """The columns of the first line that holds one run of dashes for each."""
    ruler = next((line for line in lines if _RULER.match(line) and len(_MARKS.findall(line)) > 1), None)
    if ruler is None:
        return None
    starts = [m.start() for m in _MARKS.finditer(ruler)]
    starts[0] = 0
    return tuple(zip(starts, [*starts[1:], None], strict=True))


def _starts(lines: Sequence[str]) -> tuple[list[int], int]:
    """Where columns begin: behind places that are blank in nearly all lines; how many have two such before them.

    One blank place parts two columns only where both have a word of the first line, the header. Lines above the
    header are left out only where that shows more columns by wide gaps.
    """
    if len(lines) < LEAST:
        return [], 0
    share = 1 - _filled(lines).mean(axis=0)
    blank = share >= (NEARLY_ALL if len(lines) >= 30 else 1.0)
    starts = [int(n) for n in np.flatnonzero(~blank & np.r_[True, blank[:-1]])]
    wide = [start for n, start in enumerate(starts) if not n or blank[start - 2]]
    return _parted(starts, set(wide), lines), len(wide)


def _filled(lines: Sequence[str]) -> npt.NDArray[np.bool_]:
    width = max(map(len, lines))
    codes = np.array([line.ljust(width) for line in lines], dtype=f"<U{width}").view("<u4").reshape(len(lines), width)
    filled: npt.NDArray[np.bool_] = (codes != ord(" ")) & (codes != ord("\u00a0"))
    return filled


def _parted(starts: list[int], wide: set[int], lines: Sequence[str]) -> list[int]:
    """Starts without those behind a lone blank that is none of the header's, as within `210 1112223`."""
    kept: list[int] = []
    for start, end in pairwise([*starts, max(map(len, lines))]):
        named = lines[0][start - 1 : start] == " " and lines[0][start:end].strip()
        if not kept or start in wide or named:
            kept.append(start if kept else 0)
    return kept if _is_table(kept, lines) else []


def _is_table(starts: list[int], lines: Sequence[str]) -> bool:
    """Whether most columns are filled in most lines, and something is aligned by more than a single blank."""
    if len(starts) < 2:
        return False
    ends = [*starts[1:], max(map(len, lines))]
    shares = [sum(bool(line[a:b].strip()) for line in lines) / len(lines) for a, b in zip(starts, ends, strict=True)]
    spaced = sum("  " in line.strip() for line in lines) / len(lines)
    return spaced >= 0.5 and sum(share >= 0.3 for share in shares) >= 2
