"""The golden record that some records will make: what survive does at night, for one customer, at once."""

import json
from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa

from connectors.store.state import Store
from pipelines.desk.look import Look
from reports.desk.services import Chosen, Golden, Key
from rules import survivorship
from rules.record_key import key_of
from rules.vocabulary import DECISIONS, STANDARD_TABLES

NEW: Final = "as it will be"
"""Stands for the golden id that the records will have."""


def golden(look: Look | None, store: Store, records: Sequence[Key], golden_id: str, values: dict[str, str]) -> Golden:
    """See Services.golden. Raises KeyError where none of the records is in the published run."""
    name = golden_id or NEW
    tables = {n: look.tables.rows(n, records) for n in STANDARD_TABLES} if look else {}
    if look is None or not tables["records"].num_rows:
        raise KeyError(", ".join(records))
    here = tables["records"].select(["source", "record_id"])
    made = survivorship.survive(
        tables,
        here.append_column("golden_id", pa.repeat(name, len(here))),
        trust={n: s.trust for n, s in look.run.workspace.sources.items()},
        config=_config(look),
        decisions=_decisions(store, here, golden_id, values),
        frequencies=look.spelling,
        today=look.run.started.date().isoformat(),
    )
    row = made["golden"].to_pylist()[0]
    return Golden(
        name, row, tuple(map(_chosen, made["provenance"].to_pylist())), tuple(made["contact_points"].to_pylist())
    )


def published(look: Look | None, store: Store, golden_id: str) -> Golden | None:
    """See Services.published. Where the run's folder is gone, nothing is known of where its fields came from."""
    rows = store.golden(ids=[golden_id]).to_pylist()
    if not rows:
        return None
    fields = tuple(map(_chosen, look.tables.provenance(golden_id).to_pylist())) if look else ()
    points = store.detail("contact_points", ids=[golden_id]).to_pylist()
    return Golden(golden_id, rows[0], fields, tuple(points))


def _config(look: Look) -> survivorship.Survivorship:
    own = look.run.workspace.rules_file("survivorship.yml")
    return survivorship.load(own.read_text("utf-8") if own else None)


def _decisions(store: Store, here: pa.Table, golden_id: str, values: dict[str, str]) -> pa.Table:
    """Decisions in force on values of these records, and those that somebody thinks of.

    What was decided about a record that is gone holds for one that the customer still has (rules/identity/binding.py).
    """
    mine = {(r["source"], r["record_id"]) for r in here.to_pylist()}
    first = min(mine)
    gone = [key_of(r) for r in store.records_of([golden_id]) if r["state"] == "retired"]
    rows: list[dict[str, Any]] = []
    for d in store.decided_on([*(f"{source}:{record}" for source, record in sorted(mine)), *gone]):
        if d["kind"] == "value":
            key = (d["left_source"], d["left_id"])
            stands = key if key in mine else first
            rows.append({n: d[n] for n in DECISIONS.names} | {"left_source": stands[0], "left_id": stands[1]})
    last = max((d["seq"] for d in rows), default=0)
    thought: list[dict[str, Any]] = [
        {"seq": last + n, "kind": "value", "left_source": first[0], "left_id": first[1], "field": f, "value": v}
        for n, (f, v) in enumerate(values.items(), 1)
    ]
    return pa.Table.from_pylist([*rows, *thought], DECISIONS)


def _chosen(row: dict[str, Any]) -> Chosen:
    losers = json.loads(row["losers"]) if row["losers"] else []
    key = key_of(row) if row["record_id"] else None
    return Chosen(
        row["field"], row["value"] or "", row["source"] or "", key, row["rule"] or "",
        tuple((loser["value"], key_of(loser)) for loser in losers),
    )  # fmt: skip
