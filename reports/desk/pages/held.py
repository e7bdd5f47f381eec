"""A row in quarantine: whole, corrected here, let through, or given back to the owner of its source."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Final

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from connectors.store.desk.quarantine import Wanted
from connectors.store.stewards import Key
from reports.desk.access import Desk, Person, Refused, Steward, Viewer
from reports.desk.frame import Frame, frame, shown
from reports.desk.numbers import LAST, QueryNumber
from reports.desk.pages.quarantine import DONE, Asked, just_done, masked, query_of, rest_of, within
from reports.desk.seen import QUOTED, Seen
from reports.desk.services import Services
from rules.record_key import split_key

router = APIRouter()
NAMELESS: Final = (
    "Let through as it is, this row becomes a customer without a name, whom nobody will find. Correct it or give it "
    "back, or tick that it is let through all the same"
)

OF_A_CELL: Final = re.compile(r"""(\S+?)(?: (['"]).*\2)?: """, re.DOTALL)
"""A reason that speaks of a cell begins with a field, and most with what stood in it (rules.expectations.outcome)."""


async def _sent(request: Request) -> dict[str, str]:
    return {name: str(text) for name, text in (await request.form()).items()}


Sent = Annotated[dict[str, str], Depends(_sent)]
"""All fields of a form, whatever they are called."""
Last = Annotated[int | None, Form(alias="seen", ge=0, le=LAST)]
"""The number of the last act over the row when it was shown: whoever did something to it since is not overruled."""


@dataclass(frozen=True)
class RowPage:
    """A row whole."""

    template: ClassVar[str] = "desk/quarantine/row.html.j2"
    frame: Frame
    row: dict[str, Any]
    key: str
    cells: tuple[tuple[str, str, str | None, str], ...]
    """Column, the cell as it stood, as it was corrected (None: it was not), and as it is typed."""
    blamed: frozenset[str]
    """Columns of which the reasons speak."""
    rest: str
    place: int
    waiting: int
    earlier: str
    later: str
    """Queries of the rows before and after it."""
    skipped: str
    """The row before it, where it was skipped just now."""
    named: bool
    """Whether it would be a customer with a name, if it were let through as it is."""
    asks: bool
    """Whether it is asked if that be done all the same."""
    reason: str
    """What was typed already."""
    last: int
    """The number of the last act over it."""
    history: tuple[dict[str, Any], ...]
    did: dict[str, Any] | None
    done: dict[str, str]
    problem: str


@router.get("/quarantine/row")
def row(
    request: Request, desk: Desk, person: Viewer, asked: Asked, key: str, did: QueryNumber = 0, skipped: bool = False,
) -> Response:  # fmt: skip
    """One row, with those before and after it in the filter; `skipped`: that before it was."""
    return _row(request, desk, person, asked, key, did, skipped=skipped)


@router.post("/quarantine/correct")
def correct(
    request: Request, desk: Desk, person: Steward, asked: Asked, key: Annotated[str, Form()], sent: Sent,
    last: Last = None,
) -> Response:  # fmt: skip
    """Set the cells that differ from what stood there (`cell.COLUMN`, and `was.COLUMN` as the page showed it)."""
    told = {name.removeprefix("cell."): text for name, text in sent.items() if name.startswith("cell.")}
    after = _after(desk, person, asked, _mine(desk, person, key))
    changed = {name: text for name, text in told.items() if text != sent.get(f"was.{name}", "")}
    again = partial(_row, request, desk, person, asked, key, typed=sent)
    if not changed:
        return again(problem="No cell was changed: write what it should be")
    try:
        act = desk.correct(key, changed, person.name, sent.get("reason", "")[:2000].strip(), last)
    except ValueError as error:
        return again(problem=str(error))
    desk.store.note_act(person.name, "corrected", key)
    return _go_on(asked, after, act)


@router.post("/quarantine/release")
def release(
    request: Request, desk: Desk, person: Steward, asked: Asked, key: Annotated[str, Form()], sent: Sent,
    reason: Annotated[str, Form(max_length=2000)] = "", anyway: Annotated[bool, Form()] = False, last: Last = None,
) -> Response:  # fmt: skip
    """Let a row through as it is; `anyway`: although it becomes a customer without a name."""
    _mine(desk, person, key)
    if not (anyway or _is_named(desk, key)):
        return _row(request, desk, person, asked, key, problem=NAMELESS, typed=sent)
    return _settled(
        desk, person, asked, key, "released", lambda of: desk.store.release(*of, person.name, reason.strip(), seen=last)
    )


@router.post("/quarantine/return")
def give_back(
    desk: Desk, person: Steward, asked: Asked, key: Annotated[str, Form()],
    reason: Annotated[str, Form(max_length=2000)] = "", last: Last = None,
) -> Response:  # fmt: skip
    """Give a row back to the owner of its source."""
    return _settled(
        desk,
        person,
        asked,
        key,
        "returned",
        lambda of: desk.store.give_back([of], person.name, reason.strip(), seen=last),
    )


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
    request: Request, desk: Services, person: Person, asked: Wanted, key: str, did: int = 0, problem: str = "",
    typed: Mapping[str, str] = MappingProxyType({}), *, skipped: bool = False,
) -> Response:  # fmt: skip
    """`typed`: what stands in the form already, and is kept."""
    seen, rest, allowed = Seen(desk, person), rest_of(asked), _mine(desk, person, key)
    last = desk.store.last_laid(*allowed)  # before all that is shown
    found = masked(seen, _found(desk, person, key))
    desk.store.note(person.name, "quarantined row seen", key)
    keys = desk.store.quarantine_keys(within(desk, person, asked))
    at = keys.index(split_key(key)) if split_key(key) in keys else -1
    raw = {} if seen.masks else json.loads(found["raw"] or "{}")
    fixed = desk.store.corrections_of(*split_key(key)) if raw else {}
    stood = {name: "" if cell is None else str(cell) for name, cell in raw.items()}
    cells = tuple(
        (name, cell, fixed.get(name), typed.get(f"cell.{name}", fixed.get(name, cell))) for name, cell in stood.items()
    )
    told = RowPage(
        frame(request, desk, person), found, key, cells, _blamed(found["reasons"], stood), rest, at + 1, len(keys),
        query_of(rest, ":".join(keys[at - 1])) if at > 0 else "",
        query_of(rest, ":".join(keys[at + 1])) if at + 1 < len(keys) else "",
        ":".join(keys[at - 1]) if skipped and at > 0 else "",
        seen.masks or _is_named(desk, key), problem == NAMELESS, typed.get("reason", ""), last,
        tuple({**a, "text": seen.remark(a["text"])} for a in desk.store.acts(key=key) if a["kind"] == "quarantine"),
        just_done(desk, person, did), DONE, problem,
    )  # fmt: skip
    return shown(told, 422 if problem else 200)


def _blamed(reasons: Sequence[str], stood: Mapping[str, str]) -> frozenset[str]:
    """Columns whose cell a reason quotes, or whose name it begins with."""
    quoted = {_bare(found[0]) for reason in reasons if (found := QUOTED.search(reason))}
    begins = {_bare(found[1]) for reason in reasons if (found := OF_A_CELL.match(reason))}
    return frozenset(n for n, cell in stood.items() if _bare(cell) in quoted - {""} or _bare(n) in begins - {""})


def _bare(text: str) -> str:
    """Letters and digits alone: what is quoted may be written otherwise than it stood."""
    return "".join(ch for ch in text.casefold() if ch.isalnum())


def _is_named(desk: Services, key: str) -> bool:
    """Whether a row, let through as it is, would be a customer with a name."""
    return desk.identified_by(key) == "name"


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
    return RedirectResponse(f"/quarantine/row?{query_of(rest, ':'.join(after))}&did={act}", 303)


def _settled(
    desk: Services, person: Person, asked: Wanted, key: str, word: str, settle: Callable[[Key], int]
) -> Response:
    """Do something to a row (`settle` gives the act's number), and go on with the one after it."""
    of = _mine(desk, person, key)
    after = _after(desk, person, asked, of)
    act = settle(of)
    desk.store.note_act(person.name, word, key)
    return _go_on(asked, after, act)
