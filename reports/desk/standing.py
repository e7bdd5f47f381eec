"""What was decided on a customer's records, and what of it the golden table does not say yet, or still."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Final

from connectors.store.desk.deeds import Wanted
from reports.desk.access import Person
from reports.desk.seen import Seen
from reports.desk.services import Key, Services
from reports.desk.told import Line, lines
from reports.format import listing, words
from rules.record_key import ends

ASKED: Final = 1000
"""Decisions of one act, of more of which it is not asked whether the golden table says them."""
LATEST: Final = 20
"""Takings-back among which those are looked for that are not published yet."""


@dataclass(frozen=True)
class Decided:
    """What was decided on these records. `fresh`: since the published run began; `waits`: the golden table says
    otherwise still.
    """

    act: int | None
    user: str
    time: str
    said: str
    apart: tuple[Key, ...]
    """Who was taken out, or is the other customer, and is still of this one in the golden table."""
    fresh: bool
    waits: bool
    may_undo: bool
    of_pairs: bool = True
    """Otherwise it is a value that was set."""


@dataclass(frozen=True)
class Pending:
    """What was decided since the published run began, the latest first. `waits`: some of it the golden table does not
    say yet.
    """

    lines: tuple[Line, ...]
    waits: bool


@dataclass(frozen=True)
class Extent:
    """How much of the pairs of some records is decided, or follows from what is."""

    done: int
    of: int
    whole: bool
    """Nothing is open: every record stands in a decision, and no case between them waits."""


def extent(desk: Services, keys: Sequence[Key], waiting: Collection[tuple[Key, Key]]) -> Extent:
    """`waiting`: the pairs of the open cases. What is one with a record is apart from whatever that is apart from."""
    home = {key: {key} for key in keys}
    pairs = [(ends(row), row["kind"] == "same") for row in desk.store.decided_on(tuple(keys)) if row["kind"] != "value"]
    inside = [(left, right, same) for (left, right), same in pairs if left in home and right in home]
    for left, right, same in inside:
        if same and home[left] is not home[right]:
            both = home[left] | home[right]
            home |= dict.fromkeys(both, both)
    apart = {frozenset((id(home[left]), id(home[right]))) for left, right, same in inside if not same}

    def known(left: Key, right: Key) -> bool:
        return home[left] is home[right] or frozenset((id(home[left]), id(home[right]))) in apart

    done = sum(known(left, right) for left, right in combinations(keys, 2))
    touched = {key for left, right, _ in inside for key in (left, right)}
    whole = touched == {*keys} and all(known(*pair) for pair in waiting if {*pair} <= {*keys})
    return Extent(done, len(keys) * (len(keys) - 1) // 2, whole)


def undone(desk: Services, person: Person, keys: Sequence[Key]) -> tuple[Line, ...]:
    """What was taken back of late and is published still."""
    deeds = desk.store.deeds(Wanted(what="undo", keys=keys, eyes=_eyes(person)), LATEST)
    return lines(desk, person, [deed for deed in deeds if deed["waits"] and not deed["undone"]])


def pending(desk: Services, person: Person, keys: Sequence[Key]) -> Pending:
    """What people decided on some records since the published run began. The page has one way to publish all of it."""
    since = desk.store.published_as_of()
    deeds = desk.store.deeds(Wanted(keys=keys, eyes=_eyes(person))) if keys else []
    fresh = [deed for deed in deeds if _is_pending(deed, since)]
    told = tuple(replace(line, customers=()) for line in lines(desk, person, fresh))
    return Pending(told, any(_waits(desk, deed) for deed in fresh))


def _waits(desk: Services, deed: dict[str, Any]) -> bool:
    """Whether the golden table says otherwise than what was decided; of very much it is not asked."""
    if deed["action"] == "undo" or deed["many"] > ASKED:
        return True
    store = desk.store
    rows = store.decisions_of_act(deed["seq"]) if deed["of"] == "act" else store.decisions_numbered([deed["seq"]])
    homes, published = _golden(desk, {key for row in rows for key in ends(row)})
    return not all(_is_said(row, homes, published) for row in rows)


def _golden(desk: Services, keys: Collection[Key]) -> tuple[dict[Key, str], dict[str, dict[str, Any]]]:
    """The golden ids of some records, and the golden records of these."""
    homes = {key: home["golden_id"] for key, home in desk.store.homes_of(sorted(keys)).items()}
    rows = desk.store.golden(ids=sorted({*filter(None, homes.values())})).to_pylist()
    return homes, {row["golden_id"]: row for row in rows}


def _is_said(row: dict[str, Any], homes: dict[Key, str], published: dict[str, dict[str, Any]]) -> bool:
    """Whether the golden table says what a decision says."""
    left, *right = ends(row)
    if not right:
        return bool(published.get(homes.get(left, ""), {}).get(row["field"]) == row["value"])
    return bool((homes.get(left) == homes.get(right[0])) == (row["kind"] == "same"))


def _is_pending(deed: dict[str, Any], since: str) -> bool:
    if deed["undone"] or deed["time"] <= since:
        return False
    return bool(deed["waits"] if deed["action"] == "undo" else deed["many"])


def _eyes(person: Person) -> str | None:
    return None if person.may("lead") else person.name


def latest(decided: Sequence[Line | Decided]) -> str:
    """When the last of some decisions was made; empty: there is none."""
    return max((one.time for one in decided), default="")


def decided_on(desk: Services, person: Person, names: dict[Key, str]) -> tuple[Decided, ...]:
    """Decisions in force on pairs of these records, an act each, and on values of theirs, the oldest first."""
    homes, published = _golden(desk, names)
    since = desk.store.published_as_of()
    rows = desk.store.decided_on(tuple(names))
    of: dict[tuple[int | None, str], list[dict[str, Any]]] = {}
    for row in rows:
        if row["kind"] != "value":
            of.setdefault((row["act"], row["user"]), []).append(row)
    found = []
    for (act, user), made in of.items():
        waits = not all(_is_said(row, homes, published) for row in made)
        found.append(Decided(act, user, made[0]["time"], _said(desk, act, made, names), _apart(made) if waits else (),
                             waits or made[0]["time"] > since, waits, _may(person, made[0])))  # fmt: skip
    last = {(homes.get(ends(row)[0]), row["field"]): row for row in rows if row["kind"] == "value"}
    for row in last.values():
        fresh = row["time"] > since
        waits = fresh and not _is_said(row, homes, published)
        said = _set(desk, person, row, names)
        may = _may(person, row)
        found.append(Decided(row["act"], row["user"], row["time"], said, (), fresh, waits, may, of_pairs=False))
    return tuple(sorted(found, key=lambda one: one.time))


def _may(person: Person, row: dict[str, Any]) -> bool:
    """Whether somebody may take back what was decided at the desk."""
    return row["act"] is not None and (row["user"] == person.name or person.may("lead"))


def _set(desk: Services, person: Person, row: dict[str, Any], names: dict[Key, str]) -> str:
    value = Seen(desk, person).text(row["field"], row["value"])
    return f"set the {words(row['field'])} of {_named(ends(row), names)} to “{value}”."


def _apart(rows: Sequence[dict[str, Any]]) -> tuple[Key, ...]:
    return tuple(dict.fromkeys(ends(row)[0] for row in rows if row["kind"] != "same"))


def _said(desk: Services, act: int | None, rows: Sequence[dict[str, Any]], names: dict[Key, str]) -> str:
    """What decisions of one act say."""
    lefts = _apart(rows)
    if not lefts:
        return f"decided that {_named([k for row in rows for k in ends(row)], names)} are one customer."
    out, rest = _named(lefts, names), _named([ends(row)[1] for row in rows if row["kind"] != "same"], names)
    made = desk.store.one_act(act) if act else None
    match made["action"] if made else "", len(lefts):
        case "take_out", 1:
            return f"took {out} out: it is not the customer of {rest}."
        case "take_out", _:
            return f"took {out} out: they are not the customer of {rest}."
        case "split", many if many > 1:
            return f"made {out} one customer, apart from that of {rest}."
        case _, many:
            return f"decided that {out} {'is' if many == 1 else 'are'} not the customer of {rest}."


def _named(keys: Sequence[Key], names: dict[Key, str]) -> str:
    """Records as they are called."""
    return listing([f"{names[key]} {key}" if names[key] != key else key for key in dict.fromkeys(keys)])
