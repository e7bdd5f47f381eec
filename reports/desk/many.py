"""Many records beside each other: each field with what the others do not say lit."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reports.desk.alike import NATIONAL, Lit, lit, plain
from reports.desk.services import ORDER, Record
from reports.desk.spelt import folded

MOST_COLUMNS: Final = 4
"""Up to so many records stand in columns; more stand in rows."""


@dataclass(frozen=True)
class Cell:
    """What one record says of a field; `lit`: it is not what most say."""

    values: tuple[Lit, ...]
    doubts: tuple[str, ...]
    lit: bool


@dataclass(frozen=True)
class Line:
    """One field of every record, in their order; `agrees`: nobody says anything else."""

    field: str
    cells: tuple[Cell, ...]
    agrees: bool


def lines(records: Sequence[Record]) -> tuple[Line, ...]:
    """Every field that any of the records has."""
    told = {name: None for record in records for name in (*record.fields, *record.doubts)}
    names = [*(name for name in ORDER if name in told), *(name for name in told if name not in ORDER)]
    return tuple(_line(name, records) for name in names)


def _line(name: str, records: Sequence[Record]) -> Line:
    dialled = name == "phone"
    said = [record.fields.get(name, ()) for record in records]
    sure = [values for record, values in zip(records, said, strict=True) if values and not record.doubts.get(name)]
    most = usual(sure or said, dialled=dialled)  # a doubtful value sets no measure for those that are not
    cells = tuple(
        _cell(values, record.doubts.get(name, ()), most, dialled=dialled)
        for record, values in zip(records, said, strict=True)
    )
    return Line(name, cells, not any(cell.lit for cell in cells))


def _cell(values: Sequence[str], doubts: tuple[str, ...], most: Sequence[str], *, dialled: bool) -> Cell:
    """What a record says besides what most say, or a part of it, is no difference; else the nearest of it is shown."""
    common = {_meant(value, dialled=dialled) for value in most}
    if not common or any(_meant(value, dialled=dialled) in common for value in values):
        return Cell(tuple(map(plain, values)), doubts, lit=False)
    found = [_beside(value, most, dialled=dialled) for value in values]
    if any(_is_quiet(lit) for lit in found):
        return Cell(tuple(map(plain, values)), doubts, lit=False)
    return Cell(tuple(found), doubts, lit=bool(found))


def _is_quiet(value: Lit) -> bool:
    return all(bit.kind == "same" for bit in value.bits)


def _beside(value: str, most: Sequence[str], *, dialled: bool) -> Lit:
    """A value beside that of the usual ones which it is most like."""
    found = [lit(value, other, dialled=dialled)[0] for other in most]
    return max(found, key=lambda one: sum(len(bit.text) for bit in one.bits if bit.kind != "differs"))


def usual(values: Sequence[Sequence[str]], *, dialled: bool = False) -> tuple[str, ...]:
    """What more than half of those say who say anything, each as it is written first; at least what most say, of equals
    the first.
    """
    counts = Counter(word for said in values for word in {_meant(value, dialled=dialled): None for value in said})
    written = {_meant(value, dialled=dialled): value for said in reversed(values) for value in reversed(said)}
    first = [_meant(value, dialled=dialled) for said in values for value in said]
    most = max(first, key=lambda word: counts[word], default="")
    half = sum(bool(said) for said in values) / 2
    return tuple(written[word] for word in dict.fromkeys(first) if word == most or counts[word] > half)


def _meant(value: str, *, dialled: bool) -> str:
    """Two values are one that have the same letters and digits, of telephone numbers the last ones."""
    word = folded(value)
    return word[-NATIONAL:] if dialled and word.isdigit() else word
