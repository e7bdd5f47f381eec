"""Look-up: any customer by any value, and all there is to know of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from urllib.parse import parse_qs, quote, urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from connectors.store.desk.deeds import Wanted
from reports.desk.access import Desk, Person, Refused, Viewer, came_from
from reports.desk.frame import Frame, frame, shown
from reports.desk.glance import Doubt, Total, doubts, totals, ways
from reports.desk.pages.golden import WHY, in_order
from reports.desk.pages.rerun import of_customers
from reports.desk.seen import SHOWN, Seen
from reports.desk.services import Chosen, Fact, Golden, Key, Record, Rerun, Services
from reports.desk.standing import Pending, latest, pending
from reports.desk.told import Line, lines
from reports.life import Told
from rules.record_key import is_key, key_of, split_key

router = APIRouter()
NEWS = 30
"""Customers that are shown before anything is looked for."""


@dataclass(frozen=True)
class CustomersPage:
    """The customers that a search found; before one, those that changed last."""

    template: ClassVar[str] = "desk/customers.html.j2"
    frame: Frame
    text: str
    rows: tuple[dict[str, Any], ...]
    full: bool
    """Whether there may be more."""
    held: tuple[Key, ...]
    """Rows of this id that wait in quarantine."""


@dataclass(frozen=True)
class Relative:
    """Another customer to whom this one belongs. `name` is empty where this person may not see them."""

    golden_id: str
    name: str
    relation: str = ""


@dataclass(frozen=True)
class CustomerPage:
    """All that is known of one."""

    template: ClassVar[str] = "desk/customer.html.j2"
    frame: Frame
    golden_id: str
    was: str
    """The golden id that was asked for, if this one stands for it by now."""
    golden: Golden | None
    """None: retired."""
    fields: tuple[Chosen, ...]
    why: dict[str, str]
    records: tuple[Record, ...]
    facts: tuple[tuple[Fact, str], ...]
    """Each with the record that it is about, the latest first."""
    totals: tuple[Total, ...]
    ways: tuple[dict[str, Any], ...]
    """Contact points, in the order in which they are tried."""
    doubts: tuple[Doubt, ...]
    household: tuple[Relative, ...]
    relations: tuple[Relative, ...]
    moments: tuple[Told, ...]
    deeds: tuple[Line, ...]
    back: tuple[str, str] | None
    """The search that led here: its words, and its address."""
    pending: Pending
    ids: tuple[str, ...]
    """This customer, for a re-run."""
    rerun: Rerun | None
    unpublished: int
    """Decisions that a re-run would publish, on whomever they are."""
    may: bool


@router.get("/customers")
def customers(
    request: Request, desk: Desk, person: Viewer, text: Annotated[str, Query(max_length=200)] = ""
) -> Response:
    """Customers of whom each word stands in some value; a golden id or a record leads to its customer at once."""
    text, seen = text.strip(), Seen(desk, person)
    for golden_id in dict.fromkeys((text, text.upper())) if text else ():
        if desk.store.known(golden_id) and seen.may([desk.store.resolve(golden_id) or golden_id]):
            return RedirectResponse(_address(golden_id), 303)
    if is_key(text) and desk.store.homes_of([text]) and not seen.outside([text]):
        return RedirectResponse("/records/" + "/".join(quote(part, safe="") for part in split_key(text)), 303)
    rows = seen.search(text) if text else seen.changed_last(NEWS)
    full = bool(text) and len(rows) >= SHOWN
    desk.store.note(person.name, "customers searched" if text else "customers listed", detail=f"{len(rows)} shown")
    return shown(CustomersPage(frame(request, desk, person), text, tuple(rows), full, _held(seen, text)))


def _held(seen: Seen, text: str) -> tuple[Key, ...]:
    """Rows in quarantine that are called so: by their key, or by the id of their source."""
    source, record_id = split_key(text) if is_key(text) else ("", text)
    found = seen.desk.store.held_as(record_id, seen.sources()) if text else []
    return tuple(key_of({"source": of, "record_id": name}) for of, name in found if source in ("", of))


@router.get("/records/{source}/{record_id:path}")
def record(desk: Desk, person: Viewer, source: str, record_id: str) -> Response:
    """The customer of a record; one that never was anybody's is in quarantine."""
    key = key_of({"source": source, "record_id": record_id})
    home = desk.store.homes_of([key]).get(key) if is_key(key) else None
    if home is None or Seen(desk, person).outside([key]):
        raise Refused(404, f"There is no record {key}, or not among yours. Look for its customer in Customers")
    if home["golden_id"] is None:
        return RedirectResponse(f"/quarantine/row?key={quote(key, safe='')}", 303)
    return RedirectResponse(f"{_address(home['golden_id'])}#{quote(key)}", 303)


