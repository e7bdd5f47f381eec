"""Letters that were garbled before the file was written (UTF-8 read as a code page and saved again): found and said.

Nothing is repaired here: the raw row stays as it stood, and `rules.standardise` restores what can be restored.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

MOST = 2_000
"""Different values of a column that are looked at one by one."""


def notes(table: pa.Table, lines: pa.Array) -> tuple[str, ...]:
    """One note for all columns with garbled letters, with the lines (int64, from 1) they stand in; none if sound."""
    found = [(name, rows) for name, rows in _columns(table) if len(rows)]
    if not found:
        return ()
    every = np.unique(np.concatenate([rows for _, rows in found]))
    numbers = lines.to_numpy()[every[:5]].tolist()
    shown = ", ".join(map(str, numbers)) + (" …" if len(every) > 5 else "")
    many = f"{len(every)} rows hold" if len(every) > 1 else "1 row holds"
    where = ", ".join(f"{name!r}" for name, _ in found)
    place = f"columns {where}" if len(found) > 1 else f"column {where}"
    said = f"{many} letters garbled by a wrong encoding ({place}; {'lines' if len(every) > 1 else 'line'} {shown}): "
    return (f"{said}restored when standardised where that is possible, but better exported again",)


def _columns(table: pa.Table) -> Iterator[tuple[str, npt.NDArray[np.int64]]]:
    """Each column with letters beyond ASCII, and its rows with garbled ones."""
    for name, column in zip(table.column_names, table.columns, strict=True):
        if not pc.all(pc.string_is_ascii(column)).as_py():
            yield name, _rows(column)


def _rows(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    from rules.standardise import mojibake

    beyond = pc.invert(pc.string_is_ascii(column))
    loose = pc.fill_null(pc.and_(beyond, pc.match_substring_regex(column, mojibake.LOOSE)), False)
    values = pc.unique(column.filter(loose)).slice(0, MOST).to_pylist()
    garbled = [v for v in values if mojibake.restored(v) != v or mojibake.is_garbled(v)]
    if not garbled:
        return np.zeros(0, np.int64)
    hits = pc.fill_null(pc.is_in(column, value_set=pa.array(garbled, pa.string())), False)
    return np.flatnonzero(hits.to_numpy())
