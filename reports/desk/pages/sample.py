"""The sample of a batch, case by case and blind: neither score nor opinion, nor what the batch's answer is."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from connectors.store.decisions import Contradiction, wanted
from connectors.store.desk.acts import Act
from reports.desk.access import Desk, Person, Steward
from reports.desk.batching import SAMPLE, batch_of, demand_sampled, judged, next_sampled
from reports.desk.frame import Frame, frame, shown
from reports.desk.lately import LOOKED_AT, said_of
from reports.desk.numbers import FormNumber, Number
from reports.desk.pages.answers import Which
from reports.desk.pages.case import Answer, note_seen
from reports.desk.services import Services
from reports.desk.view import CaseView, view

router = APIRouter()


@dataclass(frozen=True)
class SamplePage:
    """A case of the sample. `view`: None where others have what is left."""

    template: ClassVar[str] = "desk/batches/sample.html.j2"
    frame: Frame
    number: int
    view: CaseView | None
    done: int
    sample: int
    last: int
    """The last answer of this person in it, to be taken back; 0: there is none."""
    said: str
    """What it was."""


@router.get("/batches/{number}/decide")
def work(request: Request, desk: Desk, person: Steward, number: Number) -> Response:
    """The next case of the sample; the batch, where there is none left."""
    batch = batch_of(desk, person, number)
    found = judged(desk, batch)
    if not found.pending or batch["state"] != "sampling":
        return RedirectResponse(f"/batches/{number}", 303)
    row = next_sampled(desk, person, batch)
    note_seen(desk, person, row)
    told = view(desk, person, row, blind=True) if row else None
    last = _last(desk, person, number)
    return shown(
        SamplePage(
            frame(request, desk, person), number, told, found.sampled, found.sampled + found.pending,
            last["seq"] if last else 0, said_of(desk, person, last) if last else "",
        )
    )  # fmt: skip


def _last(desk: Services, person: Person, number: int) -> dict[str, Any] | None:
    """The last answer that somebody gave in the sample of a batch, of those that stand."""
    acts = desk.store.acts(user=person.name, batch=number, action="answer", limit=LOOKED_AT)
    return next((act for act in acts if not act["undone"]), None)


@router.post("/batches/{number}/answer")
def answer(
    desk: Desk, person: Steward, number: Number, case: Which, answer: Annotated[Answer, Form()],
    seen: FormNumber,
) -> Response:  # fmt: skip
    """Decide a case of the sample."""
    batch = demand_sampled(desk, person, number, case)
    decision = wanted(answer, case.left, case.right)
    act = Act(person.name, "answer", case, (decision,), answer=answer, purpose=SAMPLE, batch=number)
    try:
        desk.store.act(act, seen)
    except Contradiction:
        return RedirectResponse(f"/case?{urlencode({**case.asked(), 'wanted': answer})}", 303)
    desk.store.let_go(person.name, case)
    desk.store.note_act(person.name, f"answered {answer}", f"{case.left} {case.right}", f"batch {batch['number']}")
    return RedirectResponse(f"/batches/{number}/decide", 303)


@router.post("/batches/{number}/skip")
def skip(desk: Desk, person: Steward, number: Number, case: Which) -> Response:
    """Lay a case of the sample aside: it comes again, for without it the sample would be none."""
    demand_sampled(desk, person, number, case)
    desk.store.act(Act(person.name, "skip", case, batch=number))
    desk.store.let_go(person.name, case)
    return RedirectResponse(f"/batches/{number}/decide", 303)
