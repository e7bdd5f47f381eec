"""What validate tests: a source whole, or the rows of some of its records; only the columns that a rule looks at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from connectors.store.parts import Part
from connectors.store.runs import RunFolder
from rules.expectations import checking, columns
from rules.expectations.suites import Suites
from rules.standardise.record_table import CONTACT

KEYS = pa.schema([("source", pa.string()), ("record_id", pa.string())])


@dataclass(frozen=True)
class Portion:
    """What of a source is tested: all of it, or the rows of some records and all of its facts, or none of them."""

    ids: pa.Array | None = None
    """Ids of the records; None: of all."""
    facts: bool = True
    others: Mapping[str, pa.Table] = field(default_factory=dict)
    """Table -> rows that are not tested and yet count (helpers.Rows)."""

    @property
    def due(self) -> bool:
        return self.ids is None or len(self.ids) > 0 or self.facts

    def has(self, table: str) -> bool:
        """Whether any rows of a table may be tested."""
        return table != "facts" or self.facts

    def read(self, part: Part, table: str, names: list[str] | None = None) -> pa.Table:
        """Its rows of a part, whole or some columns."""
        found = None if names is None else [n for n in names if n in part.schema.names]
        chosen = None if self.ids is None or table == "facts" else pc.field("record_id").isin(self.ids)
        return part.read(found, chosen)


def tables(folder: RunFolder, portions: Mapping[str, Portion], suites: Suites) -> dict[str, pa.Table]:
    """The tables that checking.check asks for."""
    needed = checking.needed(suites, list(portions))
    raw = [c for c in needed["records"] if c.startswith(columns.NEVER_EMPTY)]
    needed["records"] = [c for c in needed["records"] if c not in raw]
    found = {table: _read(folder, table, portions, names) for table, names in needed.items()}
    whole = {table: data for table, data in found.items() if data is not None}
    if raw and "records" in whole:
        whole["records"] = _with_raw(folder, whole["records"], portions, raw)
    return {**whole, "keys": _keys(folder, whole)}


def others(portions: Mapping[str, Portion]) -> dict[str, pa.Table]:
    """The rows that are not tested and yet count, of all sources together."""
    found = {table for portion in portions.values() for table in portion.others}
    return {
        table: pa.concat_tables(
            [p.others[table] for p in portions.values() if table in p.others], promote_options="permissive"
        )
        for table in sorted(found)
    }


def _read(folder: RunFolder, table: str, portions: Mapping[str, Portion], names: list[str]) -> pa.Table | None:
    """Some columns of what is tested of a table, in order of source; None where no source has it.

    A column that only a source has which is not tested now is there, and empty.
    """
    parts = folder.parts("standardise", table)
    mine = [(source, p) for source, p in sorted(portions.items()) if source in parts and p.has(table)]
    found = [portion.read(parts[source], table, names) for source, portion in mine]
    if not found:
        return None
    had = pa.unify_schemas([part.schema for part in parts.values()], promote_options="permissive")
    form = pa.schema([had.field(n) for n in names if n in had.names])
    return pa.concat_tables([form.empty_table(), *found], promote_options="permissive")


def _keys(folder: RunFolder, tables: Mapping[str, pa.Table]) -> pa.Table:
    """The keys of all records of the run, where any row names one."""
    named = [tables[t][c] for t, c in (("records", "contact_of"), ("facts", "customer_id"))
             if t in tables and c in tables[t].column_names]  # fmt: skip
    if all(column.null_count == len(column) for column in named):
        return KEYS.empty_table()
    parts = folder.parts("standardise", "records").values()
    return pa.concat_tables([KEYS.empty_table(), *(p.read(KEYS.names).cast(KEYS) for p in parts)])


def _with_raw(folder: RunFolder, records: pa.Table, sources: Iterable[str], names: list[str]) -> pa.Table:
    """Records with `raw:COLUMN` for each name: the cell of the row they were read from; blank counts as empty.

    A contact has no row of its own: what it lacks is told of its organisation.
    """
    key = pc.binary_join_element_wise(records["source"], records["record_id"], ":").combine_chunks()
    for name in names:
        rows = [_raw(part, source, name.removeprefix(columns.NEVER_EMPTY))
                for source, part in folder.parts("land", "raw").items() if source in sources]  # fmt: skip
        raw = pa.concat_tables([_RAW.empty_table(), *rows]).combine_chunks()
        at = pc.index_in(key, value_set=raw["key"].combine_chunks())
        told = pc.and_(pc.is_null(at), pc.ends_with(key, CONTACT))
        records = records.append_column(name, pc.if_else(told, pa.scalar(CONTACT), raw["cell"].take(at)))
    return records


_RAW = pa.schema([("key", pa.string()), ("cell", pa.string())])


def _raw(part: Part, source: str, column: str) -> pa.Table:
    """The keys of a source's rows and one cell of each; none where the source has no such column."""
    if column not in part.schema.names:
        return _RAW.empty_table()
    rows = part.read(["_record_id", column])
    trimmed = pc.utf8_trim_whitespace(rows[column].cast(pa.string()))
    cell = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)
    key = pc.binary_join_element_wise(pa.scalar(source), rows["_record_id"].cast(pa.string()), ":")
    return pa.table({"key": key, "cell": cell}, schema=_RAW)
