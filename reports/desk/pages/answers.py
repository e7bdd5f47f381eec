"""What is done with a case: answered, laid aside, given away, commented, undone; and that somebody is still there."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, ClassVar, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from connectors.store.decisions import Contradiction, wanted
from connectors.store.desk.acts import Act
from connectors.store.desk.deeds import Wanted
from connectors.store.desk.filter import Case
from connectors.store.desk.known import HELD
from connectors.store.desk.readers import WHOLE
from reports.desk.access import Desk, Lead, Person, Refused, Steward, for_a_piece
from reports.desk.answering import customers, of_much_business, of_records, record, whole
from reports.desk.frame import Frame, frame, shown
from reports.desk.giving import give as away
from reports.desk.lately import said_of
from reports.desk.numbers import FormNumber, Number
from reports.desk.pages.case import Answer, Whole, cases, row_of
from reports.desk.pages.queue import case_query
from reports.desk.pages.sign_in import ours
from reports.desk.parting import decisions
from reports.desk.services import Key, Services
from reports.desk.told import lines
from reports.desk.undoing import take_back, take_back_decision
from reports.desk.view import CaseView, needs_two, view

router = APIRouter()
MOST: Final = 10
"""Cases that one page may keep."""
BECAME: Final = {
    "first": "Recorded. A second person is asked",
    "disagreed": "Somebody answered otherwise: a lead decides",
}
"""What became of an answer that decided nothing, by its purpose (readers.Reading)."""


def which(case: Annotated[str, Form()], left: Annotated[str, Form()], right: Annotated[str, Form()]) -> Case:
    """The case that a form is about."""
    return Case(case, left, right)


@dataclass(frozen=True)
class Then:
    """Where one goes on. `case`: the one that a script shows already."""

    to: str
    case: Case | None


def then(
    rest: Annotated[str, Form(max_length=2000)] = "", case: Annotated[str, Form(alias="next", max_length=500)] = ""
) -> Then:  # fmt: skip
    """Without scripts, to the next case of the filter one works in."""
    return Then(f"/decide?{rest}" if rest else "/decide", next(iter(cases([case])), None))


Which = Annotated[Case, Depends(which)]
GoOn = Annotated[Then, Depends(then)]


@router.post("/case/answer")
def answer(
    request: Request, desk: Desk, person: Steward, case: Which, to: GoOn,
    answer: Annotated[Answer | Whole, Form()], seen: FormNumber,
    reason: Annotated[str, Form(max_length=2000)] = "",
    seconds: Annotated[float | None, Form(ge=0, allow_inf_nan=False)] = None,
    run: str = Form(""),
) -> Response:  # fmt: skip
    """Decide a case. Answers 409 where somebody else did meanwhile, or where earlier decisions exclude it."""
    row = row_of(desk, person, case)
    keys = _all_records(desk, person, case, run) if answer == WHOLE else ()
    made = decisions("same", keys, ()) if keys else [wanted(answer, case.left, case.right)]
    act = Act(
        person.name, "answer", case, made, answer=of_records(answer, keys) if keys else answer, purpose="queue",
        text=reason or None, seconds=seconds,
    )  # fmt: skip
    try:
        number = record(desk, person, act, seen, two=needs_two(desk, row) or of_much_business(desk, keys))
    except Contradiction:
        look = f"/case?{urlencode({**case.asked(), 'wanted': answer})}"
        if "application/json" not in request.headers.get("accept", ""):
            return RedirectResponse(look, 303)
        said = "Earlier decisions say otherwise: nothing was recorded."
        return JSONResponse({"headline": "Contradiction", "message": said, "look": look}, 409)
    desk.store.note_act(person.name, f"answered {answer}", f"{case.left} {case.right}")
    return _go_on(request, desk, person, case, number, to, **_became(desk, number, answer))


@router.post("/case/skip")
def skip(request: Request, desk: Desk, person: Steward, case: Which, to: GoOn) -> Response:
    """Lay a case aside until tomorrow: it stays in the queue for others."""
    row_of(desk, person, case)
    purpose = "known" if desk.store.is_known(person.name, case) else None
    number = desk.store.act(Act(person.name, "skip", case, purpose=purpose))
    return _go_on(request, desk, person, case, number, to)


@router.post("/case/give")
def give(
    request: Request, desk: Desk, person: Steward, case: Which, to: GoOn,
    other: Annotated[str, Form()], text: Annotated[str, Form(max_length=2000)] = "",
) -> Response:  # fmt: skip
    """Give a case to a colleague, in whose queue it is then, and in nobody else's."""
    number = away(desk, person, row_of(desk, person, case), other, text)
    return _go_on(request, desk, person, case, number, to)


@router.post("/case/take")
def take(
    desk: Desk, person: Lead, case: Which, rest: Annotated[str, Form(max_length=2000)] = ""
) -> Response:  # fmt: skip
    """Take over a case that somebody has open: their page says so when it asks next. Whoever answers first, decides."""
    row = row_of(desk, person, case)
    if had := desk.store.take_over(case, person.name, desk.settings.claim_minutes):
        desk.store.note_act(person.name, "took over", f"{case.left} {case.right}", had)
    return RedirectResponse(f"/case?{case_query(row)}{'&' if rest else ''}{rest}", 303)


