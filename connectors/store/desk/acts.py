"""What people did at the desk, each act with the decisions it made: all of it or nothing, and undone as one."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, and_, func, insert, or_, select, tuple_

from connectors.store import decisions as decided
from connectors.store import laid, tables
from connectors.store.base import Base, instant
from connectors.store.decisions import Contradiction, in_force, latest
from connectors.store.desk.filter import Case
from connectors.store.desk.turns import AT_ONCE, in_turns
from connectors.store.engine import lock
from connectors.store.undone import standing
from rules.record_key import split_key
from rules.vocabulary import DECISIONS

acts, made, decisions = tables.acts, tables.act_decisions, tables.decisions
ANSWER: Final = "answer the case again"
_ANEW: Final = {"assign": "give the case to somebody again", "comment": "write it again"}
"""What to do instead of doing again what decided nothing, by its action."""


class Overtaken(Exception):
    """Somebody else decided the case meanwhile; the message says who and what."""


@dataclass(frozen=True)
class Act:
    """What a person does. `decisions`: rows that `decisions.wanted` made."""

    user: str
    action: str
    case: Case | None = None
    decisions: Sequence[dict[str, Any]] = ()
    answer: str | None = None
    purpose: str | None = None
    expected: str | None = None
    other: str | None = None
    text: str | None = None
    batch: int | None = None
    seconds: float | None = None


class Acts(Base):
    """Acts are only ever added to; an undoing is an act as well."""

    def act(self, act: Act, seen: int | None = None, time: datetime | str | None = None) -> int:
        """Record an act and make its decisions; -> its number, or that of the one that it repeats.

        seen: the number of the last decision (`last_decision`) when the case was shown. Raises Overtaken where
        somebody else decided on two of its records since then, Contradiction where a decision in force excludes one of
        these: then nothing of it is done.
        """
        with self.writing() as connection:
            lock(connection, decisions.name)
            if seen is not None:
                refuse_overtaken(connection, act, seen)
            return repeated(connection, act) or write(connection, act, time)

    def undo_act(self, seq: int, user: str, time: datetime | str | None = None, reason: str = "") -> int:
        """Take back all that an act decided; undoing an undoing does it again. -> the number of the undoing.

        An act of more decisions than turns.AT_ONCE is taken back in turns: where that was cut short, asking again goes
        on, and where one is done again, what is excluded by now is left out.

        Raises KeyError where there is no such act, ValueError where it was undone, or would do again what takes two
        people, Overtaken where it is a first answer that a second one followed, Contradiction where what came after
        excludes doing it again.
        """
        with self.writing() as connection:
            lock(connection, decisions.name)
            large, left = _standing(connection, seq)
            undoing = _undo(connection, seq, user, time, reason, resumed=large and bool(left))
            if not large:
                for number in left:
                    _take_back(connection, undoing, number, user, time, reason)
                return undoing
        in_turns(self, left, lambda c, number: _take_back_if_possible(c, undoing, number, user, time, reason))
        return undoing

    def acts(
        self, *, user: str | None = None, case: Case | None = None, key: str | None = None, action: str | None = None,
        batch: int | None = None, since: str = "", limit: int = 50,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """Acts, the latest first, each with `undone` (the number of its undoing) and `decisions` (how many it made).

        `key`: acts on cases of this record, or decisions that name it. `since`: of this moment, or later.
        """
        query = _acts()
        if case:
            query = query.where(acts.c.left == case.left, acts.c.right == case.right)
        if key:
            source, record = split_key(key)
            d = decisions.c
            names = or_(
                and_(d.left_source == source, d.left_id == record), and_(d.right_source == source, d.right_id == record)
            )
            about = select(made.c.act).join(decisions, d.seq == made.c.decision).where(names)
            query = query.where(or_(acts.c.left == key, acts.c.right == key, acts.c.seq.in_(about)))
        for column, wanted in ((acts.c.user, user), (acts.c.action, action), (acts.c.batch, batch)):
            if wanted is not None:
                query = query.where(column == wanted)
        query = query.where(acts.c.time >= since) if since else query
        rows: list[dict[str, Any]] = self.table(query.limit(limit)).to_pylist()
        return rows

    def one_act(self, seq: int) -> dict[str, Any] | None:
        rows: list[dict[str, Any]] = self.table(_acts().where(acts.c.seq == seq)).to_pylist()
        return rows[0] if rows else None

    def decisions_of_act(self, seq: int) -> list[dict[str, Any]]:
        """The decisions an act made (schema DECISIONS), in force or not."""
        columns = [decisions.c[name] for name in DECISIONS.names]
        query = select(*columns).join(made, made.c.decision == decisions.c.seq).where(made.c.act == seq)
        rows: list[dict[str, Any]] = self.table(query.order_by(decisions.c.seq)).to_pylist()
        return rows

    def last_decision(self) -> int:
        """The number of the last decision there is: what a page shows is as of then."""
        with self.engine.connect() as connection:
            return connection.execute(latest()).scalar_one()

    def decided_pair(self, left: str, right: str) -> dict[str, Any] | None:
        """The last decision in force on two records."""
        with self.engine.connect() as connection:
            found = on_pair(connection, left, right)
        return found._asdict() if found else None


def _acts() -> Select[Any]:
    undoing = acts.alias()
    undone = select(func.max(undoing.c.seq)).where(undoing.c.undoes == acts.c.seq).scalar_subquery()
    many = select(func.count()).where(made.c.act == acts.c.seq).scalar_subquery()
    return select(acts, undone.label("undone"), many.label("decisions")).order_by(acts.c.seq.desc())


def write(connection: Connection, act: Act, time: datetime | str | None) -> int:
    """An act with its decisions, in a transaction that writes: -> its number."""
    seq = _insert(connection, act, None, time)
    for row in act.decisions:
        decide(connection, seq, act, row, time)
    return seq


def repeated(connection: Connection, act: Act) -> int | None:
    """The act of the same person on the same case that made these decisions, where none of them would be new: what is
    sent twice is one act, or undoing it would leave the decisions of the other.
    """
    numbers = {decided.already(connection, row) for row in act.decisions}
    if not numbers or None in numbers:
        return None
    left, right = act.case[1:] if act.case else (None, None)
    other = made.alias()
    more = select(other.c.act).where(other.c.act == acts.c.seq, other.c.decision.not_in(numbers)).exists()
    mine = select(func.max(acts.c.seq)).join(made, made.c.act == acts.c.seq).where(
        acts.c.user == act.user, acts.c.left == left, acts.c.right == right, made.c.decision.in_(numbers), ~more,
        standing(acts),
    )  # fmt: skip
    return connection.execute(mine).scalar()


def _insert(connection: Connection, act: Act, undoes: int | None, time: datetime | str | None) -> int:
    names: Final = ("user", "action", "answer", "purpose", "expected", "other", "text", "batch", "seconds")
    row = {name: getattr(act, name) for name in names}
    kind, left, right = act.case or (None, None, None)
    told = {"kind": kind, "left": left, "right": right, "undoes": undoes, "time": instant(time)}
    return decided.number(connection.execute(insert(acts).values(**row, **told)))


def _undo(
    connection: Connection, seq: int, user: str, time: datetime | str | None, reason: str, *, resumed: bool
) -> int:
    """The act that undoes another, with what that one laid; where it may be `resumed`, the one that there is."""
    found = connection.execute(select(acts).where(acts.c.seq == seq)).one_or_none()
    if found is None:
        message = f"there is no act {seq}"
        raise KeyError(message)
    if (undoing := connection.execute(select(acts.c.seq).where(acts.c.undoes == seq)).scalar()) is not None:
        if resumed:
            return int(undoing)
        message = "it is undone already"
        raise ValueError(message)
    case = Case(found.kind, found.left, found.right) if found.left else None
    _refuse_half(connection, found, case)
    answer = None if found.purpose == "first" else found.answer  # a second reader must not learn it by this
    act = Act(user, "undo", case, answer=answer, text=reason or None, batch=found.batch)
    number = _insert(connection, act, seq, time)
    laid.take_back(connection, seq, number, user, time, reason)
    return number


def _refuse_half(connection: Connection, found: Row[Any], case: Case | None) -> None:
    """An act may not be undone where that would leave in force what one of two readers alone said: a first answer after
    the second (raises Overtaken), or the undoing of a second, as the first may be gone by now (ValueError); nor may the
    undoing of what decided nothing (ValueError), as it stays undone; but of an answer to a known pair, which is told
    from no other by this.
    """
    if found.purpose == "first" and (second := reading(connection, case, "second", found.seq)):
        raise Overtaken(f"{second.user} gave the same answer since, and it is decided. Take that decision back")
    undone = connection.execute(select(acts.c.action, acts.c.purpose).where(acts.c.seq == found.undoes)).one_or_none()
    if undone is None or undone.purpose == "known":
        return
    if undone.purpose == "second":
        raise ValueError("this takes two people: answer the case again instead")
    decided_any = connection.execute(select(made.c.act).where(made.c.act == found.seq).limit(1)).first()
    if not (decided_any or laid.made_by(connection, [found.seq])):
        raise ValueError(f"it decided nothing that could be done again: {_ANEW.get(undone.action, ANSWER)} instead")


def reading(connection: Connection, case: Case | None, purpose: str, since: int = 0) -> Row[Any] | None:
    """The last reading of a case with this purpose, if it stands: see readers.py."""
    if case is None:
        return None
    query = select(acts).where(
        acts.c.left == case.left, acts.c.right == case.right, acts.c.purpose == purpose, acts.c.seq > since,
        standing(acts),
    )  # fmt: skip
    return connection.execute(query.order_by(acts.c.seq.desc()).limit(1)).one_or_none()


def _standing(connection: Connection, seq: int) -> tuple[bool, list[int]]:
    """Whether an act is large, and those of its decisions that nobody took back, the last first."""
    mine = select(made.c.decision).join(decisions, decisions.c.seq == made.c.decision).where(made.c.act == seq)
    left = connection.execute(mine.where(standing(decisions)).order_by(made.c.decision.desc())).scalars()
    many = select(func.count()).select_from(mine.subquery())
    return connection.execute(many).scalar_one() > AT_ONCE, list(left)


def decide(connection: Connection, seq: int, act: Act, row: dict[str, Any], time: datetime | str | None) -> None:
    """A decision that is in force already is nobody's anew: undoing this act leaves it."""
    before = connection.execute(latest()).scalar_one()
    number = decided.append(connection, row, act.user, time, act.text or "")
    if number > before:
        connection.execute(insert(made).values(act=seq, decision=number))


