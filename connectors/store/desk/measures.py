"""What can be counted of people's decisions: known cases answered alike, decisions that others reversed, and time."""

from collections import defaultdict
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, select

from connectors.store import tables
from connectors.store.base import Base
from connectors.store.undone import standing
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
        standing(acts),
    )
    return select(*_counted(acts.c.answer == acts.c.expected)).where(shown).group_by(acts.c.user)


def _own(of: Acts) -> Select[Any]:
    """Own decisions, taken back by others; what people took back themselves is nobody's failing."""
    decided, back = exists().where(made.c.act == acts.c.seq), _taken_back().subquery()
    query = select(*_counted(back.c.others > 0)).join_from(acts, back, back.c.act == acts.c.seq, isouter=True)
    mine = func.coalesce(back.c.own, 0) == 0
    return query.where(of, acts.c.action.in_(JUDGED), decided, mine).group_by(acts.c.user)


def _taken_back() -> Select[Any]:
    """Acts of which a decision is undone, and the undoing was not undone: how many by who made it, and by others.

    It begins with the undoings, which are few: asked of each act by itself, it takes minutes for a hundred thousand.
    """
    undoing, act = decisions.alias(), acts.alias()
    own = func.sum(case((undoing.c.user == act.c.user, 1), else_=0))
    others = func.sum(case((undoing.c.user != act.c.user, 1), else_=0))
    query = select(made.c.act, own.label("own"), others.label("others")).select_from(undoing)
    joined = query.join(made, made.c.decision == undoing.c.undoes).join(act, act.c.seq == made.c.act)
    return joined.where(undoing.c.kind == "undo", standing(undoing)).group_by(made.c.act)


def _overruled(of: Acts) -> Select[Any]:
    """Readings of cases that a lead ended, answered otherwise by the lead."""
    ended = acts.alias()
    same = and_(
        ended.c.left == acts.c.left, ended.c.right == acts.c.right, ended.c.purpose == "third", ended.c.seq > acts.c.seq
    )
    read = and_(of, acts.c.purpose.in_(("first", "disagreed")), standing(acts), standing(ended))
    return select(*_counted(acts.c.answer != ended.c.answer)).join(ended, same).where(read).group_by(acts.c.user)
