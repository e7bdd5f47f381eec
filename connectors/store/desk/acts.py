"""What people did at the desk, each act with the decisions it made: all of it or nothing, and undone as one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, and_, func, insert, or_, select, tuple_

from connectors.store import decisions as decided
from connectors.store import tables
from connectors.store.base import Base, instant, split_key
from connectors.store.decisions import Contradiction, in_force
from connectors.store.desk.filter import Case
from connectors.store.engine import lock

acts, made, decisions = tables.acts, tables.act_decisions, tables.decisions


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
        """Record an act and make its decisions; -> its number.

        seen: the number of the last decision (`last_decision`) when the case was shown. Raises Overtaken where
        somebody else decided on the case since then, Contradiction where a decision in force excludes one of these:
        then nothing of it is done.
        """
        with self.writing() as connection:
            lock(connection, decisions.name)
            if act.case and seen is not None:
                _overtaken(connection, act, seen)
            return _write(connection, act, time)

    def act_as_far_as_possible(self, act: Act, time: datetime | str | None = None) -> tuple[int, list[str]]:
        """The same, but a decision that is contradicted is left out; -> the act's number, and why each was."""
        refused: list[str] = []
        with self.writing() as connection:
            lock(connection, decisions.name)
            seq = _insert(connection, act, None, time)
            for row in act.decisions:
                try:
                    _decide(connection, seq, act, row, time)
                except Contradiction as error:
                    refused.append(str(error))
        return seq, refused

    def undo_act(self, seq: int, user: str, time: datetime | str | None = None, reason: str = "") -> int:
        """Take back all that an act decided; undoing an undoing does it again. -> the number of the undoing.

        Raises KeyError where there is no such act, ValueError where it was undone, Contradiction where what came after
        excludes doing it again.
        """
        with self.writing() as connection:
            lock(connection, decisions.name)
            found = connection.execute(select(acts).where(acts.c.seq == seq)).one_or_none()
            if found is None:
                message = f"there is no act {seq}"
                raise KeyError(message)
            if connection.execute(select(acts.c.seq).where(acts.c.undoes == seq)).first():
                message = "it is undone already"
                raise ValueError(message)
            case = Case(found.kind, found.left, found.right) if found.left else None
            act = Act(user, "undo", case, answer=found.answer, text=reason or None, batch=found.batch)
            undoing = _insert(connection, act, seq, time)
            of = select(made.c.decision).where(made.c.act == seq).order_by(made.c.decision.desc())
            for number in connection.execute(of).scalars().all():
                _take_back(connection, undoing, number, user, time, reason)
            return undoing

    def acts(
        self, *, user: str | None = None, case: Case | None = None, key: str | None = None, action: str | None = None,
        batch: int | None = None, before: int | None = None, limit: int = 50,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """Acts, the latest first, each with `undone` (the number of its undoing) and `decisions` (how many it made).

        `key`: acts on cases of this record, or decisions that name it.
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
        if before is not None:
            query = query.where(acts.c.seq < before)
        rows: list[dict[str, Any]] = self.table(query.limit(limit)).to_pylist()
        return rows

    def one_act(self, seq: int) -> dict[str, Any] | None:
        rows: list[dict[str, Any]] = self.table(_acts().where(acts.c.seq == seq)).to_pylist()
        return rows[0] if rows else None

    def decisions_of_act(self, seq: int) -> list[dict[str, Any]]:
        """The decisions an act made (schema DECISIONS), in force or not."""
        names = [decisions.c[name] for name in ("seq", "kind", "left_source", "left_id", "right_source", "right_id",
                                                "field", "value", "user", "time", "reason", "undoes")]  # fmt: skip
        query = select(*names).join(made, made.c.decision == decisions.c.seq).where(made.c.act == seq)
        rows: list[dict[str, Any]] = self.table(query.order_by(decisions.c.seq)).to_pylist()
        return rows

    def last_decision(self) -> int:
        """The number of the last decision there is: what a page shows is as of then."""
        with self.engine.connect() as connection:
            return int(connection.execute(select(func.coalesce(func.max(decisions.c.seq), 0))).scalar_one())

    def decided_pair(self, left: str, right: str) -> dict[str, Any] | None:
        """The last decision in force on two records."""
        with self.engine.connect() as connection:
            found = _on_pair(connection, left, right, 0)
        return found._asdict() if found else None


def _acts() -> Select[Any]:
    undoing = acts.alias()
    undone = select(func.max(undoing.c.seq)).where(undoing.c.undoes == acts.c.seq).scalar_subquery()
    many = select(func.count()).where(made.c.act == acts.c.seq).scalar_subquery()
    return select(acts, undone.label("undone"), many.label("decisions")).order_by(acts.c.seq.desc())


def _write(connection: Connection, act: Act, time: datetime | str | None) -> int:
    seq = _insert(connection, act, None, time)
    for row in act.decisions:
        _decide(connection, seq, act, row, time)
    return seq


def _insert(connection: Connection, act: Act, undoes: int | None, time: datetime | str | None) -> int:
    names: Final = ("user", "action", "answer", "purpose", "expected", "other", "text", "batch", "seconds")
    row = {name: getattr(act, name) for name in names}
    kind, left, right = act.case or (None, None, None)
    told = {"kind": kind, "left": left, "right": right, "undoes": undoes, "time": instant(time)}
    return decided.number(connection.execute(insert(acts).values(**row, **told)))


def _decide(connection: Connection, seq: int, act: Act, row: dict[str, Any], time: datetime | str | None) -> None:
    """A decision that is in force already is nobody's anew: undoing this act leaves it."""
    before = connection.execute(select(func.coalesce(func.max(decisions.c.seq), 0))).scalar_one()
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


def _overtaken(connection: Connection, act: Act, seen: int) -> None:
    if act.case is None:
        return
    found = _on_pair(connection, act.case.left, act.case.right, seen)
    if found is None or found.user == act.user:
        return
    raise Overtaken(
        f"{found.user} decided this case {found.time[11:16]} UTC, while you were looking: {found.kind}. "
        "Nothing of yours was recorded. Look at it again, or go on with the next"
    )


def _on_pair(connection: Connection, left: str, right: str, since: int) -> Row[Any] | None:
    d = decisions.c
    one, other = split_key(left), split_key(right)
    ends = [d.left_source, d.left_id, d.right_source, d.right_id]
    pair = tuple_(*ends).in_([(*one, *other), (*other, *one)])
    query = select(decisions).where(pair, d.seq > since, in_force()).order_by(d.seq.desc()).limit(1)
    return connection.execute(query).one_or_none()
