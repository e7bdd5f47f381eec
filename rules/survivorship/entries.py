"""Who speaks: the records (or addresses) of each golden record, in one order, with the weight of their word.

Rows are sorted by golden record, then source, then record id, so that the order of the input changes nothing.
Columns are fetched one at a time: a million records of forty columns need not be moved at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.duck import ask
from rules.survivorship import text
from rules.survivorship.runs import Bools, Floats, Ints, Runs

Doubts: TypeAlias = Mapping[tuple[str, str], Ints]
"""(field, flag) -> rows of the table that bear it."""


@dataclass(frozen=True)
class Members:
    """The records of all golden records, one row a record."""

    golden: Ints
    """Number of the golden record: its place in `ids`."""
    ids: pa.Array
    """Golden ids, sorted."""
    row: Ints
    """Row in `records`."""
    source: Ints
    """Place in `sources`."""
    sources: pa.Array
    record_id: pa.Array
    trust: Floats
    date: Floats
    """When the record was last true, in days; -1 where it does not say."""
    silent: Bools
    """Our own values come back from a CRM: they do not vote while anyone else speaks."""
    records: pa.Table

    def column(self, name: str) -> pa.Array:
        return pc.take(self.records[name].combine_chunks(), pa.array(self.row))


def members(
    records: pa.Table, clusters: pa.Table, trust: Mapping[str, float], default_trust: float, today: str
) -> Members:
    """The records that clusters name. Records in no cluster and clusters of no record are left out."""
    joined = _joined(records, clusters)
    ids = pc.dictionary_encode(joined["golden_id"]).combine_chunks()
    names = pc.dictionary_encode(joined["source"]).combine_chunks()
    sources = pc.take(names.dictionary, pc.sort_indices(names.dictionary))
    source = _ints(pc.index_in(joined["source"].combine_chunks(), value_set=sources))
    trusts = np.array([trust.get(name, default_trust) for name in sources.to_pylist()], np.float64)
    row = _ints(joined["row"].combine_chunks())
    golden = _ints(ids.indices)
    date = np.full(len(row), -1.0)
    for name in ("entered_at", "updated_at"):
        if name in records.column_names:
            found = known_days(pc.take(records[name].combine_chunks(), pa.array(row)), today)
            date = np.where(found >= 0, found, date)
    silent = _silent(records, row, golden)
    return Members(
        golden, ids.dictionary, row, source, sources, joined["record_id"].combine_chunks(),
        trusts[source] if len(source) else np.zeros(0), date, silent, records,
    )  # fmt: skip


def known_days(dates: pa.Array, today: str) -> Floats:
    """Days of dates; one that lies ahead is a slip, not the latest word."""
    days = text.days(dates)
    limit = text.days(pa.array([today], pa.string()))[0]
    return np.where(days > limit, -1.0, days)


def _joined(records: pa.Table, clusters: pa.Table) -> pa.Table:
    keys = records.select(["source", "record_id"]).append_column("row", pa.array(np.arange(len(records))))
    named = clusters.select(["source", "record_id", "golden_id"])
    return ask(
        "select golden_id, source, record_id, row from keys join named using (source, record_id) "
        "where golden_id is not null and golden_id <> '' order by golden_id, source, record_id, row",
        keys=keys,
        named=named,
    )


def _silent(records: pa.Table, row: Ints, golden: Ints) -> Bools:
    if "returned" not in records.column_names or not len(row):
        return np.zeros(len(row), bool)
    returned = pc.is_in(pc.take(records["returned"], pa.array(row)), pa.array(["true", "1", "yes"])).to_numpy()
    runs = Runs.over(golden)
    return np.asarray(returned & runs.any(~returned)[runs.of])


@dataclass(frozen=True)
class Entries:
    """What is voted on: records, or addresses; one row an entry, sorted by golden record."""

    members: Members
    member: Ints
    """Row of `members`."""
    table: pa.Table
    row: Ints
    """Row of `table`."""
    date: Floats
    weight: Floats
    """Of the entry's type; 1 where types do not matter."""
    doubts: Doubts
    golden: Ints
    exchanged: Mapping[str, tuple[str, Bools]] = field(default_factory=dict)
    """Column -> the column that holds its value in the rows marked."""
    _cache: dict[str, pa.Array] = field(default_factory=dict, repr=False)

    def column(self, name: str) -> pa.Array:
        """A column as it stood, blank cells null; a column that is missing is null."""
        if name not in self._cache:
            self._cache[name] = self._fetch(name)
        return self._cache[name]

    def forget(self) -> None:
        self._cache.clear()

    def _fetch(self, name: str) -> pa.Array:
        own = self._stored(name)
        if name not in self.exchanged:
            return own
        other, rows = self.exchanged[name]
        return pc.if_else(pa.array(rows), self._stored(other), own)

    def _stored(self, name: str) -> pa.Array:
        if name not in self.table.column_names:
            return pa.nulls(len(self.row), pa.string())
        values = pc.take(self.table[name].combine_chunks(), pa.array(self.row))
        return pc.if_else(pc.equal(pc.utf8_trim_whitespace(values), ""), None, values)

    def flagged(self, name: str, flag: str) -> Bools:
        """The entries whose column bears a flag; an exchanged value takes its flags along."""
        own = self._flagged(name, flag)
        if name not in self.exchanged:
            return own
        other, rows = self.exchanged[name]
        return np.where(rows, self._flagged(other, flag), own)

    def _flagged(self, name: str, flag: str) -> Bools:
        marked = self.doubts.get((name, flag))
        if marked is None:
            return np.zeros(len(self.row), bool)
        flags = np.zeros(len(self.table), bool)
        flags[marked] = True
        return flags[self.row]

    def doubted(self) -> set[str]:
        return {name for name, _ in self.doubts}

    def only(self, rows: Ints) -> "Entries":
        """Some of these entries, in the same order."""
        return replace(
            self, member=self.member[rows], row=self.row[rows], date=self.date[rows], weight=self.weight[rows],
            golden=self.golden[rows], exchanged={a: (b, m[rows]) for a, (b, m) in self.exchanged.items()}, _cache={},
        )  # fmt: skip

    def exchanging(self, pairs: Mapping[str, str], rows: Bools) -> "Entries":
        """These entries with two columns (and their comparison forms) exchanged in some rows."""
        both = {**pairs, **{b: a for a, b in pairs.items()}}
        return replace(self, exchanged={a: (b, rows) for a, b in both.items()}, _cache={})


