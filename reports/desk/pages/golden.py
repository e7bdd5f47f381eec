"""The golden record as it will be: of a customer, of some of its records, or of two customers if they were one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from connectors.store.decisions import wanted
from connectors.store.desk.acts import Act
from connectors.store.desk.filter import Case
from reports.desk import undoing
from reports.desk.access import Desk, Person, Refused, Steward, Viewer, for_a_piece
from reports.desk.answering import customers
from reports.desk.frame import Frame, frame, shown
from reports.desk.numbers import FormNumber
from reports.desk.seen import Seen
from reports.desk.services import Chosen, Golden, Key, Services
from reports.format import words
from rules.decided import FIELDS

router = APIRouter()
Part = Literal["", "rest", "marked"]
FIRST: Final = (
    "party_type", "given_name", "middle_name", "surname", "full_name", "organisation_name", "legal_form", "birth_name",
    "birth_date", "gender", "tax_id", "national_id", "email", "phone", "street", "house_number", "unit", "full",
    "postcode", "city", "region", "country", "language", "status",
)  # fmt: skip
"""The fields in the order in which they are shown; others follow."""
MOST: Final = 2
"""Customers that are asked for together."""
CHOSE, TYPED = "chose", "typed"
"""How a person came by a value: a record says it, or they wrote it."""
SAID_ELSEWHERE: Final = {"full_name": "surname", "full": "street", "tax_id_scheme": "tax_id"}
"""Fields that say again what another says, where that is there."""
WHY: Final = {
    "only": "nobody says otherwise",
    "agreed": "all who say it agree",
    "consensus": "best explains what the others wrote",
    "most_frequent": "most sources say so",
    "most_trusted": "from the most trusted source",
    "most_recent": "the latest known",
    "most_complete": "the most complete",
    "longest": "says the most",
    "severity": "weighs most",
    "always": "stands once it is said",
    "tie": "none is better: the first of equals",
    "only_suspect": "doubtful, but nobody says anything better",
    "unsuspected": "what others say is doubtful",
    "with_group": "comes with the rest of its name or address",
    "primary": "the best of several",
    "decided": "a person chose it",
}
"""Why a value won, by the rule of survivorship that decided (rules/survivorship/vote.py)."""


@dataclass(frozen=True)
class Which:
    """What golden record is asked for: `ids` of customers, or a `case`; `part` of their records, some being marked."""

    ids: tuple[str, ...]
    case: Case | None
    marked: tuple[Key, ...] = ()
    part: Part = ""

    def query(self) -> str:
        """As the query of an address."""
        said = {"id": self.ids, **(self.case.asked() if self.case else {}), "marked": self.marked, "part": self.part}
        return urlencode({name: value for name, value in said.items() if value}, doseq=True)


def which(
    id: Annotated[list[str] | None, Query()] = None,
    marked: Annotated[list[str] | None, Query()] = None,
    part: Part = "", case: str = "", left: str = "", right: str = "",
) -> Which:  # fmt: skip
    """What the address of a page asks for. Raises Refused where it is of more than two customers."""
    if len(id or ()) > MOST:
        raise Refused(422, "A golden record is made of one customer, or of two that may be one. Name no more")
    return Which(tuple(id or ()), Case(case, left, right) if left else None, tuple(marked or ()), part)


Asked = Annotated[Which, Depends(which)]


@dataclass(frozen=True)
class Field:
    """One field of the golden record."""

    name: str
    chosen: Chosen
    why: str
    others: tuple[tuple[str, Key], ...]
    """Other values, each once, with a record that says it."""
    decided: dict[str, Any] | None
    """The decision that set it."""
    may_undo: bool
    may_change: bool


@dataclass(frozen=True)
class Tried:
    """What was refused: it stands at its field as it was written."""

    field: str
    value: str
    reason: str
    problem: str


@dataclass(frozen=True)
class GoldenView:
    """All that is shown of it."""

    golden: Golden
    ids: tuple[str, ...]
    """The customers that it is of."""
    title: str
    fields: tuple[Field, ...]
    missing: tuple[str, ...]
    """Fields without a value, which a person may set."""
    first: Key
    """The record that a typed value is said of."""
    records: int
    query: str
    may: bool
    tried: Tried | None


@dataclass(frozen=True)
class GoldenPage:
    """It alone on a page; None: there are no records to make it of."""

    template: ClassVar[str] = "desk/golden.html.j2"
    frame: Frame
    view: GoldenView | None


@dataclass(frozen=True)
class GoldenFragment(GoldenPage):
    """It without its frame, to be put into a page."""

    template: ClassVar[str] = "desk/golden/fragment.html.j2"


def records_of(desk: Services, person: Person, asked: Which) -> tuple[tuple[str, ...], tuple[Key, ...]]:
    """The customers that are meant, and the records of them. Raises Refused."""
    ids = asked.ids
    if not ids and asked.case:
        try:
            ids = customers(desk, asked.case)
        except ValueError as error:
            raise Refused(404, "There is no such case: its records are written SOURCE:ID") from error
    keys = Seen(desk, person).members(ids, asked.case)
    if not keys:
        raise Refused(404, "There is no such customer, or not among yours. Look for one in Customers")
    if asked.part:
        keys = tuple(key for key in keys if (key in asked.marked) == (asked.part == "marked"))
    return ids, keys


def view(desk: Services, person: Person, asked: Which, tried: Tried | None = None) -> GoldenView | None:
    """The golden record as it will be, by what is decided now; None where no record is left to make it of."""
    ids, keys = records_of(desk, person, asked)
    if not keys:
        return None
    made = _made(desk, person, ids, keys)
    decided = {d["field"]: d for d in desk.store.decided_on(keys) if d["kind"] == "value"}
    fields = tuple(_field(desk, person, chosen, decided.get(chosen.field)) for chosen in in_order(made.fields))
    have = {f.name for f in fields}
    return GoldenView(
        made, ids, str(made.values.get("display_name") or keys[0]), fields, tuple(n for n in FIELDS if n not in have),
        keys[0], len(keys), asked.query(), person.may("steward"), tried,
    )  # fmt: skip


def _made(desk: Services, person: Person, ids: Sequence[str], keys: Sequence[Key]) -> Golden:
    """The golden record of some records. Raises Refused."""
    try:
        return Seen(desk, person).golden(keys, ids[0])
    except KeyError as error:
        raise Refused(404, "None of these records is in the published run any more") from error


def in_order(fields: Sequence[Chosen]) -> list[Chosen]:
    """Fields with a value, in the order in which they are shown, without those that say it again."""
    have = {f.field for f in fields if f.value}
    place = {name: n for n, name in enumerate(FIRST)}
    told = [f for f in fields if f.value and SAID_ELSEWHERE.get(f.field) not in have]
    return sorted(told, key=lambda f: (place.get(f.field, len(place)), f.field))


def _field(desk: Services, person: Person, chosen: Chosen, decided: dict[str, Any] | None) -> Field:
    mine = decided if chosen.rule == "decided" else None
    others: dict[str, Key] = {}
    for value, key in chosen.losers:
        others.setdefault(value, key)
    others.pop(chosen.value, None)
    may_undo = bool(mine and mine["act"]) and (person.may("lead") or (mine or {})["user"] == person.name)
    why = _by_whom(desk, person, mine) if mine else WHY.get(chosen.rule, words(chosen.rule))
    return Field(chosen.field, chosen, why, tuple(others.items()), mine, may_undo, chosen.field in FIELDS)


def _by_whom(desk: Services, person: Person, decided: dict[str, Any]) -> str:
    """Who set a value, when, and why if they said so. At the command line a value is typed."""
    act = desk.store.one_act(decided["act"]) if decided["act"] else None
    did = "chose" if act and act["answer"] == CHOSE else "typed"
    reason = Seen(desk, person).remark(decided["reason"])
    return f"{decided['user']} {did} it on {decided['time'][:10]}{': ' if reason else ''}{reason}"


@router.get("/golden")
def golden(request: Request, desk: Desk, person: Viewer, asked: Asked) -> Response:
    """The golden record as it will be."""
    found = view(desk, person, asked)
    desk.store.note(person.name, "golden record seen", " ".join(asked.ids or (asked.case or ())[1:]))
    return _answer(request, desk, person, found)


@router.post("/golden/value")
def set_value(
    request: Request, desk: Desk, person: Steward, asked: Asked,
    field: Annotated[str, Form()], record: Annotated[str, Form()], value: Annotated[str, Form()] = "",
    chosen: Annotated[str, Form()] = "", reason: Annotated[str, Form(max_length=2000)] = "",
) -> Response:  # fmt: skip
    """Choose another value for a field (`chosen`: its record, a tab, the value), or type one: a decision that stands,
    run after run, until taken back.
    """
    ids, keys = records_of(desk, person, asked)
    if chosen:
        record, _, value = chosen.partition("\t")
    if record not in keys:
        raise Refused(404, "This record is not one of the customer's any more. Load the page again")
    try:
        settled = desk.settled(field, value, _made(desk, person, ids, keys).values.get("country"))
    except ValueError as error:
        tried = Tried(field, value, reason, str(error))
        return _answer(request, desk, person, view(desk, person, asked, tried), 422)
    decision = wanted("value", record, field=field, value=settled)
    how = CHOSE if chosen else TYPED
    desk.store.act(Act(person.name, "value", asked.case, (decision,), answer=how, text=reason.strip() or None))
    desk.store.note_act(person.name, f"set {field}", record)
    return _done(request, desk, person, asked)


@router.post("/golden/back")
def take_back(request: Request, desk: Desk, person: Steward, asked: Asked, act: FormNumber) -> Response:
    """Take back a value that somebody chose."""
    undoing.take_back(desk, person, act)
    return _done(request, desk, person, asked)


def _done(request: Request, desk: Services, person: Person, asked: Which) -> Response:
    if for_a_piece(request):
        return _answer(request, desk, person, view(desk, person, asked))
    return RedirectResponse(f"/golden?{asked.query()}", 303)


def _answer(request: Request, desk: Services, person: Person, found: GoldenView | None, status: int = 200) -> Response:
    """Whole, or for a page that puts it into itself (which takes no other status than 200)."""
    piece = for_a_piece(request)
    page = GoldenFragment if piece else GoldenPage
    return shown(page(frame(request, desk, person), found), 200 if piece else status)
