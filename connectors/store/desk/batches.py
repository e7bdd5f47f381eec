"""Cases that are decided together: batches, of which a random sample is decided first, and review packs."""

import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, false, func, insert, not_, select, update

from connectors.store import tables
from connectors.store.base import Base, instant
from connectors.store.decisions import latest, number
from connectors.store.desk.batched import Standing, decided_since, still_open
from connectors.store.desk.filter import Case, Filter, Limits, given_away, open_cases, ranks, within

MOST: Final = 50_000
"""Cases of one batch."""
batches, cases, c = tables.batches, tables.batch_cases, tables.candidates.c


@dataclass(frozen=True)
class NewBatch:
    """A batch to be. `precision`: what is claimed, from 0 to 1; `sample`: so many are decided first."""

    user: str
    query: str
    answer: str
    precision: float
    sample: int


@dataclass(frozen=True)
class LeftOut:
    """Cases that are not decided together with others."""

    given: int
    """To somebody else."""
    two: int
    """That take two readers."""


class Batches(Base):
    """Batches and packs; what they decided stands in the acts with their number."""

    def cases_of(self, asked: Filter, user: str, limit: int = MOST, below: float | None = None) -> list[Case]:
        """Open cases that this user may decide together, in the filter's order: `left_out_of` tells the others."""
        mine = and_(not_(given_away(user)), not_(_rich(below)))
        query = open_cases(asked, c.kind, c.left, c.right).where(mine).order_by(*ranks(asked))
        with self.engine.connect() as connection:
            return [Case(*row) for row in connection.execute(query.limit(limit))]

    def left_out_of(self, asked: Filter, user: str, below: float | None = None) -> LeftOut:
        """How many open cases of a filter this user may not decide together with others. `below`: of so much money, a
        case takes two readers.
        """
        given = given_away(user)
        told = (func.count().filter(given), func.count().filter(and_(not_(given), _rich(below))))
        with self.engine.connect() as connection:
            return LeftOut(*connection.execute(open_cases(asked, *told)).one())

    def make_batch(self, new: NewBatch, of: Sequence[Case], time: datetime | str | None = None) -> int:
        """A batch of cases, put into random order: -> its number."""
        mixed = list(of)
        random.SystemRandom().shuffle(mixed)
        row = {
            "action": "batch", "user": new.user, "query": new.query, "answer": new.answer, "state": "sampling",
            "precision": new.precision, "sample": new.sample, "looks": 1,
        }  # fmt: skip
        return self._make(row, mixed, time)

    def make_pack(self, user: str, query: str, of: Sequence[Case], time: datetime | str | None = None) -> int:
        """A review pack of cases, in their order: -> its number."""
        row = {"action": "pack", "user": user, "query": query, "state": "out", "token": secrets.token_hex(8)}
        return self._make(row, of, time)

    def batch(self, seq: int, action: str = "batch") -> dict[str, Any] | None:
        """A batch (or pack) as it was made, with its state now and its `number` among its kind."""
        with self.engine.connect() as connection:
            found = connection.execute(_numbered().where(batches.c.seq == seq, batches.c.action == action)).first()
        return found._asdict() if found else None

    def pack_of(self, token: str) -> dict[str, Any] | None:
        """The pack that carries a token."""
        with self.engine.connect() as connection:
            found = connection.execute(_numbered().where(batches.c.token == token)).first()
        return found._asdict() if found and token else None

    def batches(self, action: str, limit: int = 200) -> list[dict[str, Any]]:
        """Batches or packs, the latest first."""
        query = _numbered().where(batches.c.action == action).order_by(batches.c.seq.desc()).limit(limit)
        rows: list[dict[str, Any]] = self.table(query).to_pylist()
        return rows

    def batch_cases(self, seq: int, first: int = 0, many: int = MOST) -> list[Case]:
        """The cases of a batch, in its order."""
        query = select(cases.c.kind, cases.c.left, cases.c.right).where(cases.c.batch == seq, cases.c.ordinal >= first)
        with self.engine.connect() as connection:
            return [Case(*row) for row in connection.execute(query.order_by(cases.c.ordinal).limit(many))]

    def standing(self, batch: dict[str, Any], most: int | None = None, first: int = 0) -> Standing:
        """How far a batch is; `most`: of its first so many cases only, and of those from the place `first` on."""
        with self.engine.connect() as connection:
            decided = decided_since(connection, batch["seq"], batch["decision"], most, first)
            return Standing(still_open(connection, batch["seq"], most, first) - decided.keys(), decided)

    def lies_within(self, seq: int, limits: Limits) -> bool:
        """Whether every case of a batch or a pack is within limits, as the queue had it last."""
        if not within(limits):
            return True
        newer = tables.candidates.alias()
        same = [newer.c[name] == c[name] for name in ("kind", "left", "right")]
        last = select(func.max(newer.c.from_version)).where(*same).scalar_subquery()
        this = [cases.c[name] == c[name] for name in ("kind", "left", "right")]
        mine = select(c.kind).where(*this, c.from_version == last, *within(limits)).exists()
        outside = select(cases.c.ordinal).where(cases.c.batch == seq, ~mine).limit(1)
        with self.engine.connect() as connection:
            return connection.execute(outside).first() is None

    def change_batch(self, seq: int, **values: Any) -> None:
        """Set `state`, `sample` or `looks` of a batch."""
        with self.writing() as connection:
            connection.execute(update(batches).where(batches.c.seq == seq).values(**values))

    def left_out(self, seq: int, places: Sequence[int] | None = None) -> list[tuple[Case, str]]:
        """Cases that could not be decided as the batch is, and why. `places`: of these alone."""
        query = select(cases).where(and_(cases.c.batch == seq, cases.c.said.is_not(None))).order_by(cases.c.ordinal)
        if places is not None:
            query = query.where(cases.c.ordinal.in_(places))
        with self.engine.connect() as connection:
            return [(Case(r.kind, r.left, r.right), r.said) for r in connection.execute(query)]

    def _make(self, row: dict[str, Any], of: Sequence[Case], time: datetime | str | None) -> int:
        last = latest().scalar_subquery()
        with self.writing() as connection:
            made = connection.execute(insert(batches).values(**row, size=len(of), decision=last, time=instant(time)))
            seq = number(made)
            if of:
                connection.execute(insert(cases), [
                    {"batch": seq, "ordinal": n, **one._asdict()} for n, one in enumerate(of)
                ])  # fmt: skip
        return seq


def _numbered() -> Select[Any]:
    """Batches and packs with their `number`: each kind is counted for itself, as people do."""
    earlier = batches.alias()
    before = and_(earlier.c.action == batches.c.action, earlier.c.seq <= batches.c.seq)
    return select(batches, select(func.count()).where(before).scalar_subquery().label("number"))


def _rich(above: float | None) -> ColumnElement[bool]:
    """Cases of so much money that they take two readers; None: none do."""
    return false() if above is None else func.coalesce(c.money, 0.0) >= above
