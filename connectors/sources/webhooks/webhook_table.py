"""Responses of a form, read from webhooks, as a raw table: the same columns run after run, though payloads differ."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from connectors.sources.webhooks import webhook_answers
from connectors.sources.webhooks.webhook_answers import Cells
from rules.keys import hashed
from rules.vocabulary import RAW_PREFIX

EVENT, TIME, RESPONSE, MORE = "event id", "event time", "response id", "further answers"
MOST_COLUMNS: Final = 2000
"""Different questions; the answers to further ones stand together, as JSON, in one column."""


@dataclass(frozen=True)
class Row:
    """One response: where it stands, its ids and time, its answers."""

    file: str
    line: int
    event: str | None
    time: str | None
    response: str
    cells: Cells


def as_table(rows: Sequence[Row], wanted: Iterable[str]) -> tuple[pa.Table, list[str]]:
    """The raw table, and the mapped columns that no payload holds."""
    names = _columns(rows)
    columns: dict[str, list[str | None]] = {}
    columns[EVENT], columns[TIME] = [r.event for r in rows], [r.time for r in rows]
    columns[RESPONSE] = [r.response for r in rows]
    column_of = {key: name for name, keys in names.items() for key in keys}
    columns |= {name: [None] * len(rows) for name in names}
    for number, row in enumerate(rows):
        for key, cell in row.cells.items():
            name = column_of.get(key)
            if cell and name is not None and columns[name][number] is None:
                columns[name][number] = cell
    if len(names) == MOST_COLUMNS:
        kept = {key for keys in names.values() for key in keys}
        columns[MORE] = [webhook_answers.text({k: v for k, v in r.cells.items() if k not in kept and v}) for r in rows]
    lacking = [name for name in wanted if name not in columns]
    table = pa.table({
        "_record_id": pa.nulls(len(rows), pa.string()), "_file": _texts([row.file for row in rows]),
        "_sheet": pa.nulls(len(rows), pa.string()), "_line": pa.array([row.line for row in rows], pa.int64()),
        "_hash": pa.nulls(len(rows), pa.string()),
        **{name: _texts(cells) for name, cells in columns.items()},
        **{name: pa.nulls(len(rows), pa.string()) for name in lacking},
    })  # fmt: skip
    return hashed(table), lacking


def _columns(rows: Iterable[Row]) -> dict[str, list[str]]:
    """Column -> its names in the payloads, in the order in which they come.

    Names that differ only in case are one column, but two where one payload has both.
    """
    both = {name for row in rows for name in _twice(row.cells)}
    columns: dict[str, list[str]] = {}
    spelled = {name.casefold(): name for name in (*RAW_PREFIX, EVENT, TIME, RESPONSE, MORE)}
    seen: set[str] = set()
    for key in (key for row in rows for key in row.cells):
        if key in seen or len(columns) == MOST_COLUMNS:
            continue
        seen.add(key)
        known = spelled.get(key.casefold())
        if known in columns and key.casefold() not in both:
            columns[known].append(key)
            continue
        name, count = key, 1
        while name.casefold() in spelled:
            count += 1
            name = f"{key} ({count})"
        spelled[name.casefold()] = name
        columns[name] = [key]
    return columns


def _twice(names: Iterable[str]) -> set[str]:
    """Names that stand there twice but for their case, folded."""
    counted = Counter(name.casefold() for name in names)
    return {name for name, count in counted.items() if count > 1}


def _texts(values: list[str | None]) -> pa.Array:
    """Texts as a column; half a character (a lone surrogate, as `\\ud800` makes it) is written as its code."""
    try:
        return pa.array(values, pa.string())
    except UnicodeEncodeError:
        mended = (None if v is None else v.encode("utf-8", "backslashreplace").decode() for v in values)
        return pa.array(list(mended), pa.string())
