"""The queue: what waits for a decision, the most valuable first, filtered and searched, with views that are kept."""

from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from connectors.store.desk.filter import Filter
from reports.desk.access import Desk, Refused, Viewer
from reports.desk.frame import Frame, frame, shown
from reports.desk.seen import Seen

router = APIRouter()
PAGE: Final = 50


def asked(
    source: str = "", department: str = "", country: str = "", language: str = "", relation: str = "",
    reason: str = "", kind: str = "", assignee: str = "",
    before: Annotated[str, Query(pattern=r"^(\d{4}-\d\d-\d\d)?$")] = "",
    text: Annotated[str, Query(max_length=200)] = "", least: str = "", most: str = "",
) -> Filter:  # fmt: skip
    """What the address of a page asks for. Raises Refused where a share is no number."""
    try:
        low, high = (float(share) if share else None for share in (least, most))
    except ValueError as error:
        raise Refused(422, "A probability is a number from 0 to 1") from error
    return Filter(source, department, country, language, relation, reason, kind, assignee, before, text, low, high)


Asked = Annotated[Filter, Depends(asked)]


@dataclass(frozen=True)
class Item:
    """A case as the list shows it."""

    row: dict[str, Any]
    left: str
    right: str
    address: str
    """Query of its page."""


@dataclass(frozen=True)
class QueuePage:
    """The list."""

    template: ClassVar[str] = "desk/queue.html.j2"
    frame: Frame
    asked: Filter
    query: str
    items: tuple[Item, ...]
    waiting: int
    page: int
    pages: int
    facets: dict[str, list[str]]


@router.get("/")
def begin() -> Response:
    """The desk begins with what waits."""
    return RedirectResponse("/queue", 303)


@router.get("/queue")
def queue(
    request: Request, desk: Desk, person: Viewer, asked: Asked, page: Annotated[int, Query(ge=1, le=100_000)] = 1
) -> Response:
    seen = Seen(desk, person)
    wanted = seen.limited(asked)
    waiting = desk.store.waiting(wanted)
    pages = max(1, -(-waiting // PAGE))
    page = min(page, pages)
    rows = desk.store.queue(wanted, PAGE, (page - 1) * PAGE)
    records = seen.records([key for row in rows for key in (row["left"], row["right"])])
    items = tuple(
        Item(row, records[row["left"]].name, records[row["right"]].name, case_query(row, asked)) for row in rows
    )
    return shown(
        QueuePage(
            frame(request, desk, person), asked, urlencode(asked.asked()), items, waiting, page, pages,
            desk.store.facets(wanted),
        )
    )  # fmt: skip


def case_query(row: dict[str, Any], asked: Filter | None = None) -> str:
    """The query of a case's page, with the filter in which it was found."""
    found = (replace(asked, kind="") if asked else Filter()).asked()
    return urlencode({**found, "case": row["kind"], "left": row["left"], "right": row["right"]})
