"""What must hold of the past of a firm, whatever happened: the feed and the history tell what was published then."""

from typing import Any

from connectors.store.state import Store
from pipelines.history import past_of
from rules.identity import life as lives
from rules.identity.life import Moment, Past
from tests.pipelines.firm import replay

Snapshot = dict[str, list[dict[str, Any]]]


def snapshot(store: Store, version: int | None = None) -> Snapshot:
    """Everything that is published, or was."""
    details = {name: store.detail(name, version).to_pylist() for name in ("contact_points", "relations")}
    return {"golden": store.golden(version).to_pylist(), "crosswalk": store.crosswalk(version).to_pylist(), **details}


def demand(store: Store, published: dict[int, Snapshot]) -> None:
    """The feed rebuilds every publication from zero, each stays readable as it was, and lives add up."""
    feed = store.feed().to_pylist()
    for version, was in published.items():
        assert snapshot(store, version) == was
        known = {(row["golden_id"], row["version"]) for row in was["golden"]}
        last = max((row["cursor"] for row in feed if (row["golden_id"], row["version"]) in known), default=0)
        rebuilt = replay([row for row in feed if row["cursor"] <= last])
        alive = {row["golden_id"] for row in was["golden"]}
        assert [row for row in rebuilt if row["golden_id"] in alive] == was["golden"]
    assert replay(feed) == published[store.version()]["golden"]
    for golden_id in store.known_ids()["golden_id"].to_pylist():
        _adds_up(past_of(store, golden_id), published)
        assert store.resolve(golden_id) is None or store.resolve(golden_id) in alive


def _adds_up(past: Past, published: dict[int, Snapshot]) -> None:
    """Who follows a life moment by moment has the records and the name that were published then."""
    held: set[str] = set()
    name: str | None = None
    moments = lives.life(past)
    for version, was in sorted(published.items()):
        for moment in (m for m in moments if m.version == version):
            held = _after(held, moment)
            name = next((c.after for c in moment.changes if c.field == "display_name"), name)
        theirs = {
            f"{r['source']}:{r['record_id']}" for r in was["crosswalk"]
            if r["golden_id"] == past.golden_id and r["state"] != "retired"
        }  # fmt: skip
        assert held == theirs, (past.golden_id, version, moments)
        golden = [r for r in was["golden"] if r["golden_id"] == past.golden_id]
        if golden and name is not None and not _began(moments, version):
            assert golden[0]["display_name"] == name
        name = golden[0]["display_name"] if golden else None


def _began(moments: list[Moment], version: int) -> bool:
    return any(m.version == version and m.event in ("created", "returned", "split") for m in moments)


def _after(held: set[str], moment: Moment) -> set[str]:
    match moment.event:
        case "created" | "returned" | "split":
            return set(moment.records)
        case "merged" | "gained":
            return held | {*moment.records}
        case "parted" | "lost":
            return held - {*moment.records}
        case "retired" | "superseded":
            return set()
        case _:
            return held
