"""A customer's records on one page: who is one wrong among seven, and two customers that were taken for one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from connectors.store.desk.acts import Act
from connectors.store.desk.filter import Case
from connectors.store.desk.readers import WHOLE
from reports import story as stories
from reports.desk import graph as drawing
from reports.desk import many
from reports.desk.access import Desk, Refused, Steward, Viewer
from reports.desk.answering import customers, digest, of_much_business, of_records, record, whole
from reports.desk.frame import Frame, frame, shown
from reports.desk.graph import Graph
from reports.desk.numbers import FormNumber
from reports.desk.pages.rerun import of_customers
from reports.desk.parting import Answer, decisions
from reports.desk.seen import Seen
from reports.desk.services import Cluster, Key, Record, Rerun, Services
from reports.desk.standing import Decided, Extent, decided_on, extent, latest, undone
from reports.desk.told import Line
from reports.desk.view import in_short, needs_two, read

router = APIRouter()
OF_ACT: Final = {"take_out": "take_out", "split": "split", "same": "answer"}


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
    extent: Extent
    """How much of it is decided."""
    undone: tuple[Line, ...]
    """What was taken back after it was published."""
    waits: str
    """What became of this person's own answer to the case: it waits for a second reader, or for a lead."""
    seen: int
    records: str
    """Which records it shows."""
    case: Case | None
    rest: str
    query: str
    """Of this page and its actions."""
    rerun: Rerun | None
    unpublished: int
    """Decisions that a re-run would publish, on whomever they are."""
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
    names = {record.key: record.name for record in found.records}
    decided = decided_on(desk, person, names)
    members = _members(found, set(marked or ()) or {key for one in decided for key in one.apart})
    told = any(one.of_pairs for one in decided) or not seen.is_blind
    facts = stories.facts(found.story) if found.story and told else ()
    fresh, back = tuple(d for d in decided if d.fresh), undone(desk, person, tuple(names))
    since = latest([*(d for d in fresh if d.waits), *back])
    return shown(
        ClusterPage(
            frame(request, desk, person), _title(seen, ids, members), ids, members,
            many.lines([m.record for m in members]), len(members) <= many.MOST_COLUMNS,
            drawing.graph(found) if told else None, facts, fresh, tuple(d for d in decided if not d.fresh),
            extent(desk, tuple(names), _waiting(seen, names)), back,
            read(desk, person, asked)[0] if asked else "", last, digest([*names]), asked, rest,
            _query(other, asked, rest), of_customers(desk, person, ids, since), desk.store.decided_since(),
            person.may("steward"),
        )
    )  # fmt: skip


def _title(seen: Seen, ids: Sequence[str], members: Sequence[Member]) -> str:
    """What the customers are called in the golden table, or the first record where they are not in it."""
    rows = {row["golden_id"]: row["display_name"] for row in seen.desk.store.golden(ids=list(ids)).to_pylist()}
    names = [seen.text("display_name", rows[one]) for one in ids if rows.get(one)] or [members[0].record.name]
    return in_short(names[0], names[-1])


@router.post("/clusters/{golden_id}/decide")
def decide(
    desk: Desk, person: Steward, golden_id: str, answer: Annotated[Answer, Form()], seen: FormNumber,
    marked: Annotated[list[str] | None, Form()] = None, reason: Annotated[str, Form(max_length=2000)] = "",
    records: Annotated[str, Form()] = "",
    other: str = "", case: str = "", left: str = "", right: str = "", rest: str = "",
) -> Response:  # fmt: skip
    """Take the marked records out, make them a customer of their own, or say that all are one: one act."""
    asked = Case(case, left, right) if left else None
    ids = tuple(dict.fromkeys(filter(None, (golden_id, other))))
    _demand_of_case(desk, ids, asked)
    keys = whole(desk, person, ids, asked)
    if records not in ("", digest(keys)):
        raise Refused(409, "Other records are of this customer by now. Load the page again: nothing was recorded")
    out = [key for key in keys if key in set(marked or ())]
    stays = [key for key in keys if key not in set(out)]
    _demand(answer, ids, stays, out, marked or ())
    made = decisions("same", keys, ()) if answer == "same" else decisions(answer, stays, out)
    act = Act(
        person.name, OF_ACT[answer], asked, made, purpose="queue" if asked else None, text=reason.strip() or None,
        answer=of_records(WHOLE, keys) if answer == "same" else of_records(answer, keys, *out),
    )  # fmt: skip
    two = of_much_business(desk, keys) or (asked is not None and needs_two(desk, Seen(desk, person).case(asked)))
    record(desk, person, act, seen, two=two)
    if asked:
        desk.store.let_go(person.name, asked)
    desk.store.note_act(person.name, f"decided {answer}", " ".join(ids))
    return RedirectResponse(f"/clusters/{quote(golden_id, safe='')}?{_query(other, asked, rest)}", 303)


def _demand_of_case(desk: Services, ids: Sequence[str], case: Case | None) -> None:
    """Raises Refused where customers that a case is not of would be decided on with it: nobody was asked about them."""
    if case and not {*ids} <= {*customers(desk, case)}:
        raise Refused(409, "The case is of other customers by now. Begin with the case again")


def _demand(
    answer: Answer, ids: Sequence[str], stays: Sequence[Key], out: Sequence[Key], marked: Sequence[Key]
) -> None:
    """Raises Refused where it cannot be decided that way. That two customers are one is said of all their records."""
    if len(out) < len(set(marked)):
        raise Refused(409, "Some of the records you marked are no longer of this customer. Load the page again")
    if answer != "same" and not out:
        raise Refused(422, "Mark the records that do not belong here, then take them out")
    if answer != "same" and not stays:
        raise Refused(422, "All records are marked: leave at least one of them")
    if answer == "same" and out and len(ids) == 1:
        raise Refused(422, "Some records are marked: take the marks away to say that all are one customer")


def _waiting(seen: Seen, names: Collection[Key]) -> set[tuple[Key, Key]]:
    """The pairs of the open cases about some records."""
    return {(row["left"], row["right"]) for row in seen.cases_about(names)}


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
    said = {"other": other, **(case.asked() if case else {}), "rest": rest}
    return urlencode({name: value for name, value in said.items() if value})
