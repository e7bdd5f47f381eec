"""Which customers must survive anew: those of which anything changed that a golden record is made of.

A golden record depends on its members' standard records, on what was decided about them, on its household, and on what
all customers share: the rules of survivorship, the trust in sources, how often words are written, the program. Where
one of the last has changed, everybody is touched.
"""

import hashlib
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from connectors.store.runs import RunFolder
from pipelines import ahead
from pipelines.context import Run
from rules import duck, fingerprint
from rules import vocabulary as words

STAGE: Final = "survive"
INPUTS: Final = pa.schema([("shared", pa.string()), ("today", pa.string())])
"""The table `inputs`, one row: a fingerprint of what all customers share, and the day of the run."""
DECIDED: Final = ("left_source", "left_id", "field", "value", "seq")
DATED: Final = {"records": ("entered_at", "updated_at"), "points": ("since",), "addresses": ("since",)}
"""Columns whose dates do not count while they lie ahead."""
MOST: Final = 0.3
"""Where more customers than this share are touched, all survive anew: that is quicker."""


def write(run: Run, rules: str, decided: pa.Table) -> None:
    """Keep what the golden records of this run depend on besides their records."""
    row = {"shared": _shared(run, rules), "today": _today(run)}
    run.folder.write(STAGE, "inputs", pa.Table.from_pylist([row], INPUTS))
    run.folder.write(STAGE, "decided", _values(decided))


def customers(run: Run, rules: str, clusters: pa.Table, decided: pa.Table) -> pa.Array | None:
    """Golden ids of today and yesterday that are touched; None where all are."""
    before = run.base
    if before is None or not before.parts(STAGE, "inputs") or not before.parts("identify", "clusters"):
        return None
    then = before.read(STAGE, "inputs").to_pylist()[0]
    same_words = run.folder.parts(STAGE, "frequencies") == before.parts(STAGE, "frequencies")
    if then["shared"] != _shared(run, rules) or not same_words:
        return None
    come = come_true(run.folder, then["today"], _today(run))
    changed = pa.concat_tables([records(run.folder, before), _decided(before, decided), come])
    found = _golden(run, before, clusters, changed)
    return None if len(found) > MOST * max(len(pc.unique(clusters["golden_id"])), 1) else found


def members(run: Run, clusters: pa.Table, touched: pa.Array, unread: frozenset[str]) -> dict[str, pa.Table]:
    """The standard tables of the members of some customers, without the columns of `unread`."""
    theirs = clusters.filter(pc.is_in(clusters["golden_id"], value_set=touched))
    found = {}
    with duck.session() as con:
        con.register("theirs", theirs)
        for name, schema in words.STANDARD_TABLES.items():
            if not run.folder.parts("validate", name):
                found[name] = schema.empty_table()
                continue
            run.folder.view(con, "validate", name)
            rows = con.sql(f"from {name} semi join theirs using (source, record_id)").to_arrow_table()
            found[name] = rows.drop_columns([c for c in rows.column_names if c in unread])
    return found


def contacts(run: Run) -> pa.Table:
    """Source, record_id and contact_of of every record that is a contact."""
    with duck.session() as con:
        run.folder.view(con, "validate", "records")
        sql = "select source, record_id, contact_of from records where contact_of is not null"
        return con.sql(sql).to_arrow_table()


def _shared(run: Run, rules: str) -> str:
    """A fingerprint of what golden records of different customers share, but for how often words are written."""
    trust = sorted((name, source.trust) for name, source in run.workspace.sources.items())
    return hashlib.sha256(repr((fingerprint.program(), rules, trust)).encode()).hexdigest()


def _keys(source: str, ids: pa.Array | pa.ChunkedArray) -> pa.Table:
    return pa.table({"source": pa.repeat(source, len(ids)), "record_id": ids.cast(pa.string())})


def records(now: RunFolder, before: RunFolder) -> pa.Table:
    """Keys of the records whose standard records came, went or changed; more where a part was written whole."""
    found = [_keys("", pa.array([], pa.string()))]
    for table in words.STANDARD_TABLES:
        old, new = (folder.parts("validate", table) for folder in (before, now))
        for source in sorted({*old, *new}):
            both = [parts[source] for parts in (new, old) if source in parts]
            keys = both[0].replaced_since(both[1]) if len(both) > 1 else None
            each = [keys] if keys is not None else [part.read(["record_id"]) for part in both]
            found += [_keys(source, k["record_id"]) for k in each]
    return pa.concat_tables(found).group_by(["source", "record_id"]).aggregate([])


def _values(decisions: pa.Table) -> pa.Table:
    """The decisions on values."""
    return decisions.filter(pc.equal(decisions["kind"], "value")).select(list(DECIDED))


def _decided(before: RunFolder, decisions: pa.Table) -> pa.Table:
    """Keys of the records on whose values something else is decided than before."""
    with duck.session() as con:
        con.register("now", _values(decisions))
        before.view(con, STAGE, "decided")
        sql = """
            select distinct left_source as source, left_id as record_id
            from ((from now except from decided) union all (from decided except from now))"""
        return con.sql(sql).to_arrow_table()


def come_true(folder: RunFolder, then: str, today: str) -> pa.Table:
    """Keys of the records with a date that lay ahead on an earlier day, and does no more."""
    found = [_keys("", ahead.NOBODY)]
    for table, names in DATED.items():
        for source, part in folder.parts("validate", table).items():
            found += [_keys(source, ahead.ids(part, name, then, today)) for name in names]
    return pa.concat_tables(found).group_by(["source", "record_id"]).aggregate([])


def due(run: Run, looked: RunFolder) -> bool:
    """Whether the day alone lets customers survive otherwise than in an earlier run."""
    then = looked.read(STAGE, "inputs").to_pylist()[0]["today"]
    return len(come_true(looked, then, _today(run))) > 0


def _today(run: Run) -> str:
    return run.started.date().isoformat()


def _golden(run: Run, before: RunFolder, clusters: pa.Table, changed: pa.Table) -> pa.Array:
    """Golden ids whose members, or whose household, are others, or one of whose members changed."""
    with duck.session() as con:
        con.register("now", clusters.select(["source", "record_id", "golden_id"]))
        con.register("was", before.read("identify", "clusters", columns=["source", "record_id", "golden_id"]))
        con.register("changed", changed)
        con.register("home", _homes(run.folder))
        con.register("past", _homes(before))
        found = con.sql("""
            select distinct golden_id from (
                select golden_id from now anti join was using (source, record_id, golden_id)
                union all select golden_id from was anti join now using (source, record_id, golden_id)
                union all select golden_id from now semi join changed using (source, record_id)
                union all select golden_id from home anti join past using (golden_id, household_id)
                union all select golden_id from past anti join home using (golden_id, household_id))
            where golden_id is not null order by 1""").to_arrow_table()
    return found["golden_id"].combine_chunks()


def _homes(folder: RunFolder) -> pa.Table:
    if not folder.parts("identify", "households"):
        return pa.table({"golden_id": pa.array([], pa.string()), "household_id": pa.array([], pa.string())})
    return folder.read("identify", "households").select(["golden_id", "household_id"])
