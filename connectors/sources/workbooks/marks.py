"""What is known of the cells of a sheet beside their values. Rows and columns count from 0; people count from 1."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

Cell: TypeAlias = tuple[int, int]
"""Row and column."""
Area: TypeAlias = tuple[int, int, int, int]
"""First row, first column, last row, last column."""
MOST_CELLS: Final = 32_000_000
"""Cells of the rectangle that a sheet may span; the reader holds them all at once, 24 bytes each."""


@dataclass
class Marks:
    """One sheet: texts that differ from the values, and what is to be said."""

    texts: dict[int, dict[int, str]] = field(default_factory=dict)
    """Column -> row -> the text that is shown: `25%`, `00123`, `#REF!`."""
    errors: list[Cell] = field(default_factory=list)
    uncached: list[Cell] = field(default_factory=list)
    """Formulas whose value the workbook does not hold."""
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    merged: list[Area] = field(default_factory=list)
    last: Cell = (0, 0)
    """The last row and the last column that may hold a value."""

    def text(self, row: int, column: int, shown: str | None) -> None:
        """Note the text of a cell, where there is one."""
        if shown is not None:
            self.texts.setdefault(column, {})[row] = shown

    def error(self, row: int, column: int, shown: str) -> None:
        """Note an error cell, which stays as the sheet shows it."""
        self.errors.append((row, column))
        self.text(row, column, shown)


def letters(column: int) -> str:
    """The name of a column, from 0: A, Z, AA."""
    name, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def number(name: str) -> int:
    """The column of its letters, from 0. Raises ValueError where they are none."""
    value = 0
    for letter in name:
        if not "A" <= letter <= "Z":
            raise ValueError(f"{name!r} is no column")
        value = value * 26 + ord(letter) - 64
    return value - 1


def place(reference: str) -> Cell:
    """`C5` -> (4, 2). Raises ValueError."""
    name = reference.rstrip("0123456789")
    return int(reference[len(name) :]) - 1, number(name)


def area(reference: str) -> Area:
    """`A1:C5` -> (0, 0, 4, 2); one cell is an area of itself. Raises ValueError."""
    first, _, last = reference.replace("$", "").partition(":")
    return (*place(first), *place(last or first))


def listed(cells: Iterable[Cell]) -> str:
    """The first cells by name: `C5, D9 …`."""
    names = [f"{letters(column)}{row + 1}" for row, column in cells]
    return ", ".join(names[:5]) + (" …" if len(names) > 5 else "")


def spans(rows: Sequence[int]) -> str:
    """The lines of rows, in runs: `4, 7-9`."""
    runs: list[list[int]] = []
    for n in sorted(set(rows)):
        if runs and n == runs[-1][1] + 1:
            runs[-1][1] = n
        else:
            runs.append([n, n])
    words = [f"{a + 1}" if a == b else f"{a + 1}-{b + 1}" for a, b in runs]
    return ", ".join(words[:5]) + (" …" if len(words) > 5 else "")
