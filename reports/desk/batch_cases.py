"""The cases of a batch as its page lists them: those decided unseen, and its sample, each with what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from connectors.store.desk.batched import Standing
from connectors.store.desk.filter import Case
from reports.desk.access import Person
from reports.desk.paging import SIZE, Paging
from reports.desk.seen import Seen
from reports.desk.services import Services
from reports.desk.told import DECIDED

Part = Literal["rest", "sample"]
"""The cases that nobody looked at, or those that were drawn to be decided blind."""
OPEN = {
    "sampling": "Would be decided so.",
    "accepting": "Waits to be decided so.",
    "accepted": "Is open.",
    "given up": "Is in the queue.",
}
"""What a case outside the sample is, by the state of its batch, as long as nobody decided it."""
GONE = "Left the queue in a run meanwhile."


@dataclass(frozen=True)
class Item:
    """A case; `names` is empty where it is not among this person's any more."""

    case: Case
    names: tuple[str, ...]
    became: str
    """In a sentence."""


@dataclass(frozen=True)
class Listed:
    """A page of a part of a batch's cases."""

    part: Part
    many: dict[Part, int]
    """Cases of each part."""
    items: tuple[Item, ...]
    paging: Paging
    hidden: bool
    """Whether the sample is being decided: it is listed when all of it is, so that nobody is led."""


def listed(
    desk: Services, person: Person, batch: dict[str, Any], act: int | None, part: Part, page: int, *, pending: bool
) -> Listed:
    """One page of the cases. `act`: the one that decided the rest; `pending`: the sample is not decided yet."""
    many: dict[Part, int] = {"rest": batch["size"] - batch["sample"], "sample": batch["sample"]}
    paging, hidden = Paging.of(page, many[part]), part == "sample" and pending
    before = batch["sample"] if part == "rest" else 0
    first, last = before + paging.first, before + min(paging.first + SIZE, many[part])
    cases = {} if hidden else dict(enumerate(desk.store.batch_cases(batch["seq"], first, last - first), first))
    return Listed(part, many, tuple(_items(desk, person, batch, act, cases)), paging, hidden)


def _items(
    desk: Services, person: Person, batch: dict[str, Any], act: int | None, cases: Mapping[int, Case]
) -> list[Item]:
    if not cases:
        return []
    standing = desk.store.standing(batch, max(cases) + 1, min(cases))
    out = desk.store.left_out(batch["seq"], tuple(cases))
    unseen = desk.store.made_by(act, [one.decision for one in standing.decided.values()]) if act else frozenset()
    keys = [key for case in cases.values() for key in case[1:]]
    names, outside = desk.names(keys), Seen(desk, person).outside(keys)
    left = {case for case, _ in out}
    return [
        Item(
            case,
            () if {case.left, case.right} <= outside else (names[case.left], names[case.right]),
            "Was left out: earlier decisions exclude it." if case in left else _became(batch, place, standing, unseen),
        )
        for place, case in cases.items()
    ]


def _became(batch: dict[str, Any], place: int, standing: Standing, unseen: frozenset[int]) -> str:
    if (one := standing.decided.get(place)) is not None:
        if one.decision in unseen:
            return "Was decided so, unseen."
        return f"{one.user} decided on {one.time[:10]} that they {DECIDED[one.answer]}."
    if place not in standing.open:
        return GONE
    return OPEN[batch["state"]] if place >= batch["sample"] else "Is open."
