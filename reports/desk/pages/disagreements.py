"""Cases to which two people gave two answers: a lead decides, with both reasons in view, on the page of the case."""

from dataclasses import dataclass
from typing import Any, ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from connectors.store.desk.filter import Case, Filter
from reports.desk.access import Desk, Lead
from reports.desk.frame import Frame, frame, shown
from reports.desk.pages.queue import Item, case_query
from reports.desk.seen import Seen
from reports.desk.told import answers

router = APIRouter()


@dataclass(frozen=True)
class Disagreement:
    """A case with the acts by which two people answered it."""

    item: Item
    answers: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class DisagreementsPage:
    """All that are open, the most valuable first."""

    template: ClassVar[str] = "desk/disagreements.html.j2"
    frame: Frame
    cases: tuple[Disagreement, ...]
    above: float | None
    """Money billed, from which on two people must answer; None: it is not asked for."""


@router.get("/disagreements")
def disagreements(request: Request, desk: Desk, person: Lead) -> Response:
    seen = Seen(desk, person)
    rows = desk.store.disagreements(seen.limited(Filter()))
    records = seen.records([key for row in rows for key in (row["left"], row["right"])])
    told = tuple(
        Disagreement(
            Item(row, records[row["left"]].name, records[row["right"]].name, case_query(row)),
            answers(desk, Case.of(row)),
        )
        for row in rows
    )
    return shown(DisagreementsPage(frame(request, desk, person), told, desk.settings.second_reader_above))
