"""What a steward looks for in the queue, and the open cases as SQL."""

from dataclasses import dataclass, field, fields
from datetime import date
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import CTE, ColumnElement, Select, Table, and_, func, not_, or_, select, tuple_, union_all

from connectors.store import tables
from connectors.store.decisions import in_force
from connectors.store.versioned import visible
from rules.search import folded

candidates, acts, decisions = tables.candidates, tables.acts, tables.decisions
c = candidates.c
SETTLING: Final = ("answer", "take_out", "split", "batch", "pack")
"""Acts that close a case where they made a decision."""


class Case(NamedTuple):
    """What people are asked: `kind` as in vocabulary.CANDIDATES, two records `SOURCE:ID`."""

    kind: str
    left: str
    right: str


@dataclass(frozen=True)
class Limits:
    """What a user may see; empty: everything. A case is in limits where one of its records is."""

    departments: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()


@dataclass(frozen=True)
class Filter:
    """A part of the queue. Empty words mean: whatever it is."""

    source: str = ""
    department: str = ""
    country: str = ""
    language: str = ""
    relation: str = ""
    reason: str = ""
    kind: str = ""
    assignee: str = ""
    """A user's name, or `-` for cases that nobody has been given."""
    before: str = ""
    """Open since a day before this one (ISO)."""
    text: str = ""
    least: float | None = None
    most: float | None = None
    """Match probability."""
    limits: Limits = field(default_factory=Limits)

    def asked(self) -> dict[str, str]:
        """What is not empty, as the query of an address has it."""
        said = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "limits"}
        return {name: str(value) for name, value in said.items() if value not in ("", None)}


def is_case(table: Table, case: Case) -> ColumnElement[bool]:
    """The row of a table that stands for a case."""
    return and_(table.c.kind == case.kind, table.c.left == case.left, table.c.right == case.right)


def open_cases(asked: Filter, *columns: Any) -> Select[Any]:
    """Cases that wait for a decision: those of the publication in force, but what was settled since its run began."""
    done = settled()
    pair = tuple_(c.left, c.right)
    return select(*columns).where(
        visible(candidates), pair.not_in(select(done.c.one, done.c.other)), *conditions(asked), *within(asked.limits)
    )


def settled() -> CTE:
    """Pairs of keys, both ways round, that were decided after the published run asked what is decided."""
    began = select(tables.runs.c.started).where(tables.runs.c.run_id == tables.published.c.run_id).scalar_subquery()
    d, since = decisions.c, func.coalesce(began, "")
    left, right = d.left_source + ":" + d.left_id, d.right_source + ":" + d.right_id
    fresh = and_(d.time >= since, in_force(), d.right_source.is_not(None))
    made = tables.act_decisions
    by_act = (
        select(acts.c.left, acts.c.right)
        .join(made, made.c.act == acts.c.seq)
        .join(decisions, d.seq == made.c.decision)
        .where(acts.c.time >= since, acts.c.action.in_(SETTLING), in_force(), acts.c.left.is_not(None))
    )
    both = union_all(
        select(left.label("one"), right.label("other")).where(fresh), select(right, left).where(fresh), by_act
    )
    return both.cte("settled")


def conditions(asked: Filter) -> list[ColumnElement[bool]]:
    """What a filter demands of a candidate."""
    found: list[ColumnElement[bool]] = []
    for column, wanted in (
        (c.sources, asked.source), (c.departments, asked.department), (c.countries, asked.country),
        (c.languages, asked.language),
    ):  # fmt: skip
        if wanted:
            found.append(column.contains(f"|{wanted}|", autoescape=True))
    for column, wanted in ((c.relation, asked.relation), (c.reason, asked.reason), (c.kind, asked.kind)):
        if wanted:
            found.append(column == wanted)
    if asked.before:
        found.append(c.first_run < date.fromisoformat(asked.before).strftime("%Y%m%dT"))
    if asked.least is not None:
        found.append(c.match_probability >= asked.least)
    if asked.most is not None:
        found.append(c.match_probability <= asked.most)
    found += [c.text.contains(word, autoescape=True) for word in folded(asked.text).split()]
    return [*found, *_given(asked.assignee)]


def _given(name: str) -> list[ColumnElement[bool]]:
    """Cases that were given to somebody, or (`-`) to nobody."""
    if not name:
        return []
    last = assigned()
    pair = tuple_(c.left, c.right)
    if name == "-":
        return [pair.not_in(select(last.c.left, last.c.right))]
    return [pair.in_(select(last.c.left, last.c.right).where(last.c.other == name))]


@cache
def assigned() -> CTE:
    """left, right and `other`: to whom each case was given last; nobody any more is not among them."""
    newest = (
        select(func.max(acts.c.seq)).where(acts.c.action == "assign", standing()).group_by(acts.c.left, acts.c.right)
    )
    found = select(acts.c.left, acts.c.right, acts.c.other).where(acts.c.seq.in_(newest), acts.c.other != "")
    return found.cte("assigned")


def within(limits: Limits) -> list[ColumnElement[bool]]:
    """What a user's limits leave of the queue."""
    of = ((c.departments, limits.departments), (c.countries, limits.countries))
    return [or_(*(column.contains(f"|{w}|", autoescape=True) for w in wanted)) for column, wanted in of if wanted]


def free(user: str, now: str) -> list[ColumnElement[bool]]:
    """Cases that this user may be given next: nobody works on them, nobody else was given them, and the user neither
    read them already nor laid them aside today. Where two people gave two answers, a lead decides.
    """
    claims, last = tables.claims, assigned()
    pair = tuple_(c.left, c.right)
    taken = select(claims.c.left, claims.c.right).where(claims.c.until > now, claims.c.user != user)
    others = select(last.c.left, last.c.right).where(last.c.other != user)
    aside = select(acts.c.left, acts.c.right).where(
        acts.c.user == user, acts.c.left.is_not(None),
        or_(and_(acts.c.action == "skip", acts.c.time >= now[:10]), acts.c.purpose == "first"), standing(),
    )  # fmt: skip
    two_answers = select(acts.c.left, acts.c.right).where(acts.c.purpose == "disagreed", standing())
    return [not_(pair.in_(which)) for which in (taken, others, aside, two_answers)]


def standing() -> ColumnElement[bool]:
    """Acts that were not undone."""
    undoing = acts.alias()
    return not_(select(undoing.c.seq).where(undoing.c.undoes == acts.c.seq).exists())