@router.get("/customers/{golden_id}")
def customer(request: Request, desk: Desk, person: Viewer, golden_id: str) -> Response:
    """All that is known of a customer; an id that was merged away leads to the one that stands for it."""
    stands = desk.store.resolve(golden_id)
    now, seen = stands or golden_id, Seen(desk, person)
    keys = seen.of_life(now)
    desk.store.note(person.name, "customer seen", now)
    records = tuple(seen.records(keys).values())
    golden = seen.published(now) if stands else None
    facts = sorted(((f, r.key) for r in records for f in r.facts), key=lambda told: told[0].date, reverse=True)
    household, relations = _household(desk, seen, golden), _relations(desk, seen, now)
    waiting, ids = pending(desk, person, keys), (now,)
    return shown(
        CustomerPage(
            frame(request, desk, person), now, golden_id if now != golden_id else "", golden,
            _fields(golden), WHY, records, tuple(facts), totals([fact for fact, _ in facts]), ways(golden),
            doubts(seen, now, golden, records), household, relations, tuple(reversed(seen.life(golden_id).moments)),
            _deeds(desk, person, [r.key for r in records]), _back(request, now), waiting, ids,
            of_customers(desk, person, ids, latest(waiting.lines)), desk.store.decided_since(), person.may("steward"),
        )
    )  # fmt: skip


def _back(request: Request, golden_id: str) -> tuple[str, str] | None:
    """The search from which somebody came, at the customer they opened there."""
    came = came_from(request)
    words = parse_qs(came.query).get("text", [""])[0]
    if came.path != "/customers" or not words:
        return None
    return words, f"/customers?{urlencode({'text': words})}#{quote(golden_id)}"


def _address(golden_id: str) -> str:
    return f"/customers/{quote(golden_id, safe='')}"


def _fields(golden: Golden | None) -> tuple[Chosen, ...]:
    """Each field of the golden record, also where nobody knows any more where it came from."""
    if golden is None:
        return ()
    if golden.fields:
        return tuple(in_order(golden.fields))
    told = ("golden_id", "records", "sources", "quality", "version", "updated_at", "household_id", "display_name")
    values = {name: value for name, value in golden.values.items() if name not in told and value}
    return tuple(in_order([Chosen(name, str(value), "", None, "") for name, value in values.items()]))


def _household(desk: Services, seen: Seen, golden: Golden | None) -> tuple[Relative, ...]:
    household = golden.values.get("household_id") if golden else None
    if golden is None or not household:
        return ()
    others = [one for one in desk.store.household(household) if one != golden.golden_id]
    return _named(desk, seen, [(one, "") for one in others])


def _relations(desk: Services, seen: Seen, golden_id: str) -> tuple[Relative, ...]:
    rows = desk.store.detail("relations", ids=[golden_id]).to_pylist()
    told = [(r["other_golden_id"], r["relation"]) for r in rows if r["relation"] != "household"]
    return _named(desk, seen, told)


def _named(desk: Services, seen: Seen, others: Sequence[tuple[str, str]]) -> tuple[Relative, ...]:
    ids = list(dict.fromkeys(one for one, _ in others))
    mine = seen.may(ids)
    names = {row["golden_id"]: row["display_name"] for row in desk.store.golden(ids=ids).to_pylist()}
    return tuple(Relative(one, (names.get(one) or one) if one in mine else "", how) for one, how in others)


def _deeds(desk: Services, person: Person, keys: Sequence[str]) -> tuple[Line, ...]:
    """What people did to these records."""
    eyes = None if person.may("lead") else person.name
    return lines(desk, person, desk.store.deeds(Wanted(keys=tuple(keys), eyes=eyes))) if keys else ()
