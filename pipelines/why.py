"""Why two records of a workspace were, or were not, merged, and how a customer came about."""

from pathlib import Path

from pipelines import again
from pipelines.context import Run
from pipelines.match import engine_of
from reports import story, waterfall
from rules.matching.engine import Matched
from rules.matching.explain import Explanation
from rules.matching.story import Link


class UnknownRecord(Exception):
    """A record or customer that is not there to be explained; the message says where it is."""


def why(root: Path, left: str, right: str | None = None) -> str:
    """The evidence in words and bars, and what became of the two. Keys are SOURCE:ID.

    Of one record, or of a golden id, it tells how its customer came about. Raises UnknownRecord, NoSuchRun.
    """
    if right is None:
        return _customer(root, left)
    keys = [_key(left), _key(right)]
    if keys[0] == keys[1]:
        raise UnknownRecord(f"{left} is one record. Name two, to see why they were or were not merged")
    with again.opened(root) as run:
        who = _golden(run, keys)
        told = engine_of(run).explain(keys[0], keys[1])
    return "\n".join([_verdict(left, right, who), told.sentence, "", _evidence(told)])


def _customer(root: Path, name: str) -> str:
    """How the customer of a record, or of a golden id, came about."""
    with again.opened(root) as run:
        key = _key(name) if ":" in name else _first_of(run, name)
        golden = _golden(run, [key])[0]
        matched = engine_of(run)
    found = matched.story(key)
    if len(found.records) == 1:
        return story.text(found)
    told = f"{golden} is one customer of {len(found.records)} records: {story.names(found.records)}."
    return "\n".join([told, "", story.text(found), "", _cut(found.cut, matched)])


def _cut(link: Link | None, matched: Matched) -> str:
    """The edge to cut first, field by field."""
    if link is None:
        return ""
    told = matched.explain(link.left, link.right)
    return "\n".join(["The edge to cut first, field by field:", told.sentence, "", _evidence(told)])


def _first_of(run: Run, golden_id: str) -> tuple[str, str]:
    """A record of a customer. Raises UnknownRecord."""
    crosswalk = run.folder.read("identify", "crosswalk").to_pylist()
    records = [r for r in crosswalk if r["golden_id"] == golden_id]
    active = sorted((r["source"], r["record_id"]) for r in records if r["state"] == "active")
    if active:
        return active[0]
    if records:
        raise UnknownRecord(f"{golden_id} has no record any more that could be explained")
    raise UnknownRecord(
        f"{golden_id!r} is no customer of run {run.id}. Write SOURCE:ID or a golden id of crosswalk.csv"
    )


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
    return waterfall.text(waterfall.steps(told))
