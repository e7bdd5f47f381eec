"""Many records beside each other: each field with what the others do not say lit."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reports.desk.alike import Lit, beside, folded, plain
from reports.desk.services import ORDER, Record

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
    most = usual([record.fields.get(name, ()) for record in records])
    cells = tuple(
        _cell(record.fields.get(name, ()), record.doubts.get(name, ()), most, dialled=name == "phone")
        for record in records
    )
    return Line(name, cells, not any(cell.lit for cell in cells))


def _cell(values: Sequence[str], doubts: tuple[str, ...], most: str, *, dialled: bool) -> Cell:
    if not values or folded(most) in map(folded, values):
        return Cell(tuple(map(plain, values)), doubts, lit=False)
    found = [left for left, _ in beside(values, [most], dialled=dialled) if left]
    return Cell(tuple(found), doubts, lit=any(bit.kind != "same" for lit in found for bit in lit.bits))


def usual(values: Sequence[Sequence[str]]) -> str:
    """The value that most records say, in the way in which it is written first; of equals the first."""
    counts = Counter(word for said in values for word in {folded(value): None for value in said})
    written = [value for said in values for value in said]
    return max(written, key=lambda value: counts[folded(value)], default="")
