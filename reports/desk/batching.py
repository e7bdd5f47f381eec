"""What is to be said of a batch: how far its sample is, what it proves, and what may be done."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from connectors.store.desk.batches import LeftOut
from connectors.store.desk.filter import Case, Filter
from reports.desk.access import Person, Refused
from reports.desk.filtered import in_words
from reports.desk.seen import Seen
from reports.desk.services import Services
from rules.sampling import Measured, confidence, enough, holds, measure

SAMPLE: Final = "sample"
"""Purpose of an answer that is given blind."""


@dataclass(frozen=True)
class Judged:
    """A batch and its sample as they are now."""

    size: int
    """Cases that were decided since, or are open still."""
    sampled: int
    """Of the sample, those that are decided."""
    pending: int
    """Of the sample, those that are open."""
    rest: int
    """Open cases outside the sample."""
    errors: int
    measured: Measured | None
    """None: as long as the sample is not whole, so that nobody is led by it."""
    confidence: float
    holds: bool
    more: int | None
    """How many more cases would prove the claim if all of them were right; None: no number would."""


def judged(desk: Services, batch: dict[str, Any]) -> Judged:
    """The sample of a batch, judged."""
    over = batch["state"] in ("accepted", "given up")  # then the rest is of no matter
    whole = desk.store.standing(batch, batch["sample"] if over else None)
    mine = range(batch["sample"])
    decided = [one for place, one in whole.decided.items() if place in mine]
    pending = sum(place in mine for place in whole.open)
    errors = sum(one.answer != batch["answer"] for one in decided)
    at, claim, size = confidence(batch["looks"]), batch["precision"], batch["size"] if over else whole.size
    known = not pending and size > 0
    needed = enough(size, claim, errors, confidence(batch["looks"] + 1)) if known else None
    return Judged(
        size, len(decided), pending, len(whole.open) - pending, errors,
        measure(size, len(decided), errors, at) if known else None, at,
        known and holds(size, len(decided), errors, claim, at),
        None if needed is None else max(1, needed - len(decided)),
    )  # fmt: skip


def enlarged(desk: Services, batch: dict[str, Any], more: int) -> int:
    """The size of the sample with so many more cases that are still there."""
    whole = desk.store.standing(batch)
    later = sorted(place for place in (*whole.open, *whole.decided) if place >= batch["sample"])
    return later[: max(1, more)][-1] + 1 if later else int(batch["sample"])


def listed(desk: Services, person: Person, action: str, many: int) -> Iterator[tuple[dict[str, Any], str]]:
    """The latest batches (or packs) that a person may see, each with its filter in words."""
    for batch in filter(Seen(desk, person).batch, desk.store.batches(action, many)):
        yield batch, filter_of(batch)


def left_out_of(desk: Services, person: Person, asked: Filter) -> LeftOut:
    """Cases of a filter that this person may not decide together with the others."""
    limited = Seen(desk, person).limited(asked)
    return desk.store.left_out_of(limited, person.name, desk.settings.second_reader_above)


def filter_of(batch: dict[str, Any]) -> str:
    """The filter of a batch in words: whoever may see the batch may, for all its cases were like that."""
    return in_words(dict(parse_qsl(batch["query"])))


def batch_of(desk: Services, person: Person, number: int, action: str = "batch") -> dict[str, Any]:
    """A batch (or pack) by its number. Raises Refused where there is none, or none that this person may see."""
    found = desk.store.batch(number, action)
    if found is None or not Seen(desk, person).batch(found):
        raise Refused(404, f"There is no {action} {number}, or it holds customers that are not among yours")
    return found


def its_own(batch: dict[str, Any], person: Person) -> None:
    """A batch is ended by who made it, or by a lead. Raises Refused."""
    if batch["user"] != person.name and not person.may("lead"):
        raise Refused(403, f"This is {batch['user']}'s batch: ask them, or a lead")


def next_sampled(desk: Services, person: Person, batch: dict[str, Any]) -> dict[str, Any] | None:
    """The next case of the sample that is free, claimed; those that this person laid aside come last."""
    seen = Seen(desk, person)
    of = desk.store.batch_cases(batch["seq"], many=batch["sample"])
    skipped = desk.store.acts(user=person.name, batch=batch["seq"], action="skip", limit=500)
    aside = [(act["left"], act["right"]) for act in skipped]
    waiting = [of[place] for place in sorted(desk.store.standing(batch, batch["sample"]).open)]
    for case in sorted(waiting, key=lambda case: len(aside) - aside.index(case[1:]) if case[1:] in aside else 0):
        row = desk.store.case(case, seen.limited(Filter()))
        if row and desk.store.claim(case, person.name, desk.settings.claim_minutes) == person.name:
            return row
    return None


def demand_sampled(desk: Services, person: Person, number: int, case: Case) -> dict[str, Any]:
    """The batch of whose sample a case is: it is being sampled, and the person may see the case. Raises Refused."""
    batch = batch_of(desk, person, number)
    if case not in desk.store.batch_cases(number, many=batch["sample"]):
        raise Refused(404, f"This case is not in the sample of batch {batch['number']}")
    Seen(desk, person).case(case)
    if batch["state"] != "sampling":
        raise Refused(409, "This batch is over: decide the case in the queue")
    return batch
