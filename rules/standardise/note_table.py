"""What notes (`note.contact`) add to the tables `points` and `addresses`: each entry flagged, the note itself kept."""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import Final, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from rules.standardise import addresses, note_addresses, notes
from rules.standardise.batch import Batch
from rules.standardise.cells import TEXT, Cells, beside, parted, together
from rules.standardise.notes import RULE, Found

Entry: TypeAlias = tuple[str, str | None, str, str | None, str | None]
"""kind, type, value, canonical, doubt: as in `point_table`."""
_NAMES: Final = ("full_name", "given_name", "surname", "birth_name", "organisation_name")
_PROMISING: Final = r"@|\d"
MOST: Final = 8
"""Addresses of one note that are kept: positions of the next note begin behind them."""


def cells(batch: Batch, header: str, country: Cells) -> Cells:
    """The notes of a column that may hold something, each with country and names of its record."""
    column = batch.cells(header, "note", names=True)[0]
    held = pc.fill_null(pc.match_substring_regex(column.values, _PROMISING), False)
    column = column.with_values(pc.if_else(held, column.values, pa.scalar(None, TEXT)))
    if column.is_empty():
        return column
    own = batch.lines([h for t in _NAMES for h in batch.plan.scalars.get(t, ())], "full_name", " ")
    return beside(column, together([country, own]))


def points(text: str) -> list[Entry]:
    """The entries of one of `cells`."""
    return [(f.kind, f.type or "other", f.value, f.canonical, RULE) for f in _read(notes.points, text)]


def _read(reader: Callable[..., list[Found]], text: str) -> list[Found]:
    found: list[Found] = parted(reader)(text)
    return found


@lru_cache(maxsize=1 << 14)
def _lines(text: str) -> tuple[str, ...]:
    return tuple(f.value for f in _read(note_addresses.addresses, text)[:MOST])


def places(batch: Batch, columns: tuple[str, ...]) -> pa.Table | None:
    """Rows of `addresses` (row, position, type, `columns`, since) from all notes; None where they hold none."""
    country = Cells.constant(batch.source.country, batch.rows)
    rows: list[int] = []
    positions: list[int] = []
    lines: list[str] = []
    for nth, header in enumerate(batch.plan.notes):
        held = cells(batch, header, country)
        found = [_lines(v) if v else () for v in held.values.to_pylist()]
        for row, code in enumerate(held.codes.to_pylist()):
            for n, line in enumerate(found[code] if code is not None else ()):
                rows.append(row)
                positions.append(len(batch.plan.places) + nth * MOST + n)
                lines.append(line)
    return _table(batch, rows, positions, lines, columns) if rows else None


def _table(batch: Batch, rows: list[int], positions: list[int], lines: list[str], columns: tuple[str, ...]) -> pa.Table:
    read = Cells.of(pa.array(lines, TEXT)).read(
        partial(addresses.read, batch.source.country), len(addresses.Address._fields)
    )
    size = len(rows)
    at = pa.array(rows, pa.int64())
    batch.doubts.note(
        "addresses", "full", pa.array([RULE] * size, TEXT), pa.array(lines, TEXT),
        rows=at, positions=pa.array(positions, pa.int32()),
    )  # fmt: skip
    parts = {name: column.column() for name, column in zip(columns, read, strict=False)}
    return pa.table({
        "row": at, "position": pa.array(positions, pa.int32()), "type": pa.array(["other"] * size, TEXT),
        **parts, "since": pa.nulls(size, TEXT),
    })  # fmt: skip
