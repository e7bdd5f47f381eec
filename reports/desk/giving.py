"""Giving a case to a colleague, in whose queue it is then, and in nobody else's."""

from typing import Any

from connectors.store.desk.acts import Act
from connectors.store.desk.filter import Case
from reports.desk.access import Person, Refused
from reports.desk.services import Services
from reports.desk.view import colleagues


def give(desk: Services, person: Person, row: dict[str, Any], other: str, text: str) -> int:
    """Give a case (a row of the queue) away, with what is said of it. -> the act. Raises Refused."""
    if other not in colleagues(desk, person, row):
        raise Refused(409, f"{other} may not decide this case. Give it to somebody of the list")
    case = Case.of(row)
    known = desk.store.is_known(person.name, case)  # it is decided: there is nothing for a colleague to do
    action, purpose = ("skip", "known") if known else ("assign", None)
    number = desk.store.act(Act(person.name, action, case, purpose=purpose, other=other, text=text.strip() or None))
    desk.store.note_act(person.name, "gave to a colleague", f"{case.left} {case.right}", other)
    return number
