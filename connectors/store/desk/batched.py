"""How far a batch of cases is: which were decided since it was made, by whomever, and which are open still."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, select, union_all

from connectors.store import tables
from connectors.store.decisions import APART, in_force, sides
from connectors.store.desk.filter import Filter, open_cases
from rules.record_key import split_key

cases, candidates, decisions = tables.batch_cases, tables.candidates, tables.decisions
FEW: Final = 1_000


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


def still_open(connection: Connection, batch: int, most: int | None, first: int = 0) -> frozenset[int]:
    """Places of the cases that wait for a decision: from `first` on, and before `most`."""
    query = (
        open_cases(Filter(), cases.c.ordinal)
        .join_from(candidates, cases, _same_case())
        .where(*_mine(batch, most, first))
    )
    return frozenset(connection.execute(query).scalars())


def decided_since(
    connection: Connection, batch: int, since: int, most: int | None, first: int = 0
) -> dict[int, Decided]:
    """By place (from `first` on, and before `most`), the last decision in force on each case that was made after a
    decision's number.
    """
    d = decisions.c
    one, other = sides()
    columns = (d.kind, d.user, d.time, d.seq)
    fresh = and_(d.seq > since, in_force(), d.kind.in_(("same", *APART)), *_near(connection, _mine(batch, most, first)))
    both = union_all(
        select(one.label("left"), other.label("right"), *columns).where(fresh),
        select(other.label("left"), one.label("right"), *columns).where(fresh),
    ).cte("fresh")
    here = and_(cases.c.left == both.c.left, cases.c.right == both.c.right)
    query = select(cases.c.ordinal, both.c.kind, both.c.user, both.c.time, both.c.seq).join(both, here)
    rows = connection.execute(query.where(*_mine(batch, most, first)).order_by(both.c.seq))
    return {row.ordinal: Decided("different" if row.kind == "split" else row.kind, *row[2:]) for row in rows}


def _near(connection: Connection, mine: list[ColumnElement[bool]]) -> list[ColumnElement[bool]]:
    """Of few cases: decisions on records like theirs, found through the index; of many it is quicker to read all."""
    found = connection.execute(select(cases.c.left, cases.c.right).where(*mine).limit(FEW + 1)).all()
    if len(found) > FEW:
        return []
    sources, ids = zip(*{split_key(key) for row in found for key in row}, strict=True) if found else ((), ())
    return [decisions.c.left_source.in_({*sources}), decisions.c.left_id.in_({*ids})]


def _same_case() -> ColumnElement[bool]:
    c = candidates.c
    return and_(cases.c.kind == c.kind, cases.c.left == c.left, cases.c.right == c.right)


def _mine(batch: int, most: int | None, first: int) -> list[ColumnElement[bool]]:
    found = [cases.c.batch == batch, *([cases.c.ordinal < most] if most is not None else [])]
    return [*found, *([cases.c.ordinal >= first] if first else [])]
