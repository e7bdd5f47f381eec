"""What is done with a case: answered, laid aside, given away, commented, undone; and that somebody is still there."""

from dataclasses import dataclass, replace
from typing import Annotated, ClassVar, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from connectors.store.decisions import Contradiction, wanted
from connectors.store.desk.acts import Act
from connectors.store.desk.filter import Case
from connectors.store.desk.known import HELD
from reports.desk.access import Desk, Person, Refused, Steward
from reports.desk.frame import Frame, frame, shown
from reports.desk.numbers import FormNumber, Number
from reports.desk.pages.case import Answer, cases, row_of
from reports.desk.pages.queue import case_query
from reports.desk.pages.sign_in import ours
from reports.desk.services import Services
from reports.desk.undoing import take_back, take_back_decision
from reports.desk.view import CaseView, needs_two, view

router = APIRouter()
MOST: Final = 10
"""Cases that one page may keep."""


def which(case: Annotated[str, Form()], left: Annotated[str, Form()], right: Annotated[str, Form()]) -> Case:
    """The case that a form is about."""
    return Case(case, left, right)


def go_on(rest: Annotated[str, Form(max_length=2000)] = "") -> str:
    """Where one goes on, without scripts: the next case of the filter one works in."""
    return f"/decide?{rest}" if rest else "/decide"


Which = Annotated[Case, Depends(which)]
GoOn = Annotated[str, Depends(go_on)]


@router.post("/case/answer")
def answer(
    request: Request, desk: Desk, person: Steward, case: Which, to: GoOn,
    answer: Annotated[Answer, Form()], seen: FormNumber, reason: Annotated[str, Form(max_length=2000)] = "",
    seconds: Annotated[float | None, Form(ge=0, allow_inf_nan=False)] = None,
) -> Response:  # fmt: skip
    """Decide a case. Answers 409 where somebody else did meanwhile, or where earlier decisions exclude it."""
    row = row_of(desk, person, case)
    act = Act(
        person.name, "answer", case, (wanted(answer, case.left, case.right),), answer=answer, purpose="queue",
        text=reason or None, seconds=seconds,
    )  # fmt: skip
    try:
        number = _answered(desk, person, act, case, seen, two=needs_two(desk, row))
    except Contradiction:
        look = f"/case?{urlencode({'case': case.kind, 'left': case.left, 'right': case.right, 'wanted': answer})}"
        if "application/json" not in request.headers.get("accept", ""):
            return RedirectResponse(look, 303)
        said = "Earlier decisions say otherwise: nothing was recorded."
        return JSONResponse({"headline": "Contradiction", "message": said, "look": look}, 409)
    _put_down(desk, person, case)
    desk.store.note(person.name, f"answered {answer}", f"{case.left} {case.right}")
    return done(request, number, to)


@router.post("/case/skip")
def skip(request: Request, desk: Desk, person: Steward, case: Which, to: GoOn) -> Response:
    """Lay a case aside until tomorrow: it stays in the queue for others."""
    row_of(desk, person, case)
    purpose = "known" if desk.store.is_known(person.name, case) else None
    number = desk.store.act(Act(person.name, "skip", case, purpose=purpose))
    _put_down(desk, person, case)
    return done(request, number, to)


@router.post("/case/give")
def give(
    request: Request, desk: Desk, person: Steward, case: Which, to: GoOn,
    other: Annotated[str, Form()], text: Annotated[str, Form(max_length=2000)] = "",
) -> Response:  # fmt: skip
    """Give a case to a colleague, in whose queue it is then, and in nobody else's."""
    row = row_of(desk, person, case)
    if other not in view(desk, person, row).colleagues:
        raise Refused(409, f"{other} may not decide this case. Give it to somebody of the list")
    known = desk.store.is_known(person.name, case)  # it is decided: there is nothing for a colleague to do
    action, purpose = ("skip", "known") if known else ("assign", None)
    number = desk.store.act(Act(person.name, action, case, purpose=purpose, other=other, text=text.strip() or None))
    _put_down(desk, person, case)
    desk.store.note(person.name, "gave to a colleague", f"{case.left} {case.right}", other)
    return done(request, number, to)


