"""What is asked first of a customer: how to reach them, what they bought, whom they live with, what is doubtful."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from connectors.store.desk.filter import Case
from reports.desk.seen import Seen
from reports.desk.services import Fact, Golden, Key, Record
from reports.format import listing, plural, words

UNSURE: Final = ("only_suspect", "tie")
"""Rules of survivorship by which a value stands without being better than another."""
WAYS: Final = ("phone", "email", "address")
"""How people are reached, in the order in which it is asked."""


@dataclass(frozen=True)
class Total:
    """Of the facts of one kind: how many, what they come to in each currency, and the day of the last."""

    kind: str
    many: int
    sums: tuple[tuple[str, float], ...]
    """Currency and amount: amounts of two currencies are never added."""
    last: str


@dataclass(frozen=True)
class Doubt:
    """What is not sure about a customer, in words; `link`: where to look at it."""

    text: str
    link: str


def totals(facts: Iterable[Fact]) -> tuple[Total, ...]:
    """By kind; sums of nought are not told (a ticket costs nothing)."""
    of: dict[str, list[Fact]] = {}
    for fact in facts:
        of.setdefault(fact.kind, []).append(fact)
    return tuple(
        Total(kind, len(some), tuple(_sums(some)), max(f.date for f in some)) for kind, some in sorted(of.items())
    )


def _sums(facts: Iterable[Fact]) -> list[tuple[str, float]]:
    found: dict[str, float] = {}
    for fact in facts:
        if fact.amount:
            found[fact.currency] = found.get(fact.currency, 0.0) + fact.amount
    return [(currency, amount) for currency, amount in sorted(found.items()) if amount]


def ways(golden: Golden | None) -> tuple[dict[str, Any], ...]:
    """Contact points, telephones first, of each kind the first choice first."""
    points = golden.contact_points if golden else ()
    place = {kind: n for n, kind in enumerate(WAYS)}
    return tuple(sorted(points, key=lambda p: (place.get(p["kind"], len(place)), not p["primary"], p["value"] or "")))


def doubts(seen: Seen, golden_id: str, golden: Golden | None, records: Sequence[Record]) -> tuple[Doubt, ...]:
    """Open cases first, then records that are not in force, doubtful values, and fields that no source says better."""
    return (*_cases(seen, golden_id, records), *_records(records), *_fields(golden))


def _cases(seen: Seen, golden_id: str, records: Sequence[Record]) -> list[Doubt]:
    """Cases with another customer each; those between its own records together."""
    keys = {r.key for r in records if r.state == "active"}
    rows = seen.cases_about(keys)
    own = [row for row in rows if {row["left"], row["right"]} <= keys]
    others = {_other(row, keys): _case(row) for row in rows if row not in own}
    names = seen.desk.names(list(others))
    found = [Doubt(f"perhaps the same as {names[key]}", link) for key, link in others.items()]
    if own:
        many = f": {plural(len(own), 'case')}" if len(own) > 1 else ""
        link = _case(own[0]) if len(own) == 1 else f"/clusters/{quote(golden_id, safe='')}"
        found.append(Doubt(f"perhaps not one customer{many}", link))
    return found


def _other(row: dict[str, Any], keys: Collection[Key]) -> Key:
    return str(row["right"] if row["left"] in keys else row["left"])


def _case(row: dict[str, Any]) -> str:
    return f"/case?{urlencode(Case.of(row).asked())}"


def _records(records: Sequence[Record]) -> list[Doubt]:
    held = [r for r in records if r.state == "quarantined"]
    unsure = [r for r in records if r.doubts and r.state == "active"]
    found = [Doubt(f"{r.key} is in quarantine", f"/quarantine/row?key={quote(r.key, safe='')}") for r in held]
    if unsure:
        names = sorted({words(name) for r in unsure for name in r.doubts})
        many = sum(len(r.doubts) for r in unsure)
        found.append(Doubt(f"{plural(many, 'doubtful value')}: {listing(names, 3)}", f"#{quote(unsure[0].key)}"))
    return found


def _fields(golden: Golden | None) -> list[Doubt]:
    names = sorted(words(f.field) for f in golden.fields if f.rule in UNSURE) if golden else []
    return [Doubt(f"no source says better: {listing(names, 3)}", "#golden-title")] if names else []
