"""A case: two records side by side, the evidence, and one key for each decision. The next one is fetched meanwhile."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from connectors.store.decisions import wanted
from connectors.store.desk.acts import Act
from connectors.store.desk.filter import Case
from reports.desk.access import Desk, Person, Refused, Steward, Viewer
from reports.desk.frame import Frame, frame, shown
from reports.desk.pages.queue import Asked, case_query
from reports.desk.seen import Seen
from reports.desk.services import Record, Services
from reports.desk.sides import Row, rows, thinks
from reports.waterfall import LEAST, fields, steps, svg

if TYPE_CHECKING:
    from rules.matching.explain import Explanation

router = APIRouter()
Answer = Literal["same", "different", "related"]
CLAIMS: Final = "steward"


@dataclass(frozen=True)
class CaseView:
    """What is shown of a case."""

    case: Case
    row: dict[str, Any]
    left: Record
    right: Record
    rows: tuple[Row, ...]
    thinks: str
    chart: str
    """The waterfall as SVG; empty where the two were not compared."""
    seen: int
    """The number of the last decision when this was shown."""
    claimed: str
    """Somebody else who works on it; empty: nobody."""
    decided: dict[str, Any] | None
    blind: bool
    comments: tuple[dict[str, Any], ...]
    query: str
    """Of its own page."""
    others: tuple[tuple[int, str], tuple[int, str]]
    """How many other records either customer has, and its golden id."""


@dataclass(frozen=True)
class CasePage:
    """A page of one case."""

    template: ClassVar[str] = "desk/case.html.j2"
    frame: Frame
    view: CaseView | None
    """None: nothing is left."""
    rest: str
    """The query of the filter one works in."""
    waiting: int


@dataclass(frozen=True)
class CaseFragment:
    """The same without its frame, to be put into a page."""

    template: ClassVar[str] = "desk/case/fragment.html.j2"
    frame: Frame
    view: CaseView


def view(desk: Services, person: Person, row: dict[str, Any], *, claimed: str = "", query: str = "") -> CaseView:
    """All that there is to see of a case of the queue."""
    case = Case(row["kind"], row["left"], row["right"])
    seen, last = Seen(desk, person), desk.store.last_decision()
    records = seen.records([case.left, case.right])
    left, right = records[case.left], records[case.right]
    told = seen.evidence(case.left, case.right)
    comments = [a for a in desk.store.acts(case=case) if a["action"] in ("comment", "assign")]
    return CaseView(
        case, row, left, right, rows(left, right, told), thinks(told),
        chart(told), last, claimed if claimed != person.name else "",
        desk.store.decided_pair(case.left, case.right), desk.settings.blind and person.role == "steward",
        tuple(reversed(comments)), query or case_query(row), (_others(desk, left), _others(desk, right)),
    )  # fmt: skip


def chart(told: "Explanation | None") -> str:
    """The waterfall of what was compared, as SVG; empty where nothing was."""
    if told is None or not told.fields:
        return ""
    said = steps(told)
    silent = {row.field for row in fields(said) if not (row.left and row.right) and abs(row.bits) < LEAST}
    return svg([row for row in said if row.field not in silent])


def _others(desk: Services, record: Record) -> tuple[int, str]:
    if not record.golden_id:
        return 0, ""
    return len(desk.members(record.golden_id)) - 1, record.golden_id


def _case(case: str, left: str, right: str) -> Case:
    return Case(case, left, right)


@router.get("/work")
def work(request: Request, desk: Desk, person: Steward, asked: Asked) -> Response:
    """The next case of a filter, claimed for whoever asks."""
    limited = Seen(desk, person).limited(asked)
    row = desk.store.take_next(person.name, limited, desk.settings.claim_minutes)
    told = view(desk, person, row, query=case_query(row, asked)) if row else None
    rest = rest_of(asked)
    return shown(CasePage(frame(request, desk, person), told, rest, desk.store.waiting(limited)))


@router.get("/work/next")
def following(
    request: Request, desk: Desk, person: Steward, asked: Asked, but: Annotated[list[str] | None, Query()] = None
) -> Response:
    """The case after those that the page has (`but`: kind, left and right, a tab between), without its frame."""
    have = [Case(*parts) for text in but or () if len(parts := text.split("\t")) == 3]
    limited = Seen(desk, person).limited(asked)
    row = desk.store.take_next(person.name, limited, desk.settings.claim_minutes, have)
    if row is None:
        return Response(status_code=204)
    told = view(desk, person, row, query=case_query(row, asked))
    return shown(CaseFragment(frame(request, desk, person), told))


@router.get("/case")
def one(request: Request, desk: Desk, person: Viewer, asked: Asked, case: str, left: str, right: str) -> Response:
    """A case by its address: a steward who opens one that nobody has, has it."""
    which = _case(case, left, right)
    row = Seen(desk, person).case(which)
    holder = ""
    if person.may(CLAIMS):
        holder = desk.store.claim(which, person.name, desk.settings.claim_minutes)
    desk.store.note(person.name, "case seen", f"{left} {right}")
    told = view(desk, person, row, claimed=holder, query=case_query(row, asked))
    return shown(CasePage(frame(request, desk, person), told, rest_of(asked), -1))


@router.post("/case/answer")
def answer(
    request: Request, desk: Desk, person: Steward,
    case: Annotated[str, Form()], left: Annotated[str, Form()], right: Annotated[str, Form()],
    answer: Annotated[Answer, Form()], seen: Annotated[int, Form()], reason: Annotated[str, Form()] = "",
    seconds: Annotated[float | None, Form()] = None, rest: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """Decide a case. Answers 409 where somebody else did meanwhile, or where earlier decisions exclude it."""
    which = _case(case, left, right)
    Seen(desk, person).case(which)
    act = Act(
        person.name, "answer", which, (wanted(answer, left, right),), answer=answer, purpose="queue",
        text=reason or None, seconds=seconds,
    )  # fmt: skip
    number = desk.store.act(act, seen)
    desk.store.let_go(person.name, which)
    desk.store.note(person.name, f"decided {answer}", f"{left} {right}")
    return _done(request, number, rest)


@router.post("/case/skip")
def skip(
    request: Request, desk: Desk, person: Steward,
    case: Annotated[str, Form()], left: Annotated[str, Form()], right: Annotated[str, Form()],
    rest: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """Lay a case aside until tomorrow: it stays in the queue for others."""
    which = _case(case, left, right)
    Seen(desk, person).case(which)
    number = desk.store.act(Act(person.name, "skip", which))
    desk.store.let_go(person.name, which)
    return _done(request, number, rest)


@router.post("/acts/{number}/undo")
def undo(request: Request, desk: Desk, person: Steward, number: int, rest: Annotated[str, Form()] = "") -> Response:
    """Take back an act: one's own, or as a lead anybody's."""
    found = desk.store.one_act(number)
    if found is None:
        raise Refused(404, "There is no such act")
    if found["user"] != person.name and not person.may("lead"):
        raise Refused(403, f"This was {found['user']}'s decision: ask them, or a lead, to take it back")
    try:
        undoing = desk.store.undo_act(number, person.name)
    except ValueError as error:
        raise Refused(409, str(error).capitalize()) from error
    desk.store.note(person.name, "undo", f"act {number}")
    return _done(request, undoing, rest)


def rest_of(asked: Asked) -> str:
    """The query of the filter one works in."""
    return urlencode(asked.asked())


def _done(request: Request, number: int, rest: str) -> Response:
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"act": number})
    return RedirectResponse(f"/work?{rest}" if rest else "/work", 303)
