"""A customer's records on one page: who is one wrong among seven, and two customers that were taken for one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from connectors.store.desk.acts import Act
from connectors.store.desk.filter import Case
from reports import story as stories
from reports.desk import graph as drawing
from reports.desk import many
from reports.desk.access import Desk, Person, Refused, Steward, Viewer
from reports.desk.frame import Frame, frame, shown
from reports.desk.graph import Graph
from reports.desk.numbers import FormNumber
from reports.desk.pages.rerun import of_customers
from reports.desk.parting import Answer, decisions
from reports.desk.seen import Seen
from reports.desk.services import Cluster, Key, Record, Rerun, Services
from reports.desk.view import needs_two
from reports.format import listing
from rules.record_key import key_of

router = APIRouter()
MOST: Final = 200
"""Records of a customer that can be parted on one page."""
OF_ACT: Final = {"take_out": "take_out", "split": "split", "same": "answer"}


@dataclass(frozen=True)
class Decided:
    """What was decided on these records; `waits`: it is not yet in the golden table."""

    act: int | None
    user: str
    time: str
    said: str
    apart: tuple[Key, ...]
    """Who was taken out, or is the other customer, and is still of this one in the golden table."""
    waits: bool
    may_undo: bool


@dataclass(frozen=True)
class Member:
    """A record. `digit`: the key that marks it; `other`: it is of the second customer."""

    number: int
    record: Record
    digit: str
    marked: bool
    other: bool


@dataclass(frozen=True)
class ClusterPage:
    """The page."""

    template: ClassVar[str] = "desk/cluster.html.j2"
    frame: Frame
    title: str
    ids: tuple[str, ...]
    members: tuple[Member, ...]
    lines: tuple[many.Line, ...]
    columns: bool
    """Records stand in columns."""
    graph: Graph | None
    facts: tuple[str, ...]
    pending: tuple[Decided, ...]
    stands: tuple[Decided, ...]
    seen: int
    case: Case | None
    rest: str
    query: str
    """Of this page and its actions."""
    rerun: Rerun | None
    may: bool


@router.get("/clusters/{golden_id}")
def cluster(
    request: Request, desk: Desk, person: Viewer, golden_id: str, other: str = "",
    marked: Annotated[list[str] | None, Query()] = None, case: str = "", left: str = "", right: str = "",
    rest: str = "",
) -> Response:  # fmt: skip
    """The records of a customer, or of two (`other`) that may be one, with the evidence between all of them."""
    asked = Case(case, left, right) if left else None
    ids = tuple(dict.fromkeys(filter(None, (golden_id, other))))
    seen, last = Seen(desk, person), desk.store.last_decision()
    found = seen.cluster(ids, asked)
    desk.store.note(person.name, "cluster seen", " ".join(ids))
    decided = _decided(desk, person, [record.key for record in found.records])
    members = _members(found, set(marked or ()) or {key for one in decided for key in one.apart})
    facts = stories.facts(found.story) if found.story else ()
    return shown(
        ClusterPage(
            frame(request, desk, person), members[0].record.name, ids, members,
            many.lines([m.record for m in members]), len(members) <= many.MOST_COLUMNS, drawing.graph(found), facts,
            tuple(d for d in decided if d.waits), tuple(d for d in decided if not d.waits), last, asked, rest,
            _query(other, asked, rest), of_customers(desk, ids), person.may("steward"),
        )
    )  # fmt: skip


@router.post("/clusters/{golden_id}/decide")
def decide(
    desk: Desk, person: Steward, golden_id: str, answer: Annotated[Answer, Form()], seen: FormNumber,
    marked: Annotated[list[str] | None, Form()] = None, reason: Annotated[str, Form(max_length=2000)] = "",
    other: str = "", case: str = "", left: str = "", right: str = "", rest: str = "",
) -> Response:  # fmt: skip
    """Take the marked records out, make them a customer of their own, or say that all are one: one act."""
    asked = Case(case, left, right) if left else None
    ids = tuple(dict.fromkeys(filter(None, (golden_id, other))))
    keys = Seen(desk, person).members(ids, asked)
    out = [key for key in keys if key in set(marked or ())]
    stays = [key for key in keys if key not in set(out)]
    _demand(answer, ids, stays, out, marked or ())
    if asked and not {asked.left, asked.right} <= {*keys}:
        raise Refused(409, "The case is of other records by now. Begin with the case again")
    act = Act(
        person.name, OF_ACT[answer], asked, decisions(answer, stays, out), answer=answer,
        purpose="queue" if asked else None, text=reason.strip() or None,
    )  # fmt: skip
    two = _of_much_business(desk, keys)
    if asked and (needs_two(desk, Seen(desk, person).case(asked)) or two):
        desk.store.read(replace(act, answer=" ".join([answer, *out])), seen)  # the same marks are the same answer
    elif two and not person.may("lead"):
        raise Refused(403, "A customer of so much business takes two people: part it in its case, or ask a lead")
    else:
        desk.store.act(act, seen)
    if asked:
        desk.store.let_go(person.name, asked)
    desk.store.note(person.name, f"decided {answer}", " ".join(ids))
    return RedirectResponse(f"/clusters/{quote(golden_id, safe='')}?{_query(other, asked, rest)}", 303)


def _demand(
    answer: Answer, ids: Sequence[str], stays: Sequence[Key], out: Sequence[Key], marked: Sequence[Key]
) -> None:
    """Raises Refused where it cannot be decided that way. That two customers are one is said of all their records."""
    if len(stays) + len(out) > MOST:
        raise Refused(422, f"More than {MOST} records cannot be parted here. Decide on pairs of them, in the queue")
    if len(out) < len(set(marked)):
        raise Refused(409, "Some of the records you marked are no longer of this customer. Load the page again")
    if answer != "same" and not out:
        raise Refused(422, "Mark the records that do not belong here, then take them out")
    if answer != "same" and not stays:
        raise Refused(422, "All records are marked: leave at least one of them")
    if answer == "same" and out and len(ids) == 1:
        raise Refused(422, "Some records are marked: take the marks away to say that all are one customer")


def _of_much_business(desk: Services, keys: Sequence[Key]) -> bool:
    """Whether what is decided on these records takes two people."""
    above = desk.settings.second_reader_above
    if above is None:
        return False
    return sum(abs(fact.amount or 0.0) for record in desk.records(keys).values() for fact in record.facts) >= above


def _members(found: Cluster, marked: set[Key]) -> tuple[Member, ...]:
    """In the order in which they are shown; of a second customer's records all are marked, to begin with."""
    several = len(found.golden_ids) > 1
    return tuple(
        Member(
            n, record, str(n % 10) if n <= 10 else "",
            record.key in marked or (not marked and several and record.golden_id == found.golden_ids[1]),
            several and record.golden_id == found.golden_ids[1],
        )
        for n, record in enumerate(found.records, 1)
    )  # fmt: skip


