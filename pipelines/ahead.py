"""What the day alone changes: dates that lay ahead when a run looked, and do no more.

Rules may compare with `$today`, and survivorship counts no date that lies ahead. So a record can come to something else
on a night on which nothing about it was written anew.
"""

from collections.abc import Iterable
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from connectors.store.parts import Part
from connectors.store.runs import RunFolder
from rules.expectations import needless
from rules.expectations.columns import NEVER_EMPTY
from rules.expectations.rule import Check

NOBODY: Final = pa.array([], pa.string())
LAST: Final = "~"
"""Sorts behind whatever follows the day in a time."""


def ids(part: Part, column: str, then: str, now: str, *, from_then: bool = False) -> pa.Array:
    """Ids of the rows with a date (ISO, maybe a time, or cut to month or year) after the day `then`, up to `now`.

    `from_then`: the day `then` and times on it among them.
    """
    if then == now:
        return NOBODY
    if column not in part.schema.names:  # cells as they landed have dates of any form
        every = column.startswith(NEVER_EMPTY)
        return _ids(part.read(["record_id"])) if every else NOBODY
    low, high = sorted((then, now))
    date = pc.field(column)
    found = (date >= low) if from_then else (date > low + LAST)
    if begun := [low[:n] for n in (4, 7) if from_then and low[:n] != high[:n]]:
        found |= date.isin(begun)
    return _ids(part.read(["record_id"], found & (date <= high + LAST)))


def tested(folder: RunFolder, source: str, checks: Iterable[Check], then: str, now: str) -> pa.Array:
    """Ids of a source's standard records and facts of which a rule may judge otherwise `now`."""
    found = [NOBODY]
    for each in needless.dated(checks):
        part = folder.parts("standardise", each.table).get(source)
        if part is not None:
            found.append(ids(part, each.column, then, now, from_then=each.from_then))
    return pc.unique(pa.concat_arrays(found))


def _ids(rows: pa.Table) -> pa.Array:
    return rows["record_id"].cast(pa.string()).combine_chunks()
