"""A run as the stages before identify leave it, made up for tests: land, validate, match and (from identify) survive.

night(root, 1, {"crm:1": Record(cluster=1, name="Ada")}) -> Run
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from connectors.store.runs import RunFolder
from connectors.store.state import Store
from connectors.workspace import Workspace
from pipelines.context import Run
from pipelines.identify import identify
from rules import schema
from rules.vocabulary import CONTACT_POINTS, FACTS, GOLDEN, PAIRS, PROVENANCE, QUARANTINE, RELATIONS, RESULTS, SOURCES

START = datetime(2026, 1, 1, 3, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Record:
    """One record of a night: its cluster of that night (None: quarantined), and its only value."""

    cluster: int | None
    name: str = "Ada"
    household: str | None = None


FIRST = {
    "crm:1": Record(1, "Ada", "h"),
    "crm:2": Record(2, "Bob", "h"),
    "crm:3": Record(3, "Cy"),
    "shop:1": Record(1, "Ada"),
    "shop:2": Record(4, "Dot"),
}
# Cy is merged into Ada, Dot changes her name, Bob is gone, Eve is new, a row is quarantined.
SECOND = {
    "crm:1": Record(1, "Ada", "h"),
    "crm:3": Record(1, "Cy"),
    "shop:1": Record(1, "Ada"),
    "shop:2": Record(4, "Dorothy"),
    "shop:3": Record(5, "Eve"),
    "shop:4": Record(None),
}


def workspace(root: Path, *names: str, append: tuple[str, ...] = ()) -> Workspace:
    """A workspace with these sources; those in `append` only ever add rows."""
    made = {
        name: schema.Source(kind="csv", location=f"inbox/{name}.csv", mode="append" if name in append else "full")
        for name in names
    }
    return Workspace(root, schema.Firm(), made)


def night(
    space: Workspace,
    number: int,
    records: Mapping[str, Record],
    states: Mapping[str, str] | None = None,
    url: str | None = None,
) -> Run:
    """A run up to `match`; `states` of sources that did not land. Close its store when done."""
    store = Store.open(url or f"sqlite:///{space.root}/var/goldseam.db")
    run_id = f"run-{number:03d}"
    run = Run(space, RunFolder.open(space.var / "runs", run_id), store, START + timedelta(days=number))
    if run_id not in store.runs()["run_id"].to_pylist():
        store.begin_run(run_id, run.started)
    _land(run, states or {})
    _validate(run, [key for key, r in records.items() if r.cluster is None])
    _match(run, {key: r for key, r in records.items() if r.cluster is not None})
    return run


def survive(run: Run, records: Mapping[str, Record]) -> None:
    """The golden table of a run after `identify`: the smallest name of a customer's records."""
    keys = [key.split(":", 1) for key in records]
    named = pa.table({
        "source": [k[0] for k in keys],
        "record_id": [k[1] for k in keys],
        "name": [r.name for r in records.values()],
    })  # fmt: skip
    con = duckdb.connect()
    con.register("named", named)
    con.register("clusters", run.folder.read("identify", "clusters"))
    con.register("households", run.folder.read("identify", "households"))
    rows = con.sql("""
        select golden_id, min(name) as display_name, any_value(household_id) as household_id, count(*) as records,
            string_agg(distinct source, ';' order by source) as sources, 0.5 as quality
        from clusters join named using (source, record_id) left join households using (golden_id)
        group by golden_id order by 1""").to_arrow_table()
    write = run.folder.write
    write("survive", "golden", _filled(rows, GOLDEN))
    points = con.sql(
        "select golden_id, 'email' as kind, lower(display_name) || '@example.org' as value, true as primary from rows"
    )
    write("survive", "contact_points", _filled(points.to_arrow_table(), CONTACT_POINTS))
    write("survive", "relations", RELATIONS.empty_table())
    provenance = con.sql("select golden_id, 'display_name' as field, display_name as value from rows").to_arrow_table()
    write("survive", "provenance", _filled(provenance, PROVENANCE))


def ready(run: Run, records: Mapping[str, Record]) -> None:
    """Identify and survive: all that publish needs."""
    identify(run)
    survive(run, {key: r for key, r in records.items() if r.cluster is not None})


def through(
    space: Workspace,
    number: int,
    records: Mapping[str, Record],
    states: Mapping[str, str] | None = None,
    url: str | None = None,
) -> Run:
    """A run up to `survive`."""
    run = night(space, number, records, states, url)
    ready(run, records)
    return run


def _filled(rows: pa.Table, to: pa.Schema) -> pa.Table:
    """The rows with every column of a schema, null where they have none."""
    columns = [
        rows[f.name].cast(f.type) if f.name in rows.column_names else pa.nulls(rows.num_rows, f.type) for f in to
    ]
    return pa.Table.from_arrays(columns, schema=to)


def _land(run: Run, states: Mapping[str, str]) -> None:
    rows = [{"source": n, "state": states.get(n, "landed"), "rows": 1} for n in run.workspace.sources]
    run.folder.write("land", "sources", pa.Table.from_pylist(rows, SOURCES))


def _validate(run: Run, quarantined: list[str]) -> None:
    rows = [
        {"source": s, "record_id": i, "reasons": ["no name"], "raw": '{"a": 1}', "hash": "h"}
        for s, i in (key.split(":", 1) for key in quarantined)
    ]
    run.folder.write("validate", "quarantine", pa.Table.from_pylist(rows, QUARANTINE))
    run.folder.write("validate", "results", RESULTS.empty_table())
    run.folder.write("validate", "facts", FACTS.empty_table())


def _match(run: Run, records: Mapping[str, Record]) -> None:
    rows = [
        {"source": s, "record_id": i, "cluster_id": r.cluster, "household": r.household}
        for (s, i), r in ((key.split(":", 1), r) for key, r in records.items())
    ]
    labels = pa.schema(
        [("source", pa.string()), ("record_id", pa.string()), ("cluster_id", pa.int64()), ("household", pa.string())]
    )
    run.folder.write("match", "labels", pa.Table.from_pylist(rows, labels))
    run.folder.write("match", "pairs", PAIRS.empty_table())
    (run.folder.root / "match" / "model.json").write_text('{"version": 1}', "utf-8")
