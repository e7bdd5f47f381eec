"""How an answer is recorded: as a decision, as that of one reader of two, as a lead's last word, or to a known pair."""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from connectors.store.desk.acts import Act
from connectors.store.desk.filter import Case
from reports.desk.access import Person, Refused
from reports.desk.parting import MOST
from reports.desk.seen import Seen
from reports.desk.services import Key, Services


def record(desk: Services, person: Person, act: Act, seen: int, *, two: bool) -> int:
    """Record an answer to a case, or a decision on a customer's records (an act of no case): -> the act's number.

    two: it takes the same answer of two people. Raises Refused where there is no case in which a second one could give
    it, or where who gave one of two answers would have the last word, Contradiction, Overtaken.
    """
    case = act.case
    if case is None:
        if two and not person.may("lead"):
            raise Refused(403, "A customer of so much business takes two people: part it in its case, or ask a lead")
        return desk.store.act(act, seen)
    if desk.store.is_known(person.name, case):
        return desk.store.answer_known(act)
    reading = desk.store.readings([case[1:]]).get(case[1:])
    if reading and reading["purpose"] == "disagreed" and person.may("lead"):
        if person.name in (reading["user"], reading["other"]):
            raise Refused(409, "You gave one of the two answers to this case: another lead decides")
        return desk.store.act(replace(act, purpose="third"), seen)
    return desk.store.read(act, seen)[0] if two or reading else desk.store.act(act, seen)


def of_records(answer: str, keys: Sequence[Key], *named: Key) -> str:
    """An answer to records that a page shows together: that of two people is the same only where both saw the same
    records, and named the same ones.
    """
    return " ".join([answer, digest(keys), *sorted(named)])


def digest(keys: Sequence[Key]) -> str:
    """Which records a page showed together, in few letters; their order is of no matter."""
    return sha256("\n".join(sorted(keys)).encode()).hexdigest()[:16]


def of_much_business(desk: Services, keys: Sequence[Key]) -> bool:
    """Whether what is decided on these records takes two people."""
    above = desk.settings.second_reader_above
    if above is None or not keys:
        return False
    return sum(abs(fact.amount or 0.0) for record in desk.records(keys).values() for fact in record.facts) >= above


def customers(desk: Services, case: Case) -> tuple[str, ...]:
    """The golden ids of the records of a case, as far as these are active. Raises ValueError where it names none."""
    homes = desk.store.homes_of(case[1:])
    active = [homes[key]["golden_id"] for key in case[1:] if key in homes and homes[key]["state"] == "active"]
    return tuple(dict.fromkeys(active))


def whole(desk: Services, person: Person, ids: Sequence[str], case: Case | None) -> tuple[Key, ...]:
    """All records of some customers, the two of a case first. Raises Refused where one is not for this person, or
    where the case is of other records.
    """
    keys = Seen(desk, person).members(ids, case)
    if len(keys) > MOST:
        raise Refused(422, f"More than {MOST} records are too many to decide on together. Decide on pairs of them")
    if case is None:
        return keys
    if not {case.left, case.right} <= {*keys}:
        raise Refused(409, "The case is of other records by now. Begin with the case again")
    return (case.left, case.right, *(key for key in keys if key not in case))
