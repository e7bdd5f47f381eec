"""Deciding the cases of a batch or a pack in one act, a few at a time: see turns.py."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, select, update

from connectors.store import tables
from connectors.store.decisions import Contradiction, wanted
from connectors.store.desk.acts import Act, decide, on_pair, write
from connectors.store.desk.batches import Batches
from connectors.store.desk.filter import Case
from connectors.store.desk.turns import in_turns
from connectors.store.undone import standing

acts, batches, cases = tables.acts, tables.batches, tables.batch_cases


@dataclass(frozen=True)
class Answer:
    """An answer to a case, with what is said of it."""

    case: Case
    answer: str
    reason: str


class Accepting(Batches):
    """One act for many cases. What others decided meanwhile stands, and what a decision excludes is left out."""

    def accept_batch(self, seq: int, user: str, time: datetime | str | None = None) -> int:
        """Decide every open case of a batch as it says: -> the act's number. Where it was cut short, it goes on.

        Raises KeyError where there is no such batch.
        """
        batch = self.batch(seq)
        if batch is None:
            message = f"there is no batch {seq}"
            raise KeyError(message)
        act = Act(user, "batch", answer=batch["answer"], purpose="batch", batch=seq)
        with self.writing() as connection:
            connection.execute(update(batches).where(batches.c.seq == seq).values(state="accepting"))
            number = _begun(connection, seq) or write(connection, act, time)
        of = self.batch_cases(seq)
        answers = {n: Answer(of[n], batch["answer"], "") for n in sorted(self.standing(batch).open)}
        self._decide(seq, batch["decision"], number, act, answers, time)
        self.change_batch(seq, state="accepted")
        return number

    def decide_pack(
        self, seq: int, user: str, answers: Mapping[int, Answer], text: str, time: datetime | str | None = None
    ) -> int:
        """Decide cases of a pack, by their places in it, in one act: -> its number."""
        act = Act(user, "pack", purpose="pack", batch=seq, text=text)
        pack = self.batch(seq, "pack")
        with self.writing() as connection:
            number = write(connection, act, time)
        self._decide(seq, pack["decision"] if pack else 0, number, act, answers, time)
        return number

    def accepted(self, seq: int) -> dict[str, Any] | None:
        """The act that decided the rest of a batch, with `decisions`, how many so far; None: none that stands."""
        many = select(func.count()).where(tables.act_decisions.c.act == acts.c.seq).scalar_subquery()
        query = select(acts, many.label("decisions")).where(_of_batch(seq)).order_by(acts.c.seq.desc())
        rows: list[dict[str, Any]] = self.table(query).to_pylist()
        return rows[0] if rows else None

    def made_by(self, act: int, numbers: Sequence[int]) -> frozenset[int]:
        """Those of some decisions, by their numbers, that an act made."""
        made = tables.act_decisions.c
        query = select(made.decision).where(made.act == act, made.decision.in_(numbers))
        with self.engine.connect() as connection:
            return frozenset(connection.execute(query).scalars())

    def _decide(
        self, seq: int, since: int, number: int, act: Act, answers: Mapping[int, Answer],
        time: datetime | str | None,
    ) -> None:  # fmt: skip
        def one(connection: Connection, item: tuple[int, Answer]) -> None:
            place, told = item
            if _undone(connection, number):
                return
            found = on_pair(connection, told.case.left, told.case.right)
            if found is not None and found.seq > since:
                return
            row = wanted(told.answer, told.case.left, told.case.right)
            try:
                decide(connection, number, replace(act, text=told.reason or act.text), row, time)
            except Contradiction as error:
                at = and_(cases.c.batch == seq, cases.c.ordinal == place)
                connection.execute(update(cases).where(at).values(said=str(error)))

        in_turns(self, answers.items(), one)


def _of_batch(seq: int) -> Any:
    return and_(acts.c.batch == seq, acts.c.action == "batch", standing(acts))


def _begun(connection: Connection, seq: int) -> int | None:
    """The act of a batch that was cut short."""
    found = connection.execute(select(acts.c.seq).where(_of_batch(seq))).scalar()
    return None if found is None else int(found)


def _undone(connection: Connection, number: int) -> bool:
    """Whether somebody took the act back while it was still being written."""
    return connection.execute(select(acts.c.seq).where(acts.c.undoes == number)).first() is not None
