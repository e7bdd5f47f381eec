"""Everything that was done, the latest first, as sentences, each with its undo."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from connectors.store.desk.deeds import Wanted
from reports.desk.access import Desk, Refused, Viewer
from reports.desk.days import Day
from reports.desk.frame import Frame, frame, shown
from reports.desk.seen import Seen
from reports.desk.services import Key
from reports.desk.told import Line, lines
from rules.record_key import is_key

router = APIRouter()
PAGE: Final = 50
WHAT: Final = {
    "same": "one customer", "different": "two customers", "related": "related", "split": "split",
    "value": "a value set", "comment": "a comment", "assign": "given to somebody", "batch": "a batch",
    "correct": "a row corrected", "release": "a row let through", "return": "a row sent back", "undo": "taken back",
}  # fmt: skip


@dataclass(frozen=True)
class HistoryPage:
    """What was done."""

    template: ClassVar[str] = "desk/history.html.j2"
    frame: Frame
    lines: tuple[Line, ...]
    user: str
    what: str
    record: str
    day: str
    users: tuple[str, ...]
    kinds: dict[str, str]
    query: str
    back: str
    """The address of this page."""
    page: int
    more: bool


@router.get("/history")
def history(
    request: Request, desk: Desk, person: Viewer, day: Day, user: str = "", what: str = "",
    record: Annotated[str, Query(max_length=200)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:  # fmt: skip
    """What people did, to any record or to those of one customer."""
    eyes = None if person.may("lead") else person.name
    wanted = Wanted(user, what, keys_of(Seen(desk, person), record.strip()), day, eyes)
    deeds = desk.store.deeds(wanted, PAGE + 1, (page - 1) * PAGE)
    told = {"user": user, "what": what, "record": record, "day": day}
    query = urlencode({name: word for name, word in told.items() if word})
    told_lines = lines(desk, person, deeds[:PAGE])
    address = "/history" + (f"?{query}" if query else "")
    return shown(
        HistoryPage(
            frame(request, desk, person), told_lines, user, what, record, day, tuple(desk.store.doers()), WHAT, query,
            address, page, len(deeds) > PAGE,
        )
    )  # fmt: skip


def keys_of(seen: Seen, text: str) -> tuple[Key, ...]:
    """The records that are meant by a record `SOURCE:ID` or a customer's golden id; none by no text. Raises Refused."""
    if not text:
        return ()
    if is_key(text):
        if seen.outside((text,)):
            raise Refused(404, f"There is no record {text}, or not among yours")
        return (text,)
    if ":" in text:
        raise Refused(422, "Write a record as SOURCE:ID, or the golden id of a customer")
    return seen.of_life(text) or (f"{text}:{text}",)
