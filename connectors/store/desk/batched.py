"""How far a batch of cases is: which were decided since it was made, by whomever, and which are open still."""

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, select, union_all

from connectors.store import tables
from connectors.store.decisions import APART, in_force, sides
from connectors.store.desk.filter import Filter, open_cases

cases, candidates, decisions = tables.batch_cases, tables.candidates, tables.decisions


class Decided(NamedTuple):
    """What somebody decided on a case: same, different, related."""

    answer: str
    user: str
    time: str
    decision: int


@dataclass(frozen=True)
class Standing:
    """Places (from 0) of the cases of a batch. What left the queue undecided, in a run meanwhile, is in neither."""

    open: frozenset[int]
    decided: dict[int, Decided]

    @property
    def size(self) -> int:
        return len(self.open) + len(self.decided)

    def errors(self, answer: str) -> int:
        """How many were decided otherwise."""
        return sum(one.answer != answer for one in self.decided.values())


def still_open(connection: Connection, batch: int, most: int | None) -> frozenset[int]:
    """Places of the cases that wait for a decision."""
    query = open_cases(Filter(), cases.c.ordinal).join_from(candidates, cases, _same_case()).where(*_mine(batch, most))
    return frozenset(connection.execute(query).scalars())


def decided_since(connection: Connection, batch: int, since: int, most: int | None) -> dict[int, Decided]:
    """By place, the last decision in force on each case that was made after a decision's number."""
    d = decisions.c
    one, other = sides()
    columns = (d.kind, d.user, d.time, d.seq)
    fresh = and_(d.seq > since, in_force(), d.kind.in_(("same", *APART)))
    both = union_all(
        select(one.label("left"), other.label("right"), *columns).where(fresh),
        select(other.label("left"), one.label("right"), *columns).where(fresh),
    ).cte("fresh")
    here = and_(cases.c.left == both.c.left, cases.c.right == both.c.right)
    query = select(cases.c.ordinal, both.c.kind, both.c.user, both.c.time, both.c.seq).join(both, here)
    rows = connection.execute(query.where(*_mine(batch, most)).order_by(both.c.seq))
    return {row.ordinal: Decided("different" if row.kind == "split" else row.kind, *row[2:]) for row in rows}


def _same_case() -> ColumnElement[bool]:
    c = candidates.c
    return and_(cases.c.kind == c.kind, cases.c.left == c.left, cases.c.right == c.right)


def _mine(batch: int, most: int | None) -> list[ColumnElement[bool]]:
    return [cases.c.batch == batch, *([cases.c.ordinal < most] if most is not None else [])]
