"""The quarantine as a queue: a row whole, corrected here, let through, or given back to the owner of its source."""

import json
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any, ClassVar, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from connectors.store.desk.quarantine import Wanted
from connectors.store.stewards import STATES, Key
from reports.desk.access import Desk, Person, Refused, Steward, Viewer
from reports.desk.frame import Frame, frame, shown
from reports.desk.numbers import QueryNumber
from reports.desk.seen import Seen
from reports.desk.services import Services
from rules.record_key import key_of, split_key

router = APIRouter()
PAGE: Final = 50
ANY: Final = "any"
"""Stands for every state."""
DONE: Final = {
    "correct": "Corrected: it is tested again in the next run",
    "release": "Let through as it is, from the next run on",
    "return": "Given back to the owner of its source",
}  # fmt: skip


def asked(
    source: str = "", owner: str = "", reason: str = "", state: str = "",
    before: Annotated[str, Query(pattern=r"^(\d{4}-\d\d-\d\d)?$")] = "",
    text: Annotated[str, Query(max_length=200)] = "",
) -> Wanted:  # fmt: skip
    """What the address of a page asks for; rows that wait for somebody, where it names no state."""
    if state not in ("", ANY, *STATES):
        raise Refused(422, f"There is no state {state!r} of a row. There are {', '.join(STATES)}")
    try:
        date.fromisoformat(before or "2000-01-01")
    except ValueError as error:
        raise Refused(422, f"{before} is no day. Write it as 2026-01-31") from error
    return Wanted(source, owner, reason, "" if state == ANY else state or "open", before, text)


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
    page: int
    pages: int
    facets: dict[str, list[str]]
    did: dict[str, Any] | None
    """What was just done: the act."""
    done: dict[str, str]
    owners: int
    """How many owners have rows to correct at their sources."""


@dataclass(frozen=True)
class RowPage:
    """A row whole."""

    template: ClassVar[str] = "desk/quarantine/row.html.j2"
    frame: Frame
    row: dict[str, Any]
    key: str
    cells: tuple[tuple[str, str, str | None], ...]
    """Column, the cell as it stood, and as it was corrected (None: it was not)."""
    rest: str
    place: int
    waiting: int
    earlier: str
    later: str
    """Queries of the rows before and after it."""
    history: tuple[dict[str, Any], ...]
    did: dict[str, Any] | None
    done: dict[str, str]
    problem: str


