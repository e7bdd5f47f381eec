"""Taking an act back: who may, and what comes of it."""

from collections.abc import Sequence
from typing import Any, Final

from connectors.store.desk.filter import Case
from connectors.store.desk.known import HELD
from reports.desk.access import Person, Refused
from reports.desk.seen import Seen
from reports.desk.services import Key, Services
from rules.record_key import ends

A_DAY: Final = 24 * 60.0
"""Minutes for which a known pair stays with whoever was shown it."""

ELSEWHERE: Final = "This was decided on customers that are not among yours: ask a lead who may see them to take it back"


def take_back(desk: Services, person: Person, number: int) -> int:
    """Undo an act: one's own, or as a lead anybody's. -> the number of the undoing.

    Raises Refused, Contradiction, Overtaken.
    """
    found = desk.store.one_act(number)
    if found is None:
        raise Refused(404, "There is no such act")
    _demand_own(person, found)
    if not _within(desk, person, found, whole=found["user"] != person.name):
        raise Refused(403, ELSEWHERE)
    try:
        undoing = desk.store.undo_act(number, person.name)
    except ValueError as error:
        raise Refused(409, str(error).capitalize()) from error
    if found["purpose"] == "known" and found["user"] == person.name:
        desk.store.claim(Case(HELD, found["left"], found["right"]), person.name, A_DAY)
    desk.store.note_act(person.name, "undo", f"act {number}")
    return undoing


def take_back_decision(desk: Services, person: Person, number: int) -> int:
    """Undo a decision that was made elsewhere than at the desk, and is of no act. -> the number of the undoing. Raises
    Refused, Contradiction.
    """
    found = desk.store.decisions_numbered([number])
    if not found:
        raise Refused(404, "There is no such decision")
    if found[0]["act"]:
        raise Refused(409, "This decision was made at the desk: take back what was done there")
    _demand_own(person, found[0])
    if not _of_ones_own(Seen(desk, person), ends(found[0]), whole=found[0]["user"] != person.name):
        raise Refused(403, ELSEWHERE)
    try:
        undoing = desk.store.undo(number, user=person.name)
    except ValueError as error:
        raise Refused(409, str(error).capitalize()) from error
    desk.store.note_act(person.name, "undo", f"decision {number}")
    return undoing


def _within(desk: Services, person: Person, act: dict[str, Any], *, whole: bool) -> bool:
    """Whether what an act is about lies in a person's limits: all of it (`whole`), or a record at least. A batch has to
    in any case, as when it is accepted.
    """
    seen = Seen(desk, person)
    if not seen.is_limited:
        return True
    if act["undoes"]:
        undone = desk.store.one_act(act["undoes"])
        return undone is not None and _within(desk, person, undone, whole=whole)
    if act["batch"] and not act["left"]:
        return desk.store.lies_within(act["batch"], person.limits)
    if act["kind"] == "quarantine":
        return act["left"].partition(":")[0] in (seen.sources() or ())
    return _of_ones_own(seen, _keys(desk, act), whole=whole)


def _of_ones_own(seen: Seen, keys: Sequence[Key], *, whole: bool) -> bool:
    """Whether records lie in a person's limits. Of none it cannot be told: then others' acts do not, one's own do."""
    outside = len(seen.outside(keys))
    if not keys:
        return not whole
    return outside == 0 if whole else outside < len(keys)


def _keys(desk: Services, act: dict[str, Any]) -> list[Key]:
    """The records of an act's case and of its decisions."""
    decided = [key for decision in desk.store.decisions_of_act(act["seq"]) for key in ends(decision)]
    return sorted({key for key in (act["left"], act["right"], *decided) if key})


def _demand_own(person: Person, done: dict[str, Any]) -> None:
    if done["user"] != person.name and not person.may("lead"):
        raise Refused(403, f"This was {done['user']}'s decision: ask them, or a lead, to take it back")
