"""Quarantined records that were published only because a person let them through or corrected them, and that was taken
back since: nothing holds their customers, while all others in quarantine stay as they were.
"""

import json

import duckdb
import pyarrow as pa

from connectors.store.runs import RunFolder
from pipelines.context import Run
from pipelines.passed import base
from rules.vocabulary import KEY

Key = tuple[str, str]
Laid = tuple[str, ...]
"""What was laid over a record: the hash it was let through with, or a field and its value."""


def withdrawn(con: duckdb.DuckDBPyConnection, run: Run) -> pa.Table:
    """Schema KEY. `con` has `yesterday`, and `kept` (absent.kept) of every record."""
    suspected = con.sql("""
        select source, record_id from kept semi join (from yesterday where state = 'active') using (source, record_id)
        where state = 'quarantined' order by all""").fetchall()
    found = []
    if suspected and run.before is not None:
        then, now = _then(run.before), _now(run)
        gone = {key: laid - now.get(key, set()) for key, laid in then.items()}
        ended = (key for key in suspected if gone.get(key) or gone.get((key[0], base(key[1]))))
        found = [key for key in ended if _was_nobody(run, *key)]
    return pa.table([[k[place] for k in found] for place in (0, 1)], schema=pa.schema(KEY))


def _then(before: RunFolder) -> dict[Key, set[Laid]]:
    """What was laid over each record in the last published run."""
    found: dict[Key, set[Laid]] = {}
    inputs = before.read("validate", "inputs").to_pylist() if before.parts("validate", "inputs") else []
    for row in inputs:
        for record, hashes in json.loads(row["released"]).items():
            found.setdefault((row["source"], record), set()).update((hash_,) for hash_ in hashes)
    for source in before.parts("standardise", "state"):
        for state in before.read("standardise", "state", source).to_pylist():
            cells = json.loads(state["corrections"])
            for record, *cell in zip(*(cells[name] for name in ("record_id", "field", "value")), strict=True):
                found.setdefault((source, record), set()).add(tuple(cell))
    return found


def _now(run: Run) -> dict[Key, set[Laid]]:
    """What nobody took back; a cell that was corrected again since stands beneath the later one."""
    found: dict[Key, set[Laid]] = {}
    for row in run.store.released().to_pylist():
        found.setdefault((row["source"], row["record_id"]), set()).add((row["hash"] or "",))
    for row in run.store.corrections(beneath=True).to_pylist():
        found.setdefault((row["source"], row["record_id"]), set()).add((row["field"], row["value"]))
    return found


def _was_nobody(run: Run, source: str, record_id: str) -> bool:
    """Whether a published record was in quarantine before, and no living customer's."""
    spans = run.store.stations(source, record_id).to_pylist()
    before = next((span for span in reversed(spans) if span["state"] != "active"), None)
    if before is None or before["state"] != "quarantined":
        return False
    if before["golden_id"] is None:
        return True
    return not len(run.store.golden(version=before["to_version"] - 1, ids=[before["golden_id"]]))
