"""Decisions of people at the command line: `goldseam decide`. They take effect with the next run, and for ever after.

The state database refuses what contradicts earlier decisions (connectors/store/decisions.py); here what is decided
about must be there at all, so that a slip of the keyboard does not stand on record as a decision.
"""

from datetime import UTC, datetime
from typing import Any

import pyarrow.compute as pc

from connectors.store.decisions import Contradiction
from connectors.store.runs import RunFolder
from connectors.store.state import Store
from connectors.workspace import Workspace
from pipelines.quarantine import Refused
from rules import decided
from rules.record_key import key_of, split_key


def about_two(workspace: Workspace, store: Store, kind: str, left: str, right: str, user: str, reason: str) -> int:
    """Decide that two records are the same, different, related or split; -> the decision's number.

    Raises Refused where one is not there, or where earlier decisions exclude it: the message names them.
    """
    for key in (left, right):
        _must_be_there(workspace, store, key)
    try:
        return store.decide(kind, left, right, user=user, reason=reason)
    except (Contradiction, ValueError) as error:
        raise Refused(str(error)) from error


def value(workspace: Workspace, store: Store, key: str, field: str, text: str, user: str, reason: str) -> int:
    """Set a field of the customer that a record belongs to; -> the decision's number. Raises Refused,
    also of what is no value of the field.
    """
    _must_be_there(workspace, store, key)
    try:
        today = datetime.now(UTC).date().isoformat()
        plain = decided.settled(field, text, workspace.firm.country, today, _lives_in(store, key))
    except decided.NotAValue as error:
        raise Refused(str(error)) from error
    return store.decide("value", key, field=field, value=plain, user=user, reason=reason)


def _lives_in(store: Store, key: str) -> str | None:
    """The country of the customer of a record, as published."""
    home = store.homes_of([key]).get(key)
    rows = store.golden(ids=[home["golden_id"]]).to_pylist() if home and home["golden_id"] else []
    return rows[0]["country"] if rows else None


def undo(store: Store, seq: int, user: str, reason: str) -> int:
    """Take a decision back; undoing an undoing makes it anew. -> the number of the undoing. Raises Refused."""
    try:
        return store.undo(seq, user=user, reason=reason)
    except KeyError as error:
        raise Refused(f"{error.args[0]}. `goldseam decide list` shows them") from error
    except (Contradiction, ValueError) as error:
        raise Refused(str(error)) from error


def made(store: Store, *, everything: bool) -> list[dict[str, Any]]:
    """Decisions in force, or all that were ever made (schema DECISIONS), oldest first."""
    rows: list[dict[str, Any]] = (store.decision_history() if everything else store.decisions()).to_pylist()
    return rows


def told(row: dict[str, Any]) -> str:
    """A decision as one line."""
    left = key_of(row, "left")
    right = key_of(row, "right")
    what = f"{left} {row['field']} = {row['value']}" if row["field"] else f"{left} {row['kind']} {right}"
    if row["kind"] == "undo":
        what = f"undoes #{row['undoes']}"
    reason = f": {row['reason']}" if row["reason"] else ""
    return f"#{row['seq']}  {what}  ({row['user']}, {row['time'][:10]}){reason}"


def _must_be_there(workspace: Workspace, store: Store, key: str) -> None:
    """A record that was ever published, or that the last run has, which may be held."""
    if ":" not in key and store.known(key):
        golden = store.crosswalk().filter(pc.field("golden_id") == key).to_pylist()
        records = ", ".join(key_of(r) for r in golden[:6]) or "none any more"
        raise Refused(f"{key} is a golden id, and decisions are about records. Its records: {records}")
    try:
        source, record = split_key(key)
    except ValueError as error:
        raise Refused(str(error)) from error
    if not store.stations(source, record).num_rows and not _in_last_run(workspace, store, source, record):
        raise Refused(f"there is no record {key}. crosswalk.csv lists them all, as source and record_id")


def _in_last_run(workspace: Workspace, store: Store, source: str, record: str) -> bool:
    runs = store.runs()["run_id"].to_pylist()
    folder = RunFolder.open(workspace.var / "runs", runs[0]) if runs else None
    if folder is None or not folder.parts("identify", "crosswalk"):
        return False
    mine = (pc.field("source") == source) & (pc.field("record_id") == record)
    return bool(folder.read("identify", "crosswalk").filter(mine).num_rows)