@router.post("/case/held")
def held(desk: Desk, person: Steward, case: Which) -> Response:
    """Whether a case that somebody else has open is so still, and waits for an answer."""
    row_of(desk, person, case)
    waits = desk.store.is_open(case, person.limits)
    return JSONResponse({"held": waits and desk.store.is_before_another(case, person.name)})


@router.post("/case/comment")
def comment(
    request: Request, desk: Desk, person: Steward, case: Which,
    text: Annotated[str, Form(max_length=2000)], rest: Annotated[str, Form(max_length=2000)] = "",
) -> Response:  # fmt: skip
    """Say something about a case to whoever has it next."""
    row = row_of(desk, person, case)
    if text.strip():
        desk.store.act(Act(person.name, "comment", case, text=text.strip()))
    if for_a_piece(request):
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
def beat(
    desk: Desk, person: Steward, case: Annotated[list[str] | None, Form()] = None,
    open: Annotated[list[str] | None, Form()] = None,
) -> Response:  # fmt: skip
    """Keep the cases of a page, of which some are open and the others are there ahead; -> those that are not this
    person's any more, and why. The one that is open is taken again where it was given back meanwhile, by the page as it
    was before it was loaded anew. No other is taken by this: whoever makes lists up has no more than before.
    """
    shown, kept = set(cases(open or ())), cases(case or ())[:MOST]
    lost = {}
    for one in kept:
        keep = desk.store.claim if shown == {one} else partial(desk.store.renew, ahead=one not in shown)
        if why := _lost(desk, person, one, keep):
            lost["\t".join(one)] = why
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
    return _undone(request, desk, person, ("act", undoing), ours(back) if back else to.to, number)


@router.post("/decisions/{number}/undo")
def undo_decision(
    request: Request, desk: Desk, person: Steward, number: Number, to: GoOn, back: Annotated[str, Form()] = ""
) -> Response:
    """Take back a decision that was made elsewhere than at the desk: of no act."""
    undoing = take_back_decision(desk, person, number)
    return _undone(request, desk, person, ("decision", undoing), ours(back) if back else to.to)


def _undone(
    request: Request, desk: Services, person: Person, undoing: tuple[str, int], to: str, undone: int | None = None
) -> Response:  # fmt: skip
    """What was taken back (the act `undone`); of what is published, that it is until the next run, and where to ask for
    one.
    """
    (told,) = lines(desk, person, desk.store.deeds(Wanted(one=undoing), 1))
    act = desk.store.one_act(undone) if undone else None
    what = said_of(desk, person, act) if act else ""
    taken = f"Taken back: {what}" if what else "Taken back"
    said = f"{taken}. It was published: the golden table and the queue follow with the next run"
    look = f"/rerun?{urlencode({'id': told.customers}, doseq=True)}" if told.customers else "/history"
    more = {"said": said, "look": look} if told.waits else {"said": "", "look": ""}
    return done(request, undoing[1], to, taken=taken, **more)


def _all_records(desk: Services, person: Person, case: Case, run: str) -> tuple[Key, ...]:
    """The records of both customers of a case, its own two first. Raises Refused where these are not two customers, or
    not those that the page showed any more.
    """
    if run != desk.run_id():
        raise Refused(409, "A run was published while you were looking. Look at the case again: nothing was recorded")
    ids = customers(desk, case)
    if len(ids) < 2:
        raise Refused(409, "These records are not of two customers by now. Answer “same”, or go on with the next")
    return whole(desk, person, ids, case)


def _became(desk: Services, number: int, answer: str) -> dict[str, str]:
    """What is to be `said` of an answer that did not decide as it says itself, and where to `look` at it. Of one to a
    known pair nothing, as of any other that decided.
    """
    found = desk.store.one_act(number) or {"purpose": None}
    if said := BECAME.get(found["purpose"]):
        return {"said": said}
    if answer != WHOLE or found["purpose"] != "second" or found["answer"].partition(" ")[0] == WHOLE:
        return {}
    less = f"{found['other']} said it of these two only: they are one customer, the others follow their evidence"
    return {"said": less, "look": "/history"}


def _go_on(
    request: Request, desk: Services, person: Person, case: Case, number: int, to: Then, **became: str
) -> Response:  # fmt: skip
    """A case is done with: it is given back, and the one that is shown instead is nobody else's."""
    desk.store.let_go(person.name, case, Case(HELD, case.left, case.right))
    has = to.case is None or desk.store.opened(to.case, person.name)
    lost = "" if to.case is None or has else _lost(desk, person, to.case, desk.store.claim)
    others = {"\t".join(to.case): lost} if to.case and lost else {}
    return done(request, number, to.to, **{"said": "", "look": "", **became}, lost=others)


def done(request: Request, number: int, to: str, **more: Any) -> Response:
    """The number of an act for a script; for a person, the page where one goes on."""
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"act": number, **more})
    return RedirectResponse(to, 303)


def _lost(desk: Services, person: Person, case: Case, keep: Callable[[Case, str, float], str]) -> str:
    """Why a case is not this person's any more; empty: it is, or nobody's. `keep`: of the store, to have or keep it."""
    if desk.store.is_known(person.name, case):
        return ""
    if not desk.store.is_open(case, person.limits):
        return "It is decided meanwhile."
    holder = keep(case, person.name, desk.settings.claim_minutes)
    return "" if holder in (person.name, "") else f"{holder} is on it now."
