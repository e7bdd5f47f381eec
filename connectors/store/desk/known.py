"""Pairs that are decided already, mixed among those that wait, to measure how well people agree.

A pair is known where somebody else decided it and it stands for a week, or two people gave the same answer. It is shown
with the row that it had in the queue, so that nothing tells it from the others.
"""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, delete, exists, or_, select

from connectors.store import tables
from connectors.store.base import Base, instant
from connectors.store.decisions import in_force
from connectors.store.desk.acts import Act, Overtaken, on_pair, write
from connectors.store.desk.cases import SHOWN
from connectors.store.desk.filter import Case, Limits, is_case, within
from connectors.store.undone import standing
from connectors.store.versioned import visible
from rules.record_key import ends, split_key

acts, made, decisions, claims = tables.acts, tables.act_decisions, tables.decisions, tables.claims
c = tables.candidates.c
HELD: Final = "known"
"""Kind of the claim on a known pair that somebody has before them."""
SETTLED: Final = timedelta(days=7)
NEWEST: Final = 2_000
"""Decisions among which one is drawn."""
TRIES: Final = 12
_dice = secrets.SystemRandom()


class Known(Base):
    """Which known pair somebody is shown, and whether a case is one."""

    def draw_known(self, user: str, limits: Limits, but: list[Case], now: datetime | None = None) -> Case | None:
        """A known pair that this user neither decided nor was shown: the case as it stood in the queue. None: there is
        none.
        """
        rows = self.table(_usable(user, (now or datetime.now(UTC)) - SETTLED)).to_pylist()
        _dice.shuffle(rows)
        for row in rows[:TRIES]:
            case = self._as_it_stood(ends(row), limits)
            if case and case not in but and not self._touched(user, case) and self._alive(case):
                return case
        return None

    def known_row(self, left: str, right: str, limits: Limits) -> dict[str, Any] | None:
        """The row that two records had in the queue last, published or not."""
        query = select(*(c[n] for n in SHOWN)).where(c.left == left, c.right == right, *within(limits))
        rows: list[dict[str, Any]] = self.table(query.order_by(c.from_version.desc()).limit(1)).to_pylist()
        return rows[0] if rows else None

    def held_known(self, user: str) -> list[Case]:
        """Known pairs that a user was shown and has not answered, but for those whose answer was taken back since."""
        query = select(claims.c.left, claims.c.right).where(claims.c.kind == HELD, claims.c.user == user)
        with self.engine.connect() as connection:
            pairs = connection.execute(query.order_by(claims.c.until)).all()
            return [Case(HELD, *pair) for pair in pairs if on_pair(connection, *pair)]

    def is_known(self, user: str, case: Case) -> bool:
        """Whether this case is before the user because its answer is known: it is asked in earnest again where that was
        taken back since.
        """
        held = is_case(claims, Case(HELD, case.left, case.right))
        with self.engine.connect() as connection:
            mine = connection.execute(select(claims.c.user).where(held, claims.c.user == user)).first()
            return mine is not None and on_pair(connection, case.left, case.right) is not None

    def answer_known(self, act: Act) -> int:
        """Record the answer to a known pair beside the one in force; nothing is decided. -> the act's number.

        Raises Overtaken where that one was taken back meanwhile.
        """
        if act.case is None:
            raise ValueError("an answer is about a case")
        with self.writing() as connection:
            found = on_pair(connection, act.case.left, act.case.right)
            if found is None:
                raise Overtaken("This case was opened again meanwhile. Nothing was recorded: load it again")
            told = replace(act, purpose="known", expected=found.kind, decisions=())
            connection.execute(delete(claims).where(is_case(claims, Case(HELD, act.case.left, act.case.right))))
            return write(connection, told, None)

    def _as_it_stood(self, keys: Sequence[str], limits: Limits) -> Case | None:
        one, other = keys
        pair = or_(and_(c.left == one, c.right == other), and_(c.left == other, c.right == one))
        query = select(c.kind, c.left, c.right).where(pair, *within(limits)).order_by(c.from_version.desc()).limit(1)
        with self.engine.connect() as connection:
            found = connection.execute(query).one_or_none()
        return Case(*found) if found else None

    def _touched(self, user: str, case: Case) -> bool:
        mine = select(acts.c.seq).where(acts.c.left == case.left, acts.c.right == case.right, acts.c.user == user)
        held = select(claims.c.user).where(claims.c.left == case.left, claims.c.right == case.right)
        with self.engine.connect() as connection:
            return bool(connection.execute(mine.limit(1)).first() or connection.execute(held.limit(1)).first())

    def _alive(self, case: Case) -> bool:
        """Whether both records are published still."""
        home = tables.crosswalk
        with self.engine.connect() as connection:
            return all(
                connection.execute(
                    select(home.c.source).where(
                        visible(home), home.c.source == source, home.c.record_id == record, home.c.state == "active"
                    )
                ).first()
                for source, record in map(split_key, (case.left, case.right))
            )


def _usable(user: str, settled: datetime) -> Any:
    """Decisions of others on two records that stand long enough, or that two people made."""
    d = decisions.c
    by_two = exists().where(
        made.c.decision == d.seq,
        made.c.act == acts.c.seq,
        acts.c.purpose == "second",
        acts.c.other != user,
        standing(acts),
    )
    return (
        select(d.left_source, d.left_id, d.right_source, d.right_id)
        .where(d.kind.in_(("same", "different", "related")), d.user != user, in_force())
        .where(or_(d.time <= instant(settled), by_two))
        .order_by(d.seq.desc())
        .limit(NEWEST)
    )
