"""What somebody did last at a case, in a few words: what U takes back, whichever page it was done on."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from connectors.store.desk.filter import Case
from reports.desk.access import Person
from reports.desk.seen import Seen
from reports.desk.services import Services
from reports.desk.told import DONE
from reports.desk.view import in_short

AT_A_CASE: Final = ("answer", "take_out", "split", "skip", "assign")
"""Actions by which one is done with a case."""
LOOKED_AT: Final = 100
"""Acts among which the last one is looked for that stands."""


@dataclass(frozen=True)
class Last:
    """An act that can be taken back: its number, its case, and what it was."""

    act: int
    case: Case
    said: str


def last_of(desk: Services, person: Person) -> Last | None:
    """What somebody did last today at a case, of what stands; a sample is not of the queue, and has its own undo.

    An answer to a known pair is offered as any other: to leave it out would tell what it was.
    """
    today = datetime.now(UTC).date().isoformat()
    for act in desk.store.acts(user=person.name, since=today, limit=LOOKED_AT):
        if act["left"] and act["action"] in AT_A_CASE and not act["batch"] and not act["undone"]:
            return Last(act["seq"], Case.of(act), said_of(desk, person, act))
    return None


def said_of(desk: Services, person: Person, act: dict[str, Any]) -> str:
    """`the same customer (Anna Rossi / A. Rossi)`; of others' acts, and of what was done at no case, nothing."""
    if act["user"] != person.name or not act["left"] or act["action"] not in AT_A_CASE:
        return ""
    keys = (act["left"], act["right"])
    names = desk.names(keys)
    of = "" if Seen(desk, person).outside(keys) else f" ({in_short(names[keys[0]], names[keys[1]])})"
    return f"{_done(act)}{of}"


def _done(act: dict[str, Any]) -> str:
    if act["action"] in ("skip", "assign"):
        return f"given to {act['other']}" if act["other"] else "laid aside until tomorrow"
    return DONE.get((act["answer"] or act["action"]).partition(" ")[0], "an answer")
