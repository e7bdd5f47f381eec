"""Which column of a source may be the key of its records: a proposal for a declaration, that a person corrects."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.read.look import Column
from reports.format import listing
from rules import column_values, meaning

FEW: Final = 2
"""Values that may stand on several rows of a column that is called like a key; of large tables one in a thousand."""


@dataclass(frozen=True)
class Keys:
    """The columns of the table that tells what a source is, that table, and all tables of the source."""

    columns: Sequence[Column]
    table: pa.Table
    tables: Sequence[pa.Table]

    @cached_property
    def best(self) -> str | None:
        """The column that is called like a key and has another value in every row, but for a few; else form numbers."""
        named = [c.name for c in self.columns if self._is_key(c)]
        numbers = (c.name for c in self.columns if _means(c, "form_no") and self._tells_apart(c.name))
        called = (c.name for c in self.columns if self._is_nearly_key(c.name))
        return next(iter(named), None) or next(numbers, None) or next(called, None)

    @property
    def told(self) -> str:
        """What is to be said of `best`."""
        twice = self._twice(self.best) if self.best else []
        if not twice:
            return "the record's key: every row has another"
        stand = "stands" if len(twice) == 1 else "stand"
        return f"the record's key, but {listing(twice, FEW + 1)} {stand} on several rows: which is right?"

    @property
    def unique(self) -> str | None:
        """A column that nothing is known of but that every row has another value in it."""
        columns = (c.name for c in self.columns if c.meaning is None or c.meaning.target == "ignore")
        return next((name for name in columns if self._tells_apart(name)), None)

    def _is_key(self, column: Column) -> bool:
        values = self.table[column.name]
        told = column.meaning is not None and column.meaning.is_key and column.filled == len(values)
        return told and bool(pc.count_distinct(values).as_py() == len(values))

    def _is_nearly_key(self, name: str) -> bool:
        values = self._filled(name)
        if values is None or not meaning.is_called_key(name, column_values.look(values)):
            return False
        more = len(values) - int(pc.count_distinct(values).as_py())
        return more <= max(FEW, len(values) // 1000) and 4 * more < len(values)

    def _twice(self, name: str) -> list[str]:
        """The values that stand on several rows."""
        values = self._filled(name)
        counts = [] if values is None else pc.value_counts(values).to_pylist()
        return [value["values"] for value in counts if value["counts"] > 1]

    def _tells_apart(self, name: str) -> bool:
        """Whether every row of all tables has a value in a column, and each another."""
        values = self._filled(name)
        return values is not None and bool(pc.count_distinct(values).as_py() == len(values))

    def _filled(self, name: str) -> pa.ChunkedArray | None:
        """A column of all tables, where every row of them has a value in it."""
        every = self.tables
        if sum(map(len, every)) < 2 or any(name not in t.column_names or t[name].null_count for t in every):
            return None
        return pa.chunked_array([chunk for table in every for chunk in table[name].chunks], pa.string())


def _means(column: Column, target: str) -> bool:
    return column.meaning is not None and column.meaning.target == target
