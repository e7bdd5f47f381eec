"""Why two records of a workspace were, or were not, merged."""

from pathlib import Path

from pipelines import again
from pipelines.context import Run
from pipelines.match import engine_of
from reports import waterfall
from reports.waterfall import Evidence
from rules.matching.explain import Explanation


class UnknownRecord(Exception):
    """A record that is not there to be explained; the message says where it is."""


def why(root: Path, left: str, right: str) -> str:
    """The evidence in words and bars, and what became of the two. Keys are SOURCE:ID.

    Raises UnknownRecord, NoSuchRun.
    """
    keys = [_key(left), _key(right)]
    if keys[0] == keys[1]:
        raise UnknownRecord(f"{left} is one record. Name two, to see why they were or were not merged")
    with again.opened(root) as run:
        who = _golden(run, keys)
        told = engine_of(run).explain(keys[0], keys[1])
    return "\n".join([_verdict(left, right, who), told.sentence, "", _evidence(told)])


def _key(text: str) -> tuple[str, str]:
    source, colon, record = text.partition(":")
    if not (source and colon and record):
        raise UnknownRecord(f"{text!r} is no record. Write SOURCE:ID, as crosswalk.csv has them")
    return source, record


def _golden(run: Run, keys: list[tuple[str, str]]) -> list[str]:
    """The golden id of each record. Raises UnknownRecord."""
    crosswalk = run.folder.read("identify", "crosswalk").to_pylist()
    known = {(r["source"], r["record_id"]): r for r in crosswalk}
    for key in keys:
        if key not in known:
            raise UnknownRecord(f"there is no record {':'.join(key)} in run {run.id}. crosswalk.csv lists them all")
        if known[key]["state"] == "retired":
            raise UnknownRecord(f"{':'.join(key)} is gone from its source: there is nothing left to compare")
        if known[key]["state"] == "quarantined":
            raise UnknownRecord(f"{':'.join(key)} is in quarantine. See goldseam quarantine list")
    return [known[key]["golden_id"] for key in keys]


def _verdict(left: str, right: str, who: list[str]) -> str:
    if who[0] == who[1]:
        return f"{left} and {right} are one customer: {who[0]}."
    return f"{left} and {right} are two customers: {who[0]} and {who[1]}."


def _evidence(told: Explanation) -> str:
    before = Evidence("before looking", "", "", "two records that share something", told.prior)
    return waterfall.text([before, *waterfall.steps(told)])
