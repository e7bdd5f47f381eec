"""What an answer to a case would make of its customers: asked by the case's page once it is shown."""

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter
from fastapi.responses import Response

from connectors.store.desk.filter import Case
from reports.desk.access import Desk, Steward
from reports.desk.frame import shown
from reports.desk.outcome import Outcome, outcome
from reports.desk.pages.case import row_of
from reports.desk.seen import Seen
from reports.desk.view import view

router = APIRouter()


@dataclass(frozen=True)
class OutcomePiece:
    """A line of the case's page."""

    template: ClassVar[str] = "desk/case/outcome.html.j2"
    outcome: Outcome
    names: tuple[str, ...]
    """What the other records are called."""
    whole: bool
    """Whether one may say that the two customers are one with all their records."""


@router.get("/case/outcome")
def look(desk: Desk, person: Steward, case: str, left: str, right: str) -> Response:
    """Nothing where it would tell what is hidden from this person, or where there is nothing to tell."""
    told = view(desk, person, row_of(desk, person, Case(case, left, right)))
    found = outcome(Seen(desk, person), told.case, told.customers)
    if found is None:
        return Response(status_code=204)
    names = told.beside.names if told.beside else ()
    return shown(OutcomePiece(found, names, told.may_be_whole))
