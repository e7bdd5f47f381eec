"""A customer's life in plain words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from reports.format import listing, words
from rules.identity.causes import FOLLOWED
from rules.identity.life import Change, Moment

NAMED: Final = 6
"""Records that are named; of more, how many more."""
UNTOLD: Final = ("quality", "version", "updated_at")
"""Fields of a golden record that say nothing of the customer."""


@dataclass(frozen=True)
class Told:
    """A moment with its day, its run, and what else is known of it."""

    moment: Moment
    time: str
    """ISO 8601, UTC."""
    run_id: str
    decided: dict[str, str] | None = None
    """Field -> by which decision its new value stands."""

    @property
    def text(self) -> str:
        """The moment as a sentence."""
        return _sentence(self.moment, self.decided or {})

    def as_json(self) -> dict[str, Any]:
        m = self.moment
        fields = [
            {"field": c.field, "from": c.before, "to": c.after, "by": (self.decided or {}).get(c.field)}
            for c in m.changes
        ]
        return {
            "time": self.time, "run_id": self.run_id, "version": m.version, "golden_id": m.golden_id, "event": m.event,
            "other_golden_id": m.other, "records": list(m.records), "fields": fields, "cause": m.cause, "user": m.user,
            "detail": m.detail, "text": self.text,
        }  # fmt: skip


@dataclass(frozen=True)
class Life:
    """A customer from its first day on; of an id that was superseded, with what it became."""

    asked: str
    golden_id: str | None
    """The one that stands for it today; None: retired."""
    name: str | None
    records: tuple[str, ...]
    moments: tuple[Told, ...]
    stations: tuple[str, ...] = ()
    """Where a record is asked for: whose it was, and since when."""

    def as_json(self) -> dict[str, Any]:
        return {
            "asked": self.asked, "golden_id": self.golden_id, "name": self.name, "records": list(self.records),
            "moments": [told.as_json() for told in self.moments],
        }  # fmt: skip


@dataclass(frozen=True)
class Then:
    """What a customer looked like at a publication."""

    asked: str
    time: str
    """What was asked for."""
    golden_id: str | None
    """The one that stood for it then; None: nobody did, and `state` says why."""
    state: str
    golden: dict[str, Any]
    records: tuple[str, ...] = ()
    points: tuple[dict[str, Any], ...] = ()
    relations: tuple[dict[str, Any], ...] = ()
    published: str = ""
    run_id: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "asked": self.asked, "at": self.time, "published": self.published, "run_id": self.run_id,
            "state": self.state, "golden_id": self.golden_id, "golden": self.golden, "records": list(self.records),
            "contact_points": list(self.points), "relations": list(self.relations),
        }  # fmt: skip


def text(life: Life) -> str:
    """A life as lines for a terminal: who it is today, then what happened, a day and a run each."""
    lines = [_today(life), *life.stations, ""]
    several = len({told.moment.golden_id for told in life.moments}) > 1
    run = day = ""
    for told in life.moments:
        if told.run_id != run:
            run, day = told.run_id, clock(told.time)
            lines.append(f"{day}  run {run}")
        who = f"{told.moment.golden_id}: " if several else ""
        lines.append(f"    {who}{told.text}")
    return "\n".join(lines)


def _today(life: Life) -> str:
    if life.golden_id is None:
        return f"{life.asked} is retired: no record holds it any more."
    who = f"{life.golden_id}{f' ({life.name})' if life.name else ''}"
    asked = who if life.golden_id == life.asked else f"{life.asked} is {who} today, which"
    return f"{asked} is a customer of {_count(life.records)}: {_names(life.records)}."


def then(found: Then) -> str:
    """What a customer looked like, as lines for a terminal."""
    if found.golden_id is None:
        return f"At {clock(found.time)} {found.asked} {found.state}."
    became = "" if found.golden_id == found.asked else f" (it was {found.golden_id})"
    lines = [
        f"{found.asked}{became} at {clock(found.time)}, as published on {clock(found.published)} ({found.run_id}):"
    ]
    width = max(len(words(name)) for name in found.golden)
    lines += [f"    {words(n):<{width}}  {v}" for n, v in found.golden.items() if v is not None and n not in UNTOLD]
    shown = {found.golden.get("email"), found.golden.get("phone")}
    lines += [f"    {p['kind']:<{width}}  {p['value']}" for p in found.points if p["value"] not in shown]
    lines += [f"    {r['relation']:<{width}}  {r['other_golden_id']}" for r in found.relations]
    return "\n".join([*lines, f"    {'records':<{width}}  {', '.join(found.records)}"])


def clock(time: str) -> str:
    """`2026-01-05 03:30` of an ISO time, in this machine's zone."""
    return f"{datetime.fromisoformat(time).astimezone():%Y-%m-%d %H:%M}"


def _sentence(m: Moment, decided: dict[str, str]) -> str:
    of = _names(m.records)
    with_ = f" ({of})" if m.records else ""
    match m.event:
        case "created":
            return f"Created from {of}{f' ({_why(m)})' if m.cause == 'decision' else ''}."
        case "returned":
            return f"Came back under its old id, with {of}."
        case "retired":
            return f"Retired: {of} {_are(m.records)} gone, and no other record holds it."
        case "merged":
            return f"{m.other}{with_} joined it: {_why(m)}."
        case "superseded":
            return f"Joined to {m.other}, which stands for it from now on: {_why(m)}."
        case "split":
            return f"Split off from {m.other}, with {of}: {_why(m)}."
        case "parted":
            return f"{m.other}{with_} split off from it: {_why(m)}."
        case "gained":
            return f"{of} came to it{f' from {m.other}' if m.other else ''}."
        case "lost":
            return f"{of} went to {m.other}." if m.other else f"{of} {_are(m.records)} gone from the source."
        case "quarantined":
            return f"{of} {_are(m.records)} in quarantine."
        case "released":
            return f"{of} {_are(m.records)} out of quarantine."
        case "changed":
            return "Changed: " + "; ".join(_change(c, decided) for c in m.changes) + "."
        case _:
            return f"{m.event}{with_}: {_why(m)}."


def _why(m: Moment) -> str:
    match m.cause:
        case "decision" if m.detail and m.detail.startswith(FOLLOWED):
            return f"it {m.detail}, by {m.user or 'a person'}"
        case "decision":
            return f"{m.user or 'a person'} decided so ({m.detail})"
        case "rule":
            return f"by rule ({m.detail})"
        case "rollback":
            return f"{m.user or 'a person'} took a run back{f' ({m.detail})' if m.detail else ''}"
        case "data":
            return f"the data say so{f' ({m.detail})' if m.detail else ''}"
        case _:
            return ", ".join(filter(None, (m.cause, m.user, m.detail))) or "nobody knows why"


def _change(change: Change, decided: dict[str, str]) -> str:
    name = words(change.field)
    by = f" ({decided[change.field]})" if change.field in decided else ""
    if change.before is None:
        return f"{name} now {change.after}{by}"
    if change.after is None:
        return f"{name} {change.before} is gone{by}"
    return f"{name} from {change.before} to {change.after}{by}"


def _names(records: Iterable[str]) -> str:
    return listing(sorted(records), NAMED) or "no record"


def _count(records: tuple[str, ...]) -> str:
    return "1 record" if len(records) == 1 else f"{len(records):,} records"


def _are(records: tuple[str, ...]) -> str:
    return "is" if len(records) == 1 else "are"
