"""Several tables on one sheet: side by side with an empty column between, or under one another with an empty row.

A part is a table of its own only where it has a header and rows below it; where that is doubtful the parts stay
together, for a table torn in two is worse than one with an empty row.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from connectors.sources.tables import header
from connectors.sources.tables.below import is_total
from connectors.sources.tables.header_rows import is_known, is_name, is_value, plain

Rows: TypeAlias = Callable[[int, int, int, int], list[list[str]]]
"""First row, end row, first column, end column -> the text of the cells."""
TITLES: Final = 3
"""Title lines that may stand above a further table."""
MOST_BLOCKS: Final = 500
"""Empty rows after which a further table is looked for."""


@dataclass(frozen=True)
class Region:
    """A rectangle of a sheet: rows and columns from 0, the ends not within."""

    top: int
    bottom: int
    left: int
    right: int


def split(filled: npt.NDArray[np.bool_], rows: Rows, wanted: Collection[str]) -> list[Region]:
    """The tables of a sheet, of which `filled` says what holds text; at least one."""
    found = []
    for left, right in _side_by_side(filled, rows, wanted):
        blocks = _runs(np.any(filled[:, left:right], axis=1))
        tops = [blocks[0][0], *_under_one_another(blocks, rows, left, right, wanted)] if blocks else [0]
        found += [Region(top, bottom, left, right) for top, bottom in pairwise([*tops, len(filled)])]
    return found


def _runs(marks: npt.ArrayLike) -> list[tuple[int, int]]:
    """Where stretches of true begin and end."""
    steps = np.flatnonzero(np.diff(np.concatenate([[False], np.asarray(marks, bool), [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in steps.reshape(-1, 2)]


def _side_by_side(filled: npt.NDArray[np.bool_], rows: Rows, wanted: Collection[str]) -> Iterator[tuple[int, int]]:
    """First and end column of each part that is a table."""
    runs = _runs(np.any(filled, axis=0))
    left = runs[0][0] if runs else 0
    for (_, end), (begin, after) in pairwise(runs):
        one, other = (_Head.of(filled, rows, run, wanted) for run in ((left, end), (begin, after)))
        if _are_two(one, other, filled, begin - end):
            yield left, end
            left = begin
    yield left, filled.shape[1]


@dataclass(frozen=True)
class _Head:
    """What may be the header of some columns."""

    columns: tuple[int, int]
    index: int
    names: tuple[str, ...]

    @classmethod
    def of(
        cls, filled: npt.NDArray[np.bool_], rows: Rows, columns: tuple[int, int], wanted: Collection[str]
    ) -> "_Head | None":
        """The header of a run of columns; None where nothing there is one, or no row stands below it."""
        left, right = columns
        first = int(np.argmax(np.any(filled[:, left:right], axis=1)))
        head = rows(first, min(len(filled), first + header.LOOK), left, right)
        index = header.find(head, wanted)
        if index is None or right - left < 2 or not filled[first + index + 1 :, left:right].any():
            return None
        names = tuple(plain(cell) for cell in head[index])
        return cls(columns, first + index, names) if all(map(is_name, names)) else None


def _are_two(one: _Head | None, other: _Head | None, filled: npt.NDArray[np.bool_], gap: int) -> bool:
    """Whether two runs of columns are two tables: names come back, or the headers stand in different lines.

    One name that comes back is enough behind a `gap` of two empty columns or more.
    """
    if one is None or other is None:
        return False
    common = set(one.names) & set(other.names)
    if len(common) >= min(1 if gap > 1 else 2, len(one.names), len(other.names)):
        return True
    if one.index == other.index:
        return False
    low, high = (one, other) if one.index > other.index else (other, one)
    return not filled[high.index, slice(*low.columns)].any() and sum(map(is_known, low.names)) >= 2


def _under_one_another(
    blocks: Sequence[tuple[int, int]], rows: Rows, left: int, right: int, wanted: Collection[str]
) -> Iterator[int]:
    """Rows with which a further table, or its title, begins; `blocks` are the stretches without an empty row."""
    begin = blocks[0][0]
    head = rows(begin, min(blocks[-1][1], begin + header.LOOK), left, right)
    first = header.find(head, wanted)
    if first is None:
        return
    known = [{plain(c) for c in head[first] if c.strip()}]
    for (_, end), (top, bottom) in pairwise(blocks[: MOST_BLOCKS + 1]):
        if top <= begin + first:
            continue
        ended = is_total(rows(end - 1, end, left, right)[0], right - left)
        for start in range(top, min(top + TITLES + 1, bottom - 1)):
            cells = rows(start, start + 1, left, right)[0]
            names = {plain(c) for c in cells if c.strip()}
            if len(names) > 1:
                body = rows(start + 1, min(bottom, start + header.LOOK), left, right)
                if names not in known and _begins(cells, body, ended=ended):
                    known.append(names)
                    yield top
                break


def _begins(cells: list[str], body: list[list[str]], *, ended: bool) -> bool:
    """Whether a row after an empty one is a header: names alone, some known, unlike the rows below it.

    `ended`: a total stands above the empty row, so that less is needed to believe it.
    """
    named = [(n, plain(cell)) for n, cell in enumerate(cells) if cell.strip()]
    names = [name for _, name in named]
    if not all(map(is_name, names)) or len(set(names)) < len(names):
        return False
    below = [[row[n] for row in body if row[n].strip()] for n, _ in named]
    if not any(below) or any(name in map(plain, column) for name, column in zip(names, below, strict=True)):
        return False
    known = sum(map(is_known, names))
    values = sum(bool(column) and all(map(is_value, column)) for column in below)
    return (known >= 2 and 2 * known >= len(names)) or (known >= 1 and values >= 2) or (ended and known + values > 0)