@router.post("/case/comment")
def comment(
    request: Request, desk: Desk, person: Steward, case: Which,
    text: Annotated[str, Form(max_length=2000)], rest: Annotated[str, Form(max_length=2000)] = "",
) -> Response:  # fmt: skip
    """Say something about a case to whoever has it next."""
    row = row_of(desk, person, case)
    if text.strip():
        desk.store.act(Act(person.name, "comment", case, text=text.strip()))
    if "hx-request" in request.headers:
        told = view(desk, person, row, query=case_query(row), rest=rest)
        return shown(Talk(frame(request, desk, person), told))
    return RedirectResponse(f"/case?{case_query(row)}", 303)


@dataclass(frozen=True)
class Talk:
    """What people said about a case, and the line to say something."""

    template: ClassVar[str] = "desk/case/talk.html.j2"
    frame: Frame
    view: CaseView


@router.post("/decide/beat")
def beat(desk: Desk, person: Steward, case: Annotated[list[str] | None, Form()] = None) -> Response:
    """Keep the cases of a page that is open; -> those that are not this person's any more, and why."""
    lost = {"\t".join(one): why for one in cases(case or ())[:MOST] if (why := _lost(desk, person, one))}
    return JSONResponse({"lost": lost})


@router.post("/decide/left")
def left(desk: Desk, person: Steward, case: Annotated[list[str] | None, Form()] = None) -> Response:
    """Give back the cases of a page that was left, so that colleagues may have them."""
    for one in cases(case or ()):
        desk.store.let_go(person.name, one)
    return Response(status_code=204)


@router.post("/acts/{number}/undo")
def undo(
    request: Request, desk: Desk, person: Steward, number: Number, to: GoOn, back: Annotated[str, Form()] = ""
) -> Response:
    """Take back an act: one's own, or as a lead anybody's."""
    undoing = take_back(desk, person, number)
    return done(request, undoing, ours(back) if back else to)


def _put_down(desk: Services, person: Person, case: Case) -> None:
    desk.store.let_go(person.name, case)
    desk.store.let_go(person.name, Case(HELD, case.left, case.right))


def done(request: Request, number: int, to: str) -> Response:
    """The number of an act for a script; for a person, the page where one goes on."""
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"act": number})
    return RedirectResponse(to, 303)


@router.post("/decisions/{number}/undo")
def undo_decision(
    request: Request, desk: Desk, person: Steward, number: Number, to: GoOn, back: Annotated[str, Form()] = ""
) -> Response:
    """Take back a decision that was made elsewhere than at the desk: of no act."""
    take_back_decision(desk, person, number)
    return done(request, 0, ours(back) if back else to)


def _answered(desk: Services, person: Person, act: Act, case: Case, seen: int, *, two: bool) -> int:
    """Record an answer as what it is: to a known pair, of one reader of two, a lead's last word, or a decision."""
    if desk.store.is_known(person.name, case):
        return desk.store.answer_known(act)
    reading = desk.store.readings([(case.left, case.right)]).get((case.left, case.right))
    if reading and reading["purpose"] == "disagreed" and person.may("lead"):
        return desk.store.act(replace(act, purpose="third"), seen)
    return desk.store.read(act, seen)[0] if two or reading else desk.store.act(act, seen)


def _lost(desk: Services, person: Person, case: Case) -> str:
    """Why a case is not this person's any more; empty: it is."""
    if desk.store.is_known(person.name, case):
        return ""
    if not desk.store.is_open(case, person.limits):
        return "It is decided meanwhile."
    holder = desk.store.claim(case, person.name, desk.settings.claim_minutes)
    return "" if holder == person.name else f"{holder} is on it now."