@router.get("/quarantine")
def listed(
    request: Request, desk: Desk, person: Viewer, asked: Asked, did: QueryNumber = 0,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:  # fmt: skip
    wanted = within(desk, person, asked)
    keys = desk.store.quarantine_keys(wanted)
    pages = max(1, -(-len(keys) // PAGE))
    page = min(page, pages)
    rest, seen = rest_of(asked), Seen(desk, person)
    rows = [_masked(seen, row) for row in desk.store.quarantine_page(keys[(page - 1) * PAGE : page * PAGE])]
    items = tuple(Item(row, key := key_of(row), _query(rest, key), "" if seen.masks else _line(row)) for row in rows)
    return shown(
        QuarantinePage(
            frame(request, desk, person), asked, rest, items, len(keys), page, pages,
            _words(seen, desk.store.quarantine_words(wanted.sources)), just_done(desk, person, did), DONE,
            len(desk.store.owners_of_returned(wanted.sources)),
        )
    )  # fmt: skip


@router.get("/quarantine/row")
def row(request: Request, desk: Desk, person: Viewer, asked: Asked, key: str, did: int = 0) -> Response:
    """One row, with those before and after it in the filter."""
    return _row(request, desk, person, asked, key, did)


@router.post("/quarantine/correct")
async def correct(request: Request, desk: Desk, person: Steward, asked: Asked, key: Annotated[str, Form()]) -> Response:
    """Set the cells that differ from what stood there (`cell.COLUMN`, and `was.COLUMN` as the page showed it)."""
    form = await request.form()
    told = {name.removeprefix("cell."): str(text) for name, text in form.items() if name.startswith("cell.")}
    after = _after(desk, person, asked, _mine(desk, person, key))
    changed = {name: text for name, text in told.items() if text != str(form.get(f"was.{name}", ""))}
    if not changed:
        return _row(request, desk, person, asked, key, problem="No cell was changed: write what it should be")
    try:
        act = desk.correct(key, changed, person.name, str(form.get("reason", ""))[:2000].strip())
    except ValueError as error:
        return _row(request, desk, person, asked, key, problem=str(error))
    desk.store.note(person.name, "corrected", key)
    return _go_on(asked, after, act)


@router.post("/quarantine/release")
def release(
    desk: Desk, person: Steward, asked: Asked, key: Annotated[str, Form()],
    reason: Annotated[str, Form(max_length=2000)] = "",
) -> Response:  # fmt: skip
    """Let a row through as it is."""
    of = _mine(desk, person, key)
    after = _after(desk, person, asked, of)
    act = desk.store.release(*of, person.name, reason.strip())
    desk.store.note(person.name, "released", key)
    return _go_on(asked, after, act)


@router.post("/quarantine/return")
def give_back(
    desk: Desk, person: Steward, asked: Asked, key: Annotated[str, Form()],
    reason: Annotated[str, Form(max_length=2000)] = "",
) -> Response:  # fmt: skip
    """Give a row back to the owner of its source."""
    of = _mine(desk, person, key)
    after = _after(desk, person, asked, of)
    act = desk.store.give_back([of], person.name, reason.strip())
    desk.store.note(person.name, "returned", key)
    return _go_on(asked, after, act)


@router.post("/quarantine/return-all")
def give_all_back(desk: Desk, person: Steward, asked: Asked, many: Annotated[int, Form()]) -> Response:
    """Give every row of a filter back; `many`: how many the page showed."""
    keys = desk.store.quarantine_keys(within(desk, person, asked))
    if len(keys) != many:
        raise Refused(
            409, f"There are {len(keys)} such rows now, not {many}: look at the list again, then give it back"
        )
    if not keys:
        raise Refused(409, "There is no such row: nothing was given back")
    act = desk.store.give_back(keys, person.name)
    desk.store.note(person.name, "returned", f"{len(keys)} rows")
    return RedirectResponse(f"/quarantine/lists?did={act}", 303)


def within(desk: Services, person: Person, asked: Wanted) -> Wanted:
    """A filter within a person's limits; who does not see the cells cannot search them, nor reasons that quote them."""
    seen = Seen(desk, person)
    told = replace(asked, text="", reason="") if seen.masks else asked
    return replace(told, sources=seen.sources())


def _masked(seen: Seen, row: dict[str, Any]) -> dict[str, Any]:
    """A row without the values that its reasons quote, where they are masked."""
    return {**row, "reasons": seen.reasons(row["reasons"])}


def _words(seen: Seen, facets: dict[str, list[str]]) -> dict[str, list[str]]:
    """What one may filter by: not by reasons that quote what is masked."""
    return {**facets, "reason": []} if seen.masks else facets


def _mine(desk: Services, person: Person, key: str) -> Key:
    """The key of a row that this person may see. Raises Refused."""
    found = _found(desk, person, key)
    return found["source"], found["record_id"]


def _found(desk: Services, person: Person, key: str) -> dict[str, Any]:
    allowed = Seen(desk, person).sources()
    try:
        found = desk.store.quarantined([split_key(key)])
    except ValueError:
        found = []
    if not found or (allowed is not None and found[0]["source"] not in allowed):
        raise Refused(404, "This row is not in quarantine any more, or not in yours")
    return found[0]


def _row(
    request: Request, desk: Services, person: Person, asked: Wanted, key: str, did: int = 0, problem: str = ""
) -> Response:
    seen, rest = Seen(desk, person), rest_of(asked)
    found = _masked(seen, _found(desk, person, key))
    desk.store.note(person.name, "quarantined row seen", key)
    keys = desk.store.quarantine_keys(within(desk, person, asked))
    at = keys.index(split_key(key)) if split_key(key) in keys else -1
    raw = {} if seen.masks else json.loads(found["raw"] or "{}")
    fixed = desk.store.corrections_of(*split_key(key)) if raw else {}
    cells = tuple((name, "" if cell is None else str(cell), fixed.get(name)) for name, cell in raw.items())
    told = RowPage(
        frame(request, desk, person), found, key, cells, rest, at + 1, len(keys),
        _query(rest, ":".join(keys[at - 1])) if at > 0 else "",
        _query(rest, ":".join(keys[at + 1])) if at + 1 < len(keys) else "",
        tuple({**a, "text": seen.remark(a["text"])} for a in desk.store.acts(key=key) if a["kind"] == "quarantine"),
        just_done(desk, person, did), DONE, problem,
    )  # fmt: skip
    return shown(told, 422 if problem else 200)


def _after(desk: Services, person: Person, asked: Wanted, key: Key) -> Key | None:
    """The row after one, the first where it was the last; None where it is the only one."""
    keys = desk.store.quarantine_keys(within(desk, person, asked))
    at = keys.index(key) if key in keys else -1
    others = [*keys[at + 1 :], *keys[: max(at, 0)]]
    return others[0] if others else None


def _go_on(asked: Wanted, after: Key | None, act: int) -> Response:
    rest = rest_of(asked)
    if after is None:
        return RedirectResponse(f"/quarantine?{rest}{'&' if rest else ''}did={act}", 303)
    return RedirectResponse(f"/quarantine/row?{_query(rest, ':'.join(after))}&did={act}", 303)


def just_done(desk: Services, person: Person, number: int) -> dict[str, Any] | None:
    """The act that this person just did, as long as it stands."""
    found = desk.store.one_act(number) if number else None
    mine = found and found["user"] == person.name and not found["undone"] and found["action"] in DONE
    return found if mine else None


def _query(rest: str, key: str) -> str:
    return f"{rest}{'&' if rest else ''}{urlencode({'key': key})}"


def _line(row: dict[str, Any]) -> str:
    cells = [str(cell) for cell in json.loads(row["raw"] or "{}").values() if cell not in (None, "")]
    return " · ".join(cells[:6])
