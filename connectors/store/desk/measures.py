"""What can be counted of people's decisions: known cases answered alike, decisions that others reversed, and time."""

from collections import defaultdict
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, not_, select

from connectors.store import tables
from connectors.store.base import Base
from connectors.store.desk.filter import standing
from rules.stewarding import Measure, Share, measure

acts, made, decisions = tables.acts, tables.act_decisions, tables.decisions
JUDGED: Final = ("answer", "take_out", "split", "value")
"""Acts by which a person decides a single case."""
Counts = dict[str, tuple[int, int]]
Acts = ColumnElement[bool]


class Measures(Base):
    """Of each person who decided anything since a day (ISO)."""

    def measures(self, since: str, user: str = "") -> dict[str, Measure]:
        """By user; of one, or of everybody."""
        of = and_(acts.c.time >= since, acts.c.user == user) if user else acts.c.time >= since
        known, own, overruled = self._counts(_known(of)), self._counts(_own(of)), self._counts(_overruled(of))
        seconds: dict[str, list[float]] = defaultdict(list)
        timed = select(acts.c.user, acts.c.seconds).where(of, acts.c.action == "answer", acts.c.seconds.is_not(None))
        with self.engine.connect() as connection:
            for who, took in connection.execute(timed):
                seconds[who].append(took)
        nothing = (0, 0)
        return {
            who: measure(
                who, Share(*known.get(who, nothing)),
                Share(*map(sum, zip(own.get(who, nothing), overruled.get(who, nothing), strict=True))), seconds[who],
            )
            for who in sorted({*known, *own, *overruled, *seconds})
        }  # fmt: skip

    def _counts(self, query: Select[Any]) -> Counts:
        """By user: how many, of how many."""
        with self.engine.connect() as connection:
            return {str(user): (int(hits or 0), int(of)) for user, hits, of in connection.execute(query)}


def _counted(hit: ColumnElement[bool]) -> list[Any]:
    return [acts.c.user, func.sum(case((hit, 1), else_=0)), func.count()]


def _known(of: Acts) -> Select[Any]:
    """Known cases, answered as they are known."""
    shown = and_(
        acts.c.purpose == "known",
        acts.c.action == "answer",
        acts.c.expected.is_not(None),
        of,
        standing(),
    )
    return select(*_counted(acts.c.answer == acts.c.expected)).where(shown).group_by(acts.c.user)


def _own(of: Acts) -> Select[Any]:
    """Own decisions, taken back by others; what people took back themselves is nobody's failing."""
    decided = exists().where(made.c.act == acts.c.seq)
    own, others = _taken_back(decisions.alias(), by_others=False), _taken_back(decisions.alias(), by_others=True)
    return select(*_counted(others)).where(of, acts.c.action.in_(JUDGED), decided, not_(own)).group_by(acts.c.user)


def _taken_back(undoing: Any, *, by_others: bool) -> ColumnElement[bool]:
    """Acts of which a decision is undone, and the undoing was not undone."""
    again = decisions.alias()
    who = undoing.c.user != acts.c.user if by_others else undoing.c.user == acts.c.user
    inner = select(made.c.act).join(undoing, undoing.c.undoes == made.c.decision)
    return (
        inner.where(made.c.act == acts.c.seq, undoing.c.kind == "undo", who)
        .where(not_(exists().where(again.c.undoes == undoing.c.seq)))
        .exists()
    )


def _overruled(of: Acts) -> Select[Any]:
    """Readings of cases that a lead ended, answered otherwise by the lead."""
    ended = acts.alias()
    undoing = acts.alias()
    stands = not_(exists().where(undoing.c.undoes == ended.c.seq))
    same = and_(
        ended.c.left == acts.c.left, ended.c.right == acts.c.right, ended.c.purpose == "third", ended.c.seq > acts.c.seq
    )
    read = and_(of, acts.c.purpose.in_(("first", "disagreed")), standing(), stands)
    return select(*_counted(acts.c.answer != ended.c.answer)).join(ended, same).where(read).group_by(acts.c.user)
