"""What changed in a database since the last published snapshot, and that snapshot brought up to date."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from connectors.sources.databases.sql_values import typed
from rules import keys
from rules.schema import Source
from rules.vocabulary import RAW_PREFIX

AHEAD = dt.timedelta(days=1)
"""How far a clock may be wrong: a time beyond that hides no later change, since it does not count as the highest."""


@dataclass(frozen=True)
class Doubt:
    """Why everything has to be asked for."""

    reason: str


@dataclass(frozen=True)
class Laid:
    """A snapshot brought up to date, and how many rows were asked for, were not what they were, were left alone."""

    raw: pa.Table
    asked: int
    changed: int
    kept: int


def highest(before: pa.Table, names: Sequence[str], source: Source, example: Any) -> Any:
    """The highest watermark of a snapshot, in the type of an example out of the database; else a Doubt."""
    if set(names) != set(keys.own_columns(before)):
        return Doubt("its columns are not those of the published snapshot")
    column = next((n for n in names if n.casefold() == str(source.watermark).casefold()), None)
    if column is None or example is None:
        return Doubt("no row has a watermark")
    try:
        values = [typed(words, example) for words in pc.unique(before[column]).to_pylist() if words is not None]
    except ValueError:
        return Doubt("the published watermarks are not all of the type that the database has now")
    known = [value for value in values if not _ahead(value)]
    return max(known) if known else Doubt("the published snapshot has no watermark to go by")


def _ahead(value: Any) -> bool:
    if isinstance(value, dt.datetime):
        return value > dt.datetime.now(value.tzinfo or dt.UTC).replace(tzinfo=value.tzinfo) + AHEAD
    return isinstance(value, dt.date) and value > dt.datetime.now(dt.UTC).date() + AHEAD


def laid_over(before: pa.Table, asked: pa.Table, ids: Sequence[str]) -> Laid | str:
    """A snapshot in which the rows that were asked for stand in place of those of the same id, and new ones after.

    Both are raw tables of the same columns; keys are left to be made anew. The reason as text where ids repeat: which
    row of an id changed cannot be told then.
    """
    was, now = keys.declared(before, ids), keys.declared(asked, ids)
    if was.notes or now.notes:
        return "ids stand more than once"
    kept = before.filter(pc.invert(pc.is_in(was.ids, value_set=now.ids.drop_null())))
    known = dict(zip(was.ids.to_pylist(), before["_hash"].to_pylist(), strict=True))
    changed = sum(known.get(i) != h for i, h in zip(now.ids.to_pylist(), asked["_hash"].to_pylist(), strict=True))
    raw = pa.concat_tables([kept.select(asked.column_names).cast(asked.schema), asked])
    lines = pa.array(range(1, len(raw) + 1), pa.int64())
    raw = raw.set_column(RAW_PREFIX.index("_line"), asked.schema.field("_line"), lines)
    blank = pa.nulls(len(raw), pa.string())
    raw = raw.set_column(RAW_PREFIX.index("_record_id"), asked.schema.field("_record_id"), blank)
    return Laid(raw.combine_chunks(), len(asked), changed, len(kept))
