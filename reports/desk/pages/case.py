"""A case: two records side by side, the evidence, one key for each decision. The next ones are fetched meanwhile."""

import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from connectors.store.desk.filter import Case, Filter
from connectors.store.desk.known import HELD
from connectors.store.desk.readers import WHOLE
from reports.desk.access import Desk, Person, Refused, Steward, Viewer
from reports.desk.answering import customers, whole
from reports.desk.chain import Refusal, refusal
from reports.desk.frame import Frame, frame, shown
from reports.desk.lately import Last, last_of
from reports.desk.pages.queue import Asked, case_query, rest_of
from reports.desk.seen import Seen
from reports.desk.services import Record, Services
from reports.desk.undoing import A_DAY
from reports.desk.view import CaseView, read, view
from rules.record_key import is_key

router = APIRouter()
Answer = Literal["same", "different", "related"]
Whole = Literal["all"]
"""The customers of the two records are one with all their records (readers.WHOLE)."""
CLAIMS: Final = "steward"
AHEAD: Final = 24
"""Cases whose evidence is worked out together, before they are asked for."""
dice = secrets.SystemRandom()


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
    """Cases of this filter, the one that is shown among them."""
    last: Last | None
    """What this person did last, to be taken back."""
    back: str
    """Query of its case."""


@dataclass(frozen=True)
class CaseFragment:
    """The same without its frame, to be put into a page."""

    template: ClassVar[str] = "desk/case/fragment.html.j2"
    frame: Frame
    view: CaseView


@dataclass(frozen=True)
class PastCase:
    """A case that is not in the queue any more: whose its records are, and what was decided."""

    template: ClassVar[str] = "desk/case/past.html.j2"
    frame: Frame
    sides: tuple[Record, Record]
    decided: dict[str, Any] | None


@router.get("/decide")
def work(request: Request, desk: Desk, person: Steward, asked: Asked) -> Response:
    """The next case of a filter, claimed for whoever asks."""
    limited = Seen(desk, person).limited(asked)
    row = next_row(desk, person, limited, ())
    note_seen(desk, person, row)
    told = view(desk, person, row, query=case_query(row, asked), rest=rest_of(asked)) if row else None
    around, last = frame(request, desk, person), _last(desk, person, asked)
    return shown(CasePage(around, told, rest_of(asked), desk.store.waiting(limited), *last))


@router.get("/decide/next")
def following(
    request: Request, desk: Desk, person: Steward, asked: Asked, but: Annotated[list[str] | None, Query()] = None
) -> Response:
    """The case after those that the page has (`but`: kind, left and right, a tab between), without its frame."""
    row = next_row(desk, person, Seen(desk, person).limited(asked), cases(but or ()), ahead=True)
    if row is None:
        return Response(status_code=204)
    note_seen(desk, person, row)
    told = view(desk, person, row, query=case_query(row, asked), rest=rest_of(asked))
    return shown(CaseFragment(frame(request, desk, person), told))


@router.get("/case")
def one(
    request: Request, desk: Desk, person: Viewer, asked: Asked, case: str, left: str, right: str,
    wanted: Annotated[str, Query(pattern="^(same|different|related|all)?$")] = "",
) -> Response:  # fmt: skip
    """A case by its address: a steward who opens one that nobody has, has it. `wanted`: an answer that was refused."""
    which = Case(case, left, right)
    try:
        row = row_of(desk, person, which)
    except Refused:
        return shown(_past(frame(request, desk, person), desk, person, which), 404)
    holder = ""
    known, open_ = desk.store.is_known(person.name, which), desk.store.is_open(which)
    if person.may(CLAIMS) and open_ and not known and not read(desk, person, which)[0]:
        holder = desk.store.claim(which, person.name, desk.settings.claim_minutes)
    note_seen(desk, person, row)
    told = view(
        desk, person, row, claimed=holder, query=case_query(row, asked), rest=rest_of(asked),
        refused=_refused(desk, person, which, wanted),
    )  # fmt: skip
    waiting = _waiting(desk, person, asked) + (0 if open_ or known else 1)  # which one it is must not tell by this
    return shown(CasePage(frame(request, desk, person), told, rest_of(asked), waiting, *_last(desk, person, asked)))


def _waiting(desk: Services, person: Person, asked: Filter) -> int:
    """How many cases of a filter wait for a decision; nobody is told who decides none, or may not filter so."""
    with suppress(Refused):
        return desk.store.waiting(Seen(desk, person).limited(asked)) if person.may(CLAIMS) else 0
    return 0


def _last(desk: Services, person: Person, asked: Filter) -> tuple[Last | None, str]:
    """What U takes back, and where one sees its case then."""
    last = last_of(desk, person) if person.may(CLAIMS) else None
    return last, urlencode({**asked.asked(), **last.case.asked()}) if last else ""


def next_row(
    desk: Services, person: Person, limited: Filter, but: Sequence[Case], *, ahead: bool = False
) -> dict[str, Any] | None:
    """The next case for somebody: the first that is free, or now and then one whose answer is known."""
    store, have = desk.store, list(but)
    held = [case for case in store.held_known(person.name) if (case.left, case.right) not in {b[1:] for b in have}]
    if not held and Seen(desk, person).is_measured and dice.random() < desk.settings.known_share:
        drawn = store.draw_known(person.name, limited.limits, have)
        if drawn and store.claim(Case(HELD, drawn.left, drawn.right), person.name, A_DAY) == person.name:
            held = [drawn]
    for case in held:
        if row := store.known_row(case.left, case.right, limited.limits):
            return row
    rows = store.take_next(person.name, limited, desk.settings.claim_minutes, have, ahead=ahead, more=AHEAD)
    desk.ahead([(row["left"], row["right"]) for row in rows])
    return rows[0] if rows else None


def note_seen(desk: Services, person: Person, row: dict[str, Any] | None) -> None:
    """Write down that somebody was shown a case; None: they were shown none."""
    if row:
        desk.store.note(person.name, "case seen", f"{row['left']} {row['right']}")


def row_of(desk: Services, person: Person, case: Case) -> dict[str, Any]:
    """A case of the queue, or the known pair that this person was shown. Raises Refused where it is neither."""
    if desk.store.is_known(person.name, case) and (
        row := desk.store.known_row(case.left, case.right, person.limits)
    ):  # fmt: skip
        return row
    return Seen(desk, person).case(case)


def cases(told: Sequence[str]) -> list[Case]:
    """Cases as pages name them; what is none is left out."""
    return [Case(*parts) for text in told if len(parts := text.split("\t")) == 3]


def _past(around: Frame, desk: Services, person: Person, case: Case) -> PastCase:
    """Raises Refused where the records are unknown, or not for this person."""
    if all(map(is_key, case[1:])) and not desk.store.is_known(person.name, case):
        seen = Seen(desk, person)
        records = seen.records(case[1:])
        sides = (records[case.left], records[case.right])
        if any(record.golden_id for record in sides) and not seen.outside(case[1:]):
            return PastCase(around, sides, desk.store.decided_pair(case.left, case.right))
    raise Refused(404, "This case is not in the queue any more, or not in yours")


def _refused(desk: Services, person: Person, case: Case, wanted: str) -> Refusal | None:
    """Why an answer cannot be given, if it still cannot."""
    if not wanted or desk.store.is_known(person.name, case):
        return None
    try:
        keys = whole(desk, person, customers(desk, case), case) if wanted == WHOLE else case[1:]
        found = desk.store.contradiction("same" if wanted == WHOLE else wanted, *keys)
    except ValueError as error:
        raise Refused(404, "There is no such case") from error
    return refusal(desk, person, wanted, found.chain) if found else None
