"""The quarantine as a queue: rows that wait, filtered and searched, and all of a filter given back at once."""

import json
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from connectors.store.desk.quarantine import Wanted
from connectors.store.stewards import STATES
from reports.desk.access import Desk, Person, Refused, Steward, Viewer
from reports.desk.days import checked
from reports.desk.frame import Frame, frame, shown
from reports.desk.numbers import QueryNumber
from reports.desk.paging import SIZE, Page, Paging
from reports.desk.seen import Seen
from reports.desk.services import Services
from reports.format import noun, plural
from rules.record_key import key_of

router = APIRouter()
ANY: Final = "any"
"""Stands for every state."""
DONE: Final = {
    "correct": "Corrected: it is tested again in the next run",
    "release": "Let through as it is, from the next run on",
    "return": "Given back, to be corrected at the source",
}  # fmt: skip
NOW: Final = {
    "name": "It has a name now.",
    "contact point": "It has no usable name yet, but one can be reached.",
    "id": "It has no usable name and no contact point yet, but a number of its own.",
    "": "It has no usable name, no contact point and no number yet: as it is, it will come back here.",
}
"""By what the customer of a corrected row would be known (Services.identified_by), in words."""


def asked(
    source: str = "", owner: str = "", reason: str = "", state: str = "",
    before: Annotated[str, Query(max_length=10)] = "",
    text: Annotated[str, Query(max_length=200)] = "",
) -> Wanted:  # fmt: skip
    """What the address of a page asks for; rows that wait for somebody, where it names no state."""
    if state not in ("", ANY, *STATES):
        raise Refused(422, f"There is no state {state!r} of a row. There are {', '.join(STATES)}")
    return Wanted(source, owner, reason, "" if state == ANY else state or "open", checked(before), text)


Asked = Annotated[Wanted, Depends(asked)]


def rest_of(wanted: Wanted) -> str:
    """The query of a filter."""
    found = wanted.asked()
    state = found.pop("state", ANY)
    return urlencode({**found, **({} if state == "open" else {"state": state})})


@dataclass(frozen=True)
class Item:
    """A row as the list shows it; `row` as connectors.store.stewards.ITEM."""

    row: dict[str, Any]
    key: str
    address: str
    cells: str
    """The first of its cells, in one line."""


@dataclass(frozen=True)
class QuarantinePage:
    """The list."""

    template: ClassVar[str] = "desk/quarantine.html.j2"
    frame: Frame
    asked: Wanted
    rest: str
    items: tuple[Item, ...]
    waiting: int
    paging: Paging
    facets: dict[str, list[str]]
    did: dict[str, Any] | None
    """What was just done: the act."""
    done: dict[str, str]
    owners: int
    """How many owners have rows to correct at their sources."""


@router.get("/quarantine")
def listed(
    request: Request, desk: Desk, person: Viewer, asked: Asked, did: QueryNumber = 0,
    page: Page = 1,
) -> Response:  # fmt: skip
    wanted = within(desk, person, asked)
    keys = desk.store.quarantine_keys(wanted)
    paging = Paging.of(page, len(keys))
    rest, seen = rest_of(asked), Seen(desk, person)
    rows = [masked(seen, row) for row in desk.store.quarantine_page(keys[paging.first : paging.first + SIZE])]
    items = tuple(Item(row, key := key_of(row), query_of(rest, key), "" if seen.masks else _line(row)) for row in rows)
    return shown(
        QuarantinePage(
            frame(request, desk, person), asked, rest, items, len(keys), paging,
            _words(seen, desk.store.quarantine_words(wanted.sources)), just_done(desk, person, did), DONE,
            len(desk.store.owners_of_returned(wanted.sources)),
        )
    )  # fmt: skip


@router.post("/quarantine/return-all")
def give_all_back(desk: Desk, person: Steward, asked: Asked, many: Annotated[int, Form()]) -> Response:
    """Give every row of a filter back; `many`: how many the page showed."""
    keys = desk.store.quarantine_keys(within(desk, person, asked))
    if len(keys) != many:
        raise Refused(
            409, f"The list has {plural(len(keys), 'row')} now, not {many}: look at it again, then give it back"
        )
    if not keys:
        raise Refused(409, "There is no such row: nothing was given back")
    act = desk.store.give_back(keys, person.name)
    desk.store.note_act(person.name, "returned", f"{len(keys)} {noun(len(keys), 'row')}")
    return RedirectResponse(f"/quarantine/lists?did={act}", 303)


def within(desk: Services, person: Person, asked: Wanted) -> Wanted:
    """A filter within a person's limits; who does not see the cells cannot search them, nor reasons that quote them."""
    seen = Seen(desk, person)
    told = replace(asked, text="", reason="") if seen.masks else asked
    return replace(told, sources=seen.sources())


def masked(seen: Seen, row: dict[str, Any]) -> dict[str, Any]:
    """A row without the values that its reasons quote, where they are masked."""
    return {**row, "reasons": seen.reasons(row["reasons"])}


def _words(seen: Seen, facets: dict[str, list[str]]) -> dict[str, list[str]]:
    """What one may filter by: not by reasons that quote what is masked."""
    return {**facets, "reason": []} if seen.masks else facets


def just_done(desk: Services, person: Person, number: int) -> dict[str, Any] | None:
    """The act that this person just did, as long as it stands; `more`: what there is to say of it besides."""
    found = desk.store.one_act(number) if number else None
    mine = found and found["user"] == person.name and not found["undone"] and found["action"] in DONE
    if not (mine and found):
        return None
    return {**found, "more": _corrected(desk, found["left"]) if found["action"] == "correct" else ""}


def _corrected(desk: Services, key: str) -> str:
    """By what the customer of a corrected row would be known now: nobody shall wait for the next run to learn that."""
    by = desk.identified_by(key)
    return "" if by is None else NOW[by]


def query_of(rest: str, key: str) -> str:
    """The query of a row's page, with the filter in which it was found."""
    return f"{rest}{'&' if rest else ''}{urlencode({'key': key})}"


def _line(row: dict[str, Any]) -> str:
    cells = [str(cell) for cell in json.loads(row["raw"] or "{}").values() if cell not in (None, "")]
    return " · ".join(cells[:6])
