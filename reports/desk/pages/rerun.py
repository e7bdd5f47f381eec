"""Re-run these customers: what was decided on them goes into the golden table at once; progress and outcome, live."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from reports.desk.access import Desk, Person, Refused, Steward, for_a_piece
from reports.desk.frame import Frame, frame, shown
from reports.desk.seen import Seen
from reports.desk.services import Rerun, Services

router = APIRouter()
Ids = Annotated[list[str] | None, Query()]


@dataclass(frozen=True)
class RerunPage:
    """Progress or outcome, alone on a page."""

    template: ClassVar[str] = "desk/rerun.html.j2"
    frame: Frame
    ids: tuple[str, ...]
    rerun: Rerun | None
    unpublished: int
    """Decisions that it would publish."""


@dataclass(frozen=True)
class RerunFragment(RerunPage):
    """The same, to be put into a page."""

    template: ClassVar[str] = "desk/rerun/fragment.html.j2"


def of_customers(desk: Services, person: Person, ids: Sequence[str], since: str = "") -> Rerun | None:
    """What is under way, whoever asked for it, or the last outcome where it was asked for these customers, and not
    before `since`; of what became of them, those that this person may see.
    """
    last = desk.rerunning()
    if last is None or not (last.running or (set(last.golden_ids) & set(ids) and last.time >= since)):
        return None
    mine = Seen(desk, person).may([golden_id for golden_id, _ in last.became])
    return replace(last, became=tuple(one for one in last.became if one[0] in mine))


@router.get("/rerun")
def look(request: Request, desk: Desk, person: Steward, id: Ids = None) -> Response:
    """How far it is."""
    ids, seen, last = tuple(id or ()), Seen(desk, person), desk.rerunning()
    asked = last.golden_ids if last and last.user == person.name else ()  # these may be nobody by now
    for golden_id in ids if seen.is_limited else ():
        if golden_id not in asked:
            seen.of_life(golden_id)
    return _answer(request, desk, person, ids)


@router.post("/rerun")
def begin(request: Request, desk: Desk, person: Steward, id: Ids = None) -> Response:
    """Begin, unless one is under way."""
    ids = tuple(dict.fromkeys(id or ()))
    if not ids:
        raise Refused(422, "Say which customer: open it, and ask for the re-run there")
    Seen(desk, person).members(ids)
    under_way = desk.rerunning()
    if under_way is None or not under_way.running:
        desk.store.note(person.name, "re-run", " ".join(ids)[:200])
    desk.rerun(ids, person.name)
    if for_a_piece(request):
        return _answer(request, desk, person, ids)
    return RedirectResponse(f"/rerun?{urlencode({'id': ids}, doseq=True)}", 303)


def _answer(request: Request, desk: Services, person: Person, ids: tuple[str, ...]) -> Response:
    page = RerunFragment if for_a_piece(request) else RerunPage
    last = of_customers(desk, person, ids)
    return shown(page(frame(request, desk, person), ids, last, desk.store.decided_since()))
