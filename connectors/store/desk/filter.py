"""What a steward looks for in the queue, and the open cases as SQL."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import CTE, ColumnElement, Select, Table, and_, func, not_, or_, select, tuple_, union_all

from connectors.store import tables
from connectors.store.decisions import in_force, sides
from connectors.store.desk.asked import before_day, said
from connectors.store.keyed import few_hundred
from connectors.store.undone import standing
from connectors.store.versioned import visible
from rules.search import folded

candidates, acts, decisions = tables.candidates, tables.acts, tables.decisions
c = candidates.c
TERMS: Final = 200
TAB: Final = "\t"
KINDS: Final = ("pair", "cluster", "key", "decision")
"""Of cases, as vocabulary.CANDIDATES has them."""
SETTLING: Final = ("answer", "take_out", "split", "batch", "pack")
"""Acts that close a case where they made a decision."""

ORDERS: Final = ("", "oldest", "likely", "unsure")
"""What comes first: what is worth most, waits longest, is most likely one customer, or is least sure (nearest to 0.5).
Each has an index (tables.py).
"""


class Case(NamedTuple):
    """What people are asked: `kind` as in vocabulary.CANDIDATES, two records `SOURCE:ID`."""

    kind: str
    left: str
    right: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Case":
        """The case that a row of the queue, or an act, speaks of."""
        return cls(row["kind"], row["left"], row["right"])

    def asked(self) -> dict[str, str]:
        """As the query of an address has it."""
        return {"case": self.kind, "left": self.left, "right": self.right}


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
    order: str = ""
    """One of ORDERS."""
    limits: Limits = field(default_factory=Limits)

    def asked(self) -> dict[str, str]:
        """What is not empty, as the query of an address has it."""
        return said(self, "limits")


def is_case(table: Table, case: Case) -> ColumnElement[bool]:
    """The row of a table that stands for a case."""
    return and_(table.c.kind == case.kind, table.c.left == case.left, table.c.right == case.right)


def open_cases(asked: Filter, *columns: Any) -> Select[Any]:
    """Cases that wait for a decision: those of the publication in force, but what was settled since its run began."""
    done = settled()
    return select(*columns).where(
        visible(candidates), not_(among(done.c.one, done.c.other)), *conditions(asked), *within(asked.limits)
    )


def among(one: ColumnElement[Any], other: ColumnElement[Any], *where: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the pair of a candidate is one of some. Each pair is one text, which is not null: where columns may be,
    SQLite looks for two of them together by going through all, a hundred thousand times.
    """
    pairs = select(func.coalesce(one + TAB + other, "")).where(*where)
    found: ColumnElement[bool] = (c.left + TAB + c.right).in_(pairs)
    return found


def ranks(asked: Filter) -> tuple[ColumnElement[Any], ...]:
    """By what the cases of a filter are in their order: through the index of the order where all cases are wanted. To
    look up case after case until enough are as a filter wants them takes longer than to read all and sort them.
    """
    every = asked == Filter(order=asked.order)
    worth, run, probability, margin = (
        column if every else column + nothing
        for column, nothing in ((c.worth, 0.0), (c.first_run, ""), (c.match_probability, 0.0), (c.margin, 0.0))
    )
    worth = worth.desc().nulls_last()
    first: tuple[ColumnElement[Any], ...] = {
        "": (worth,),
        "oldest": (run.nulls_last(), worth),
        "likely": (probability.desc().nulls_last(),),
        "unsure": (margin.nulls_last(),),
    }[asked.order]
    return (*first, c.left, c.right, c.kind)


def began() -> ColumnElement[str]:
    """When the published run began: what was decided before is in it. Empty: nothing is published."""
    found = select(tables.runs.c.started).where(tables.runs.c.run_id == tables.published.c.run_id).scalar_subquery()
    return func.coalesce(found, "")


def settled() -> CTE:
    """Pairs of keys, both ways round, that were decided after the published run asked what is decided."""
    d, since = decisions.c, began()
    left, right = sides()
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
        found.append(before_day(c.first_run, asked.before))
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
    if name == "-":
        return [not_(among(last.c.left, last.c.right))]
    return [tuple_(c.left, c.right).in_(select(last.c.left, last.c.right).where(last.c.other == name))]


@cache
def assigned() -> CTE:
    """left, right and `other`: to whom each case was given last; nobody any more, or somebody who left, is not among
    them.
    """
    newest = (
        select(func.max(acts.c.seq))
        .where(acts.c.action == "assign", standing(acts))
        .group_by(acts.c.left, acts.c.right)
    )
    gone = select(tables.users.c.name).where(not_(tables.users.c.active))
    found = select(acts.c.left, acts.c.right, acts.c.other).where(
        acts.c.seq.in_(newest), acts.c.other != "", acts.c.other.not_in(gone)
    )
    return found.cte("assigned")


def within(limits: Limits) -> list[ColumnElement[bool]]:
    """What a user's limits leave of the queue: cases of which one record is of a department and a country of theirs."""
    name, wanted = _demanded(limits)
    one_of = (
        or_(*(c[name].contains(f"|{one}|", autoescape=True) for one in some))
        for some in few_hundred(list(wanted), TERMS)  # of more terms SQLite takes none
    )
    return [or_(*one_of)] if wanted else []


def is_within(row: Mapping[str, Any], limits: Limits) -> bool:
    """Whether limits leave a row of the queue."""
    name, wanted = _demanded(limits)
    return not wanted or not {*wanted}.isdisjoint((row[name] or "").split("|"))


def _demanded(limits: Limits) -> tuple[str, tuple[str, ...]]:
    """A facet, and the words of which a case must have one: none where it may have any."""
    if limits.departments and limits.countries:
        return "places", tuple(f"{of}/{country}" for of in limits.departments for country in limits.countries)
    return ("departments", limits.departments) if limits.departments else ("countries", limits.countries)


def free(user: str, now: str) -> list[ColumnElement[bool]]:
    """Cases that this user may be given next: nobody works on them, nobody else was given them, and the user neither
    read them already nor laid them aside today. Where two people gave two answers, a lead decides.
    """
    claims = tables.claims.c
    taken = among(claims.left, claims.right, claims.until > now, claims.user != user, claims.kind.in_(KINDS))
    aside = among(
        acts.c.left, acts.c.right, acts.c.user == user, acts.c.left.is_not(None),
        or_(and_(acts.c.action == "skip", acts.c.time >= now[:10]), acts.c.purpose == "first"), standing(acts),
    )  # fmt: skip
    two_answers = among(acts.c.left, acts.c.right, acts.c.purpose == "disagreed", standing(acts))
    return [not_(which) for which in (given_away(user), taken, aside, two_answers)]


def given_away(user: str) -> ColumnElement[bool]:
    """Cases that were given to somebody else."""
    last = assigned()
    return among(last.c.left, last.c.right, last.c.other != user)
