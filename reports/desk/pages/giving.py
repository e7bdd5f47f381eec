"""Several cases of the queue given to a colleague at once: each of them is an act, to be taken back by itself."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from connectors.store.desk.filter import Case
from connectors.store.desk.known import HELD
from reports.desk.access import Desk, Person, Refused, Steward
from reports.desk.giving import give
from reports.desk.pages.case import cases, row_of
from reports.desk.pages.queue import Asked
from reports.desk.paging import SIZE, Page
from reports.desk.services import Services

router = APIRouter()


@router.post("/queue/give")
def give_several(
    desk: Desk, person: Steward, asked: Asked, other: Annotated[str, Form()],
    case: Annotated[list[str] | None, Form()] = None, text: Annotated[str, Form(max_length=2000)] = "", page: Page = 1,
) -> Response:  # fmt: skip
    """Give those that were marked on a page of the queue; what cannot be given stays, and is told."""
    marked = cases(case or ())[:SIZE]
    if not marked:
        raise Refused(422, "No case is marked. Mark those that you give away")
    acts = [act for one in marked if (act := _given(desk, person, one, other, text)) is not None]
    if not acts:
        raise Refused(409, f"{other} may decide none of these cases. Give them to somebody else")
    told = {"page": page, "gave": acts, "kept": len(marked) - len(acts)}
    return RedirectResponse(f"/queue?{urlencode({**asked.asked(), **told}, doseq=True)}", 303)


def _given(desk: Services, person: Person, case: Case, other: str, text: str) -> int | None:
    """The act; None where the case is not there any more, or not for one of the two."""
    try:
        number = give(desk, person, row_of(desk, person, case), other, text)
    except Refused:
        return None
    desk.store.let_go(person.name, case, Case(HELD, case.left, case.right))
    return number