def _query(other: str, case: Case | None, rest: str) -> str:
    of_case = dict(zip(("case", "left", "right"), case, strict=True)) if case else {}
    said = {"other": other, **of_case, "rest": rest}
    return urlencode({name: value for name, value in said.items() if value})


def _decided(desk: Services, person: Person, keys: Sequence[Key]) -> tuple[Decided, ...]:
    """Decisions in force on pairs of these records, an act each."""
    homes = {key: home["golden_id"] for key, home in desk.store.homes_of(keys).items()}
    of: dict[tuple[int | None, str], list[dict[str, Any]]] = {}
    for row in desk.store.decided_on(keys):
        if row["kind"] != "value":
            of.setdefault((row["act"], row["user"]), []).append(row)
    found = []
    for (act, user), rows in of.items():
        pairs = [(_ends(row), row["kind"] == "same") for row in rows]
        waits = any((homes.get(left) == homes.get(right)) != same for (left, right), same in pairs)
        may = act is not None and (user == person.name or person.may("lead"))
        found.append(Decided(act, user, rows[0]["time"], _said(rows), _apart(rows) if waits else (), waits, may))
    return tuple(found)


def _ends(row: dict[str, Any]) -> tuple[Key, Key]:
    return key_of(row, "left"), key_of(row, "right")


def _apart(rows: Sequence[dict[str, Any]]) -> tuple[Key, ...]:
    return tuple(dict.fromkeys(_ends(row)[0] for row in rows if row["kind"] != "same"))


def _said(rows: Sequence[dict[str, Any]]) -> str:
    """What decisions of one act say."""
    lefts = _apart(rows)
    if not lefts:
        return f"decided that {listing(list(dict.fromkeys(k for r in rows for k in _ends(r))))} are one customer."
    rights = list(dict.fromkeys(_ends(row)[1] for row in rows if row["kind"] != "same"))
    return f"decided that {listing(lefts)} {'is' if len(lefts) == 1 else 'are'} not the customer of {listing(rights)}."
