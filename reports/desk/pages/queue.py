"""The queue: what waits for a decision, the most valuable first, filtered and searched, with views that are kept."""

import inspect
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from connectors.store.desk.filter import ORDERS, Case, Filter
from connectors.store.desk.views import EVERYBODY
from reports.desk.access import Desk, Person, Refused, Steward, Viewer
from reports.desk.days import checked
from reports.desk.filtered import LABELS, SHARES, percent
from reports.desk.frame import Frame, frame, shown
from reports.desk.numbers import Number, QueryNumber
from reports.desk.orders import Order, orders
from reports.desk.paging import SIZE, Page, Paging
from reports.desk.seen import Seen
from reports.desk.services import Services
from reports.desk.view import others

router = APIRouter()
WAITS: Final = {"first": "second reader", "disagreed": "two answers: a lead"}
"""For whom a case waits, by the last reading of it."""


def asked(
    source: str = "", department: str = "", country: str = "", language: str = "", relation: str = "",
    reason: str = "", kind: str = "", assignee: str = "",
    before: Annotated[str, Query(max_length=10)] = "",
    text: Annotated[str, Query(max_length=200)] = "", least: str = "", most: str = "", order: str = "",
    least_percent: str = "", most_percent: str = "",
) -> Filter:  # fmt: skip
    """What the address of a page asks for; `_percent`: as its form asks for a share. Raises Refused where a share is no
    number, or a day or an order none.
    """
    if order not in ORDERS:
        raise Refused(422, f"There is no order {order!r}: choose one of those above the list")
    try:
        low, high = _share(least, least_percent), _share(most, most_percent)
    except ValueError as error:
        raise Refused(422, "A probability is a number from 0 to 100 %, in an address from 0 to 1") from error
    return Filter(
        source, department, country, language, relation, reason, kind, assignee, checked(before), text, low, high, order
    )  # fmt: skip


def _share(share: str, in_percent: str) -> float | None:
    if not (share or in_percent):
        return None
    found = float(share) if share else float(in_percent) / 100
    if not 0 <= found <= 1:
        raise ValueError(found)
    return found


WORDS: Final = frozenset(inspect.signature(asked).parameters)
Asked = Annotated[Filter, Depends(asked)]


@dataclass(frozen=True)
class Item:
    """A case as the list shows it."""

    row: dict[str, Any]
    left: str
    right: str
    address: str
    """Query of its page."""
    waits: str = ""
    """For whom, if not for anybody: a second reader, or a lead."""


@dataclass(frozen=True)
class Gave:
    """Cases that were given to a colleague; `kept`: those that could not be."""

    many: int
    other: str
    kept: int


@dataclass(frozen=True)
class QueuePage:
    """The list."""

    template: ClassVar[str] = "desk/queue.html.j2"
    frame: Frame
    asked: Filter
    query: str
    items: tuple[Item, ...]
    waiting: int
    paging: Paging
    facets: dict[str, list[str]]
    blind: bool
    """Whether what the machine thinks is hidden from this person."""
    views: tuple[dict[str, Any], ...]
    """Filters that this person keeps, and those of everybody."""
    orders: tuple[Order, ...]
    labels: Mapping[str, str]
    """What each field of the filter is called."""
    shares: Mapping[str, str]
    """The probabilities between which the cases lie, in per cent."""
    given: int
    """How many of them were given to this person: Decide begins with those."""
    colleagues: tuple[str, ...]
    """To whom cases may be given."""
    gave: Gave | None
    """What this person just gave away."""


@router.get("/")
def begin() -> Response:
    """The desk begins with what waits."""
    return RedirectResponse("/queue", 303)


@router.get("/queue")
def queue(
    request: Request, desk: Desk, person: Viewer, asked: Asked, page: Page = 1,
    gave: Annotated[list[int] | None, Query(max_length=SIZE)] = None, kept: QueryNumber = 0,
) -> Response:  # fmt: skip
    """A page of the list; `gave`, `kept`: acts by which this person just gave cases away, and how many could not be."""
    seen = Seen(desk, person)
    wanted = seen.limited(asked)
    waiting, rows = desk.store.counted(wanted, SIZE, (page - 1) * SIZE)
    paging = Paging.of(page, waiting)
    if paging.page != page:
        rows = desk.store.queue(wanted, SIZE, paging.first)
    names = desk.names([key for row in rows for key in (row["left"], row["right"])])
    read = desk.store.readings([(row["left"], row["right"]) for row in rows])
    items = tuple(
        Item(
            row, names[row["left"]], names[row["right"]], case_query(row, asked),
            WAITS.get(read.get((row["left"], row["right"]), {}).get("purpose", ""), ""),
        )
        for row in rows
    )  # fmt: skip
    given = desk.store.given_to(person.name, wanted) if person.may("steward") and asked.assignee != person.name else 0
    return shown(
        QueuePage(
            frame(request, desk, person), asked, rest_of(asked), items, waiting, paging,
            desk.facets(wanted.limits), seen.is_blind, tuple(desk.store.views(person.name)),
            orders(seen, asked), LABELS, {name: percent(getattr(asked, name)) for name in SHARES}, given,
            tuple(user["name"] for user in others(desk, person)) if person.may("steward") else (),
            _gave(desk, person, gave or (), kept),
        )
    )  # fmt: skip


def _gave(desk: Services, person: Person, numbers: Collection[int], kept: int) -> Gave | None:
    """What was just given away, as long as it is."""
    acts = desk.store.acts(user=person.name, limit=SIZE) if numbers else []
    mine = [act for act in acts if act["seq"] in numbers and act["other"] and not act["undone"]]
    return Gave(len(mine), mine[0]["other"], kept) if mine else None


@router.post("/queue/views")
def keep(
    desk: Desk, person: Steward, name: Annotated[str, Form(min_length=1, max_length=80)],
    query: Annotated[str, Form(min_length=1, max_length=2000)], everybody: Annotated[bool, Form()] = False,
) -> Response:  # fmt: skip
    """Keep a filter under a name; a lead may keep it for everybody."""
    if everybody and not person.may("lead"):
        raise Refused(403, "A view for everybody is for a lead to keep. Keep it for yourself, or ask one")
    wanted = asked(**{n: v for n, v in parse_qsl(query) if n in WORDS}).asked()
    if not (wanted and name.strip()):
        raise Refused(422, "There is no filter to keep. Choose something, press Show, then keep it under a name")
    desk.store.keep_view(EVERYBODY if everybody else person.name, name.strip(), urlencode(wanted))
    return RedirectResponse(f"/queue?{urlencode(wanted)}", 303)


@router.post("/queue/views/{number}/drop")
def drop(desk: Desk, person: Steward, number: Number) -> Response:
    """Forget a view: one's own, or as a lead everybody's."""
    found = desk.store.one_view(number)
    if found is None or found["user"] not in (EVERYBODY, person.name):
        raise Refused(404, "There is no such view of yours")
    if found["user"] == EVERYBODY and not person.may("lead"):
        raise Refused(403, "This view is everybody's: a lead may take it away")
    desk.store.drop_view(number)
    return RedirectResponse("/queue", 303)


def case_query(row: dict[str, Any], asked: Filter | None = None) -> str:
    """The query of a case's page, with the filter in which it was found."""
    return urlencode({**(asked or Filter()).asked(), **Case.of(row).asked()})


def rest_of(asked: Filter) -> str:
    """The query of the filter one works in."""
    return urlencode(asked.asked())
