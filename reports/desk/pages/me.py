"""One's own work: what waits, how well one decides (nobody but oneself and the leads sees that), and one's settings."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, ClassVar

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from connectors.store.desk.filter import Filter
from reports.desk.access import COOKIE, Desk, Steward
from reports.desk.frame import Frame, frame, shown
from reports.desk.seen import Seen
from reports.desk.strip import Strip, Sums, days, of_person, sums
from rules.stewarding import AGREEMENT, DAYS, LEAST, REVERSALS, Measure, Share, measure

router = APIRouter()


@dataclass(frozen=True)
class Goals:
    """What is aimed at, and over how long it is measured."""

    agreement: float = AGREEMENT
    reversals: float = REVERSALS
    least: int = LEAST
    days: int = DAYS


@dataclass(frozen=True)
class MePage:
    """One's own page."""

    template: ClassVar[str] = "desk/me.html.j2"
    frame: Frame
    measure: Measure
    goals: Goals
    given: int
    """Cases that colleagues gave to this person, and that are open."""
    two_answers: int
    """Cases that wait for a lead; 0 for others."""
    known: bool
    """Whether known cases are mixed in."""
    blind: bool
    must_be_blind: bool
    strip: Strip
    """One's own last two weeks, on one's own scale."""
    sums: Sums


@router.get("/me")
def me(request: Request, desk: Desk, person: Steward) -> Response:
    limited = Seen(desk, person).limited(Filter(assignee=person.name))
    name, none = person.name, Share(0, 0)
    mine = desk.store.measures(since(), name).get(name) or measure(name, none, none, [])
    two = desk.store.disagreed(Seen(desk, person).limited(Filter())) if person.may("lead") else 0
    of = days(datetime.now(UTC).date().isoformat())
    done = desk.store.done(of[0], name)
    most = max([one.answers + one.rows for one in done] + [1])
    return shown(
        MePage(
            frame(request, desk, person), mine, Goals(), desk.store.waiting(limited), two,
            desk.settings.known_share > 0, person.blind, desk.settings.blind and person.role == "steward",
            of_person(of, done, most), sums(done),
        )
    )  # fmt: skip


@router.post("/me/blind")
def blind(request: Request, desk: Desk, _: Steward, on: Annotated[bool, Form()]) -> Response:
    """Hide score and colleagues in this session, or show them again."""
    desk.store.blind_session(request.cookies[COOKIE], on)
    return RedirectResponse("/me", 303)


def since() -> str:
    """The day from which on people's work is measured."""
    return (datetime.now(UTC) - timedelta(days=DAYS)).date().isoformat()