def _take_back(
    connection: Connection, undoing: int, number: int, user: str, time: datetime | str | None, reason: str
) -> None:
    if connection.execute(select(decisions.c.seq).where(decisions.c.undoes == number)).first():
        return  # somebody took this one back by itself
    new = decided.take_back(connection, number, user, time, reason)
    connection.execute(insert(made).values(act=undoing, decision=new))


def _take_back_if_possible(
    connection: Connection, undoing: int, number: int, user: str, time: datetime | str | None, reason: str
) -> None:
    with suppress(Contradiction):
        _take_back(connection, undoing, number, user, time, reason)


def refuse_overtaken(connection: Connection, act: Act, seen: int) -> None:
    """Raises Overtaken where somebody else decided on two of the act's records after a decision's number, or where no
    decision has that number yet: then nobody knows what was seen.
    """
    if seen > connection.execute(latest()).scalar_one():
        raise Overtaken("This page is of another state of the desk. Nothing was recorded: load it again")
    keys = {(row[f"{side}_source"], row[f"{side}_id"]) for row in act.decisions for side in ("left", "right")}
    keys |= {split_key(key) for key in act.case[1:]} if act.case else set()
    d, mine = decisions.c, sorted(key for key in keys if key[0])
    since = and_(d.seq > seen, d.user != act.user, in_force())
    both = and_(tuple_(d.left_source, d.left_id).in_(mine), tuple_(d.right_source, d.right_id).in_(mine))
    found = connection.execute(select(decisions).where(since, both).order_by(d.seq.desc()).limit(1)).one_or_none()
    if found is None:
        return
    raise Overtaken(
        f"{found.user} decided this case {found.time[11:16]} UTC, while you were looking: {found.kind}. "
        "Nothing of yours was recorded. Look at it again, or go on with the next"
    )


def on_pair(connection: Connection, left: str, right: str) -> Row[Any] | None:
    """The last decision in force on two records."""
    d = decisions.c
    one, other = split_key(left), split_key(right)
    pair = or_(*(  # in this shape SQLite goes by the index
        and_(d.left_source == a[0], d.left_id == a[1], d.right_source == b[0], d.right_id == b[1])
        for a, b in ((one, other), (other, one))
    ))  # fmt: skip
    query = select(decisions).where(pair, in_force()).order_by(d.seq.desc()).limit(1)
    return connection.execute(query).one_or_none()
