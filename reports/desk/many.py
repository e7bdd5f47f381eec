"""Many records beside each other: each field with what the others do not say lit."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reports.desk.alike import NATIONAL, Lit, lit, plain
from reports.desk.services import ORDER, Record
from reports.desk.spelt import folded
from rules.standardise import identifiers

DIALLED: Final = "phone"
"""The field whose values are called."""
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
    said = [record.fields.get(name, ()) for record in records]
    sure = [values for record, values in zip(records, said, strict=True) if values and not record.doubts.get(name)]
    most = usual(sure or said, name)  # a doubtful value sets no measure for those that are not
    cells = tuple(
        _cell(name, values, record.doubts.get(name, ()), most) for record, values in zip(records, said, strict=True)
    )
    return Line(name, cells, not any(cell.lit for cell in cells))


def _cell(name: str, values: Sequence[str], doubts: tuple[str, ...], most: Sequence[str]) -> Cell:
    """What a record says besides what most say, or a part of it, is no difference; else the nearest of it is shown."""
    common = {_meant(name, value) for value in most}
    if not common or any(_meant(name, value) in common for value in values):
        return Cell(tuple(map(plain, values)), doubts, lit=False)
    found = [_beside(value, most, dialled=name == DIALLED) for value in values]
    if any(_is_quiet(lit) for lit in found):
        return Cell(tuple(map(plain, values)), doubts, lit=False)
    return Cell(tuple(found), doubts, lit=bool(found))


def _is_quiet(value: Lit) -> bool:
    return all(bit.kind == "same" for bit in value.bits)


def _beside(value: str, most: Sequence[str], *, dialled: bool) -> Lit:
    """A value beside that of the usual ones which it is most like."""
    found = [lit(value, other, dialled=dialled)[0] for other in most]
    return max(found, key=lambda one: sum(len(bit.text) for bit in one.bits if bit.kind != "differs"))


def usual(values: Sequence[Sequence[str]], field: str = "") -> tuple[str, ...]:
    """What more than half of those say who say anything, each as it is written first; at least what most say, of equals
    the first.
    """
    counts = Counter(word for said in values for word in {_meant(field, value): None for value in said})
    written = {_meant(field, value): value for said in reversed(values) for value in reversed(said)}
    first = [_meant(field, value) for said in values for value in said]
    most = max(first, key=lambda word: counts[word], default="")
    half = sum(bool(said) for said in values) / 2
    return tuple(written[word] for word in dict.fromkeys(first) if word == most or counts[word] > half)


def _meant(field: str, value: str) -> str:
    """Two values are one that have the same letters and digits, of telephone numbers the last ones; a tax id is the
    same with and without its country in front.
    """
    word = folded((identifiers.tax_id(value)[0] if field == "tax_id" else None) or value)
    return word[-NATIONAL:] if field == DIALLED and word.isdigit() else word
