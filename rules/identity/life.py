"""A customer's life: what happened to it, publication by publication, read off what was published.

Rows are as the state database has them, each with `from_version` and `to_version` (null: still); a publication is
called by its version.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from rules.record_key import key_of
from rules.vocabulary import GOLDEN

Row = dict[str, Any]
Keys = tuple[str, ...]

TOLD: Final = tuple(n for n in GOLDEN.names if n not in (
    "golden_id", "records", "sources", "quality", "version", "updated_at",
))  # fmt: skip
"""Fields of which a change is told."""
HELD: Final = ("active", "quarantined")
"""States in which a record is its customer's."""
LISTS: Final = (("points", "kind", "value"), ("relations", "relation", "other_golden_id"))


@dataclass(frozen=True)
class Past:
    """Everything there ever was of one golden id."""

    golden_id: str
    golden: list[Row]
    holdings: list[Row]
    """Spans of every record that was ever its: source, record_id, golden_id, state."""
    events: list[Row]
    """vocabulary.EVENTS and `version`, in order."""
    points: list[Row] = field(default_factory=list)
    relations: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Change:
    """One field. Of an entry of a list one of `before` and `after` is None."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Moment:
    """One thing that happened. `event`: created, returned, merged (the other into it), superseded (by the other),
    split (off from the other), parted (the other split off), gained, lost, quarantined, released, changed, retired."""

    version: int
    event: str
    golden_id: str
    other: str | None = None
    records: Keys = ()
    changes: tuple[Change, ...] = ()
    cause: str | None = None
    user: str | None = None
    detail: str | None = None


def life(past: Past) -> list[Moment]:
    """All that happened to one golden id, in order."""
    spans = [*past.golden, *past.holdings, *past.points, *past.relations]
    seen = {row[end] for row in spans for end in ("from_version", "to_version")} | {e["version"] for e in past.events}
    return [moment for version in sorted(v for v in seen if v) for moment in _publication(past, version)]


def records(past: Past, version: int) -> Keys:
    """The records it had at a publication, sorted."""
    return tuple(sorted(_held(_holders(past, version), past.golden_id)))


def at(rows: list[Row], version: int) -> list[Row]:
    """The rows that counted at a publication."""
    return [r for r in rows if r["from_version"] <= version and (r["to_version"] is None or r["to_version"] > version)]


def _holders(past: Past, version: int) -> dict[str, tuple[str, str]]:
    rows = at(past.holdings, version)
    return {key_of(r): (r["golden_id"], r["state"]) for r in rows}


def _publication(past: Past, version: int) -> Iterator[Moment]:
    was, now = _holders(past, version - 1), _holders(past, version)
    told: set[str] = set()
    for event in past.events:
        if event["version"] == version and event["event"] != "changed":
            moment = _event(past, event, was, now)
            told |= {*moment.records}
            yield moment
    yield from _moved(past, version, was, now, told)
    if changes := tuple(_changes(past, version)):
        yield Moment(version, "changed", past.golden_id, changes=changes)


_TURNED: Final = {"merged": "superseded", "split": "parted"}
"""An event as the other customer of it sees it."""


def _event(past: Past, event: Row, was: dict[str, Any], now: dict[str, Any]) -> Moment:
    own, other = event["golden_id"], event["other_golden_id"]
    word, mine = event["event"], past.golden_id
    if own != mine:
        word, own, other = _TURNED.get(word, word), other, own
    before, after = _held(was, mine), _held(now, mine)
    of_word = {
        "merged": tuple(k for k in after if was.get(k, ("",))[0] == other),
        "superseded": before,
        "parted": tuple(k for k in before if now.get(k, ("",))[0] == other),
        "retired": before,
    }
    cause = {name: event[name] for name in ("cause", "user", "detail")}
    return Moment(event["version"], word, own, other, of_word.get(word, after), **cause)


def _held(holders: dict[str, tuple[str, str]], golden_id: str) -> Keys:
    return tuple(k for k, (golden, state) in holders.items() if golden == golden_id and state in HELD)


def _moved(past: Past, version: int, was: dict[str, Any], now: dict[str, Any], told: set[str]) -> Iterator[Moment]:
    """Records that came and went, and of which no event speaks; a customer's end takes its records along."""
    mine = past.golden_id
    before, after = _held(was, mine), _held(now, mine)
    groups: dict[tuple[str, str | None], list[str]] = {}
    for key in sorted({*before, *after} - told):
        if key not in before:
            from_ = was[key][0] if key in was and was[key][0] != mine else None
            groups.setdefault(("gained", from_), []).append(key)
        elif key not in after:
            to = now[key][0] if key in now and now[key][0] != mine else None
            groups.setdefault(("lost", to), []).append(key)
        elif was[key][1] != now[key][1]:
            groups.setdefault(("quarantined" if now[key][1] == "quarantined" else "released", None), []).append(key)
    for (word, other), keys in groups.items():
        yield Moment(version, word, mine, other, tuple(keys))


def _changes(past: Past, version: int) -> Iterator[Change]:
    """Fields, contact points and relations that differ between two publications of a living customer."""
    rows = [next((r for r in at(past.golden, v) if r["state"] == "current"), None) for v in (version - 1, version)]
    before, after = rows
    if before is None or after is None:
        return
    for name in TOLD:
        if before[name] != after[name]:
            yield Change(name, before[name], after[name])
    shown = {after[name] for name in ("email", "phone")} | {before[name] for name in ("email", "phone")}
    for entries, kind, value in LISTS:
        had, has = ({(r[kind], r[value]) for r in at(getattr(past, entries), v)} for v in (version - 1, version))
        yield from _entries(had - has, has - had, shown if entries == "points" else set())


def _entries(gone: set[tuple[str, str]], new: set[tuple[str, str]], told: set[str]) -> Iterator[Change]:
    """Entries of a list that went and came, those that a field tells left out; one for one is an exchange."""
    for word in sorted({w for w, _ in gone | new}):
        before, after = (sorted(v for w, v in entries if w == word and v not in told) for entries in (gone, new))
        if len(before) == len(after) == 1:
            yield Change(word, before[0], after[0])
            continue
        yield from (Change(word, value, None) for value in before)
        yield from (Change(word, None, value) for value in after)
