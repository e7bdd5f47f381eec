"""What was decided on a customer's records, and what of it the golden table does not say yet, or still."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

from connectors.store.desk.deeds import Wanted
from reports.desk.access import Person
from reports.desk.services import Key, Services
from reports.desk.told import Line, lines
from reports.format import listing
from rules.record_key import ends

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
    eyes = None if person.may("lead") else person.name
    deeds = desk.store.deeds(Wanted(what="undo", keys=keys, eyes=eyes), LATEST)
    return lines(desk, person, [deed for deed in deeds if deed["waits"] and not deed["undone"]])


def decided_on(desk: Services, person: Person, names: dict[Key, str]) -> tuple[Decided, ...]:
    """Decisions in force on pairs of these records, an act each."""
    homes = {key: home["golden_id"] for key, home in desk.store.homes_of(tuple(names)).items()}
    since = desk.store.published_as_of()
    of: dict[tuple[int | None, str], list[dict[str, Any]]] = {}
    for row in desk.store.decided_on(tuple(names)):
        if row["kind"] != "value":
            of.setdefault((row["act"], row["user"]), []).append(row)
    found = []
    for (act, user), rows in of.items():
        pairs = [(ends(row), row["kind"] == "same") for row in rows]
        waits = any((homes.get(left) == homes.get(right)) != same for (left, right), same in pairs)
        may = act is not None and (user == person.name or person.may("lead"))
        found.append(Decided(act, user, rows[0]["time"], _said(rows, names), _apart(rows) if waits else (),
                             waits or rows[0]["time"] > since, waits, may))  # fmt: skip
    return tuple(found)


def _apart(rows: Sequence[dict[str, Any]]) -> tuple[Key, ...]:
    return tuple(dict.fromkeys(ends(row)[0] for row in rows if row["kind"] != "same"))


def _said(rows: Sequence[dict[str, Any]], names: dict[Key, str]) -> str:
    """What decisions of one act say."""
    lefts = _apart(rows)
    if not lefts:
        return f"decided that {_named([k for row in rows for k in ends(row)], names)} are one customer."
    rights = [ends(row)[1] for row in rows if row["kind"] != "same"]
    is_not = "is" if len(lefts) == 1 else "are"
    return f"decided that {_named(lefts, names)} {is_not} not the customer of {_named(rights, names)}."


def _named(keys: Sequence[Key], names: dict[Key, str]) -> str:
    """Records as they are called."""
    return listing([f"{names[key]} {key}" if names[key] != key else key for key in dict.fromkeys(keys)])
