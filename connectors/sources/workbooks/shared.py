"""Shared texts of an xlsx workbook (ECMA-376 part 1, 18.4): how much memory the cells that name them ask for.

A text stands once in the file, and its reader copies it into every cell that names it: some kilobytes make terabytes.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Final

import numpy as np

from connectors.sources.base import SourceFailed
from connectors.sources.workbooks.package import Package

TEXTS: Final = "xl/sharedstrings.xml"
"""The part, in lower case."""
LONG: Final = 4_000
"""Bytes of a text, its marks included, up to which no sheet of any size asks for too much."""
MOST: Final = 1 << 30
"""Bytes that all cells of the workbook may name."""
_END = re.compile(rb"</(?:\w+:)?si>|<(?:\w+:)?si\s*/>")
_NAMED = re.compile(rb'\bt="s"[^>]*>\s*(?:<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*)?<(?:\w+:)?v>\s*([0-9]{1,9})')
_ROW_END = re.compile(rb"</(?:\w+:)?row>")


def demand_room(package: Package, sheets: Collection[str]) -> None:
    """Raises SourceFailed where the cells of the sheets (parts) name more text than a machine has memory for."""
    for texts in package.names:  # its reader does not mind capitals: of several parts of the name it takes any
        if texts.lower() == TEXTS and _longest(package, texts) > LONG:
            _demand_room(package, texts, sheets)


def _demand_room(package: Package, texts: str, sheets: Iterable[str]) -> None:
    sizes = np.fromiter(_sizes(package, texts), np.int64)
    named = 0
    for part in sheets:
        for numbers in _named(package, part):
            named += int(sizes[numbers[numbers < len(sizes)]].sum())
            if named > MOST:
                reason = f"its cells name more than {MOST >> 20:,} MB of shared text, and it was refused"
                raise SourceFailed(reason, "Ask its sender for a plain export", file=package.name)


def _longest(package: Package, texts: str) -> int:
    """The bytes of the longest text: hardly a workbook has one that is worth a closer look."""
    longest = rest = 0
    for piece in package.pieces(texts):
        first, *others = map(len, piece.split(b"si>"))
        longest = max(longest, rest + first, *others)
        rest = others[-1] if others else rest + first
    return longest


def _sizes(package: Package, texts: str) -> Iterator[int]:
    """The bytes of each text, its marks included."""
    left = 0
    for piece in package.pieces(texts):
        before = 0
        for end in _END.finditer(piece):
            yield left + end.end() - before
            left, before = 0, end.end()
        left += len(piece) - before


def _named(package: Package, part: str) -> Iterator[np.ndarray]:
    """The numbers of the texts that the cells of a sheet name, some rows at a time."""
    rest = b""
    for piece in package.pieces(part):
        text = rest + piece
        end = max((match.end() for match in _ROW_END.finditer(text)), default=0)
        rest = text[end:]
        yield np.array([int(n) for n in _NAMED.findall(text, 0, end)], np.int64)
    yield np.array([int(n) for n in _NAMED.findall(rest)], np.int64)