def of_records(people: Members, doubts: Doubts) -> Entries:
    """One entry a record that may vote."""
    at = np.flatnonzero(~people.silent)
    return Entries(
        people, at, people.records, people.row[at], people.date[at], np.ones(len(at)), doubts, people.golden[at]
    )


def of_list(people: Members, table: pa.Table, types: Mapping[str, float], doubts: Doubts, today: str) -> Entries:
    """One entry a row of a list (addresses, points), in the order of the records and of their positions."""
    keys = table.select(["source", "record_id", "position"]).append_column("row", pa.array(np.arange(len(table))))
    owners = pa.table({
        "source": pc.take(people.sources, pa.array(people.source)),
        "record_id": people.record_id,
        "member": np.arange(len(people.row)),
    }).filter(pa.array(~people.silent))  # fmt: skip
    joined = ask(
        "select member, row from keys join owners using (source, record_id) order by member, position, row",
        keys=keys,
        owners=owners,
    )
    member, row = _ints(joined["member"].combine_chunks()), _ints(joined["row"].combine_chunks())
    since = known_days(pc.take(table["since"].combine_chunks(), pa.array(row)), today)
    date = np.where(since >= 0, since, people.date[member])
    entries = Entries(people, member, table, row, date, np.ones(len(row)), doubts, people.golden[member])
    if not types:
        return entries
    kinds = entries.column("type")
    weights = np.array([*(types[t] for t in types), types.get("other", 1.0)])
    at = pc.fill_null(pc.index_in(kinds, value_set=pa.array(list(types), pa.string())), len(types))
    return replace(entries, weight=weights[_ints(at)])


def doubts_of(flags: pa.Table, table: pa.Table, name: str, spread: Mapping[str, tuple[str, ...]]) -> Doubts:
    """The rows of a table that bear each flag; a flag on a key of `spread` counts for all its fields.

    A flag on a list that names no position is of a cell that made no entry, and concerns none.
    """
    mine = flags.filter(pc.equal(flags["table"], name))
    if not len(mine):
        return {}
    keyed = table.select(["source", "record_id"]).append_column("row", pa.array(np.arange(len(table))))
    position = table["position"] if "position" in table.column_names else pa.nulls(len(table), pa.int32())
    keyed = keyed.append_column("position", position)
    found = ask(
        "select f.field, f.flag, k.row from mine f join keyed k on f.source = k.source "
        "and f.record_id = k.record_id and f.position is not distinct from k.position order by all",
        mine=mine,
        keyed=keyed,
    )
    return _by_field(found, spread)


def _by_field(found: pa.Table, spread: Mapping[str, tuple[str, ...]]) -> Doubts:
    rows = found["row"].to_numpy()
    kinds = (
        found.select(["field", "flag"]).group_by(["field", "flag"], use_threads=False).aggregate([([], "count_all")])
    )
    doubts: dict[tuple[str, str], Ints] = {}
    start = 0
    for kind in kinds.to_pylist():
        marked = rows[start : start + kind["count_all"]]
        start += kind["count_all"]
        for target in spread.get(kind["field"], (kind["field"],)):
            key = (target, kind["flag"])
            doubts[key] = np.union1d(doubts.get(key, marked), marked)
    return doubts


def _ints(values: pa.Array) -> Ints:
    return np.asarray(values.to_numpy(zero_copy_only=False), np.int64)
