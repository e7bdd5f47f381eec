"""A customer's life, and what it looked like on any day: `goldseam history`."""

from collections.abc import Iterator
from datetime import datetime, time
from pathlib import Path
from typing import Any

from connectors import workspace as workspaces
from connectors.store.base import instant
from connectors.store.state import Store
from pipelines.asked import UnknownRecord
from reports.life import Life, Then, Told, clock
from rules.identity import life as lives
from rules.identity.life import Moment, Past
from rules.record_key import key_of

NOT_SHOWN = ("golden_id", "records", "sources")
"""Columns of the golden table that a view of one customer tells otherwise."""


def history(root: Path, name: str) -> Life:
    """The life of a golden id, or of the customer of a record SOURCE:ID. Raises UnknownRecord."""
    with Store.open(workspaces.read(root).database_url) as store:
        return of(store, name)


def of(store: Store, name: str) -> Life:
    """The same of an open state database."""
    first, stations = _start(store, name)
    told = list(_told(store, first))
    today = store.resolve(told[-1].moment.golden_id if told else first)
    golden = store.golden(ids=[today]).to_pylist() if today else []
    return Life(
        asked=name,
        golden_id=today,
        name=golden[0]["display_name"] if golden else None,
        records=lives.records(past_of(store, today), store.version()) if today else (),
        moments=tuple(told),
        stations=stations,
    )


def at(root: Path, name: str, when: str) -> Then:
    """What a customer looked like at a time (a day is meant to its end). Raises UnknownRecord."""
    moment = _time(when)
    with Store.open(workspaces.read(root).database_url) as store:
        version = store.version_at(moment)
        first, _ = _start(store, name, version)
        stood, state = _stood(store, first, version)
        if stood is None:
            return Then(name, instant(moment), None, state, {})
        past = past_of(store, stood)
        golden = store.golden(version, ids=[stood]).to_pylist()[0]
        publication = {row["version"]: row for row in store.publications().to_pylist()}[version]
        points, relations = (store.detail(d, version, [stood]).to_pylist() for d in ("contact_points", "relations"))
        return Then(
            name, instant(moment), stood, state,
            {k: v for k, v in golden.items() if k not in NOT_SHOWN},
            lives.records(past, version), tuple(points), tuple(relations), publication["time"], publication["run_id"],
        )  # fmt: skip


def _time(when: str) -> datetime:
    """A day to its end, or a time; without a zone it is that of this machine."""
    try:
        moment = datetime.fromisoformat(when)
    except ValueError as error:
        raise UnknownRecord(f"{when!r} is no day: write 2026-01-31, or 2026-01-31T14:00") from error
    if len(when) <= len("2026-01-31"):
        moment = datetime.combine(moment.date(), time.max)
    return moment.astimezone()


def _start(store: Store, name: str, version: int | None = None) -> tuple[str, tuple[str, ...]]:
    """The golden id to begin with, and where a record stood; at a publication, the customer of the record then."""
    if store.known(name):
        return name, ()
    source, colon, record = name.partition(":")
    if not colon:
        raise UnknownRecord(f"there never was a customer {name!r}. Write a golden id, or a record, SOURCE:ID")
    spans = [row for row in store.stations(source, record).to_pylist() if row["golden_id"]]
    if version is not None:
        spans = lives.at(spans, version)
    if not spans:
        raise UnknownRecord(
            f"no customer ever held {name}{' by then' if version is not None else ''}. crosswalk.csv lists all"
        )
    when = {row["version"]: clock(row["time"]) for row in store.publications().to_pylist()}
    told = tuple(f"{when[r['from_version']]}  {name} of {r['golden_id']}, {r['state']}" for r in spans)
    return str(spans[-1]["golden_id"]), told


def _stood(store: Store, golden_id: str, version: int) -> tuple[str | None, str]:
    """Who stood for a golden id at a publication; None where nobody did, with the reason."""
    seen: set[str] = set()
    while golden_id not in seen:
        seen.add(golden_id)
        rows = lives.at(store.spans("golden", golden_id).to_pylist(), version)
        if not rows:
            return None, "was not yet a customer"
        if rows[0]["state"] != "superseded":
            alive = rows[0]["state"] == "current"
            return (golden_id, "current") if alive else (None, "was retired")
        golden_id = rows[0]["resolves_to"]
    return None, "was retired"


def past_of(store: Store, golden_id: str) -> Past:
    """All that the state database knows of one golden id."""
    version_of = {row["run_id"]: row["version"] for row in store.publications().to_pylist()}
    events = [{**e, "version": version_of[e["run_id"]]} for e in store.events(golden_id=golden_id).to_pylist()]
    rows = {name: store.spans(name, golden_id).to_pylist() for name in ("golden", "contact_points", "relations")}
    return Past(
        golden_id, rows["golden"], store.holdings(golden_id).to_pylist(), events,
        rows["contact_points"], rows["relations"],
    )  # fmt: skip


def _told(store: Store, golden_id: str) -> Iterator[Told]:
    """The moments of a golden id and, from where it was superseded, of those that stand for it."""
    publications = {row["version"]: row for row in store.publications().to_pylist()}
    decided = store.decision_history("value").to_pylist()
    since, seen = 0, set[str]()
    while golden_id not in seen:
        seen.add(golden_id)
        past = past_of(store, golden_id)
        moments = [m for m in lives.life(past) if m.version > since]
        for moment in moments:
            made = publications[moment.version]
            yield Told(moment, made["time"], made["run_id"], _by(moment, past, decided))
        ended = [m for m in moments if m.event == "superseded"]
        if not ended or past.golden[-1]["state"] != "superseded":
            return
        golden_id, since = str(past.golden[-1]["resolves_to"]), ended[-1].version


def _by(moment: Moment, past: Past, decided: list[dict[str, Any]]) -> dict[str, str]:
    """The fields that a person's decision set, and which decision."""
    mine = set(lives.records(past, moment.version)) if moment.changes else set()
    return {
        change.field: f"decision {d['seq']} of {d['user']}{': ' + d['reason'] if d['reason'] else ''}"
        for change in moment.changes
        for d in decided
        if d["field"] == change.field and d["value"] == change.after and key_of(d, "left") in mine
    }
