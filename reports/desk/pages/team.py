"""The work of the last two weeks, for leads: what is open, and what was done; never who is the quickest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import ClassVar

from fastapi import APIRouter, Request
from fastapi.responses import Response

from connectors.store.desk.filter import Filter
from connectors.store.desk.work import Done
from reports.desk.access import Desk, Lead
from reports.desk.frame import Frame, frame, shown
from reports.desk.pages.me import Goals, since
from reports.desk.seen import Seen
from reports.desk.services import Services
from reports.desk.strip import Strip, Sums, days, of_person, strip, sums
from rules.stewarding import Measure, Outlook

router = APIRouter()


@dataclass(frozen=True)
class Worker:
    """Somebody who decides: how well, then how much, day by day."""

    name: str
    measure: Measure | None
    strip: Strip
    sums: Sums


@dataclass(frozen=True)
class Owner:
    """Of rows in quarantine; `name` is `-` where the source names none. `days`: since the oldest came."""

    name: str
    rows: int
    days: int


@dataclass(frozen=True)
class TeamPage:
    """What is open, and what was done."""

    template: ClassVar[str] = "desk/team.html.j2"
    frame: Frame
    open: int
    outlook: Outlook | None
    """None for whoever sees a part of the queue: decisions are counted of all of it."""
    given: tuple[tuple[str, int], ...]
    half_read: int
    disagreed: int
    owners: tuple[Owner, ...]
    closed: Strip
    """Cases that were closed, and that came, day by day."""
    sums: Sums
    workers: tuple[Worker, ...]
    goals: Goals
    days: tuple[str, ...]


@router.get("/team")
def team(request: Request, desk: Desk, person: Lead) -> Response:
    today = datetime.now(UTC).date().isoformat()
    shown_days, seen = days(today), Seen(desk, person)
    limited = seen.limited(Filter())
    waiting = desk.store.waiting(limited)
    done, came = desk.store.done(shown_days[0]), desk.store.came(shown_days[0])
    closed = {day: sum(one.closed for one in done if one.day == day) for day in shown_days}
    most = max([*closed.values(), *came.values(), 1])
    return shown(
        TeamPage(
            frame(request, desk, person), waiting,
            None if seen.is_limited else outlook(desk, waiting, shown_days, closed, came),
            tuple(desk.store.given(limited)), desk.store.half_read(limited), desk.store.disagreed(limited),
            _owners(desk, seen, today), strip(shown_days, lambda day: (closed[day], came.get(day, 0)), most),
            sums(done), workers(desk, shown_days, done), Goals(), shown_days,
        )
    )  # fmt: skip


def outlook(desk: Services, waiting: int, of: Sequence[str], closed: dict[str, int], came: dict[str, int]) -> Outlook:
    """Since the first day on which there was a queue."""
    first = max(of[0], desk.store.begun() or of[-1])
    counted = [day for day in of if day >= first]
    worked = sum(bool(closed[day]) for day in counted)
    new = sum(came.get(day, 0) for day in counted)
    return Outlook(waiting, sum(closed[day] for day in counted), new, len(counted), worked)


def workers(desk: Services, of: Sequence[str], done: Sequence[Done]) -> tuple[Worker, ...]:
    """Everybody who may decide or did so lately, by name, all on one scale."""
    measures = desk.store.measures(since())
    names = {user["name"] for user in desk.store.users() if user["active"] and user["role"] != "viewer"}
    most = max([one.answers + one.rows for one in done] + [1])
    mine = {name: [one for one in done if one.user == name] for name in sorted(names | {one.user for one in done})}
    return tuple(Worker(n, measures.get(n), of_person(of, did, most), sums(did)) for n, did in mine.items())


def _owners(desk: Services, seen: Seen, today: str) -> tuple[Owner, ...]:
    rows = desk.store.waiting_rows(seen.sources())
    return tuple(Owner(name, many, _days(first, today)) for name, many, first in rows)


def _days(run: str, today: str) -> int:
    """Between a run, by its id, and a day."""
    return (date.fromisoformat(today) - date.fromisoformat(run[:8])).days if run else 0
