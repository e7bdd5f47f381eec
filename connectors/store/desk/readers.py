"""Cases that two people must answer alike: who read them first, and where two people gave two answers.

The first answer is an act that decides nothing (`first`). The same answer of somebody else carries the decision
(`second`); another one decides nothing (`disagreed`), and a lead ends it (`third`).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, Literal, get_args

from sqlalchemy import Row, select, tuple_

from connectors.store import tables
from connectors.store.base import Base
from connectors.store.decisions import wanted
from connectors.store.desk.acts import Act, Overtaken, reading, refuse_overtaken, repeated, write
from connectors.store.desk.cases import SHOWN
from connectors.store.desk.filter import Case, Filter, open_cases, ranks
from connectors.store.engine import lock
from connectors.store.undone import standing

acts, c = tables.acts, tables.candidates.c
WHOLE: Final = "all"
"""The answer that two customers are one with all their records; it holds that the two of the case are the same."""
Reading = Literal["first", "second", "disagreed"]


class Readers(Base):
    """Readings of one case stand until their reader takes them back."""

    def read(self, act: Act, seen: int, time: datetime | str | None = None) -> tuple[int, Reading]:
        """Record somebody's answer to a case that needs two; `act.decisions` are made where it is the second of its
        kind. -> the act's number, and what it was; where a second is sent again, those of the one that there is.

        Raises Overtaken as `act` does, and where this person read the case before, or a lead has it; Contradiction.
        """
        with self.writing() as connection:
            lock(connection, tables.decisions.name)
            refuse_overtaken(connection, act, seen)
            if (again := repeated(connection, act)) is not None:
                return again, "second"
            if reading(connection, act.case, "disagreed"):
                raise Overtaken("Two people gave two answers to this case: a lead decides it. Go on with the next")
            first = reading(connection, act.case, "first")
            if first is not None and first.user == act.user:
                raise Overtaken(
                    "You answered this case already: it waits for a second reader. Undo that answer to give another"
                )
            purpose = _purpose(act, first)
            told = replace(act, purpose=purpose, other=first.user if first else None)
            if first and purpose == "second" and first.answer != act.answer:
                told = _less(told)
            return write(connection, told if purpose == "second" else replace(told, decisions=()), time), purpose

    def readings(self, pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], dict[str, Any]]:
        """The last reading that stands of each pair of keys, by pair; pairs that nobody read are left out."""
        wanted = tuple_(acts.c.left, acts.c.right).in_([tuple(pair) for pair in pairs])
        query = select(acts).where(wanted, acts.c.purpose.in_(("first", "disagreed")), standing(acts))
        rows = self.table(query.order_by(acts.c.seq)).to_pylist() if pairs else []
        return {(row["left"], row["right"]): row for row in rows}

    def first_readers(self, pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Who read which of some pairs of keys first, where no other answer followed yet: what they say of it must not
        reach the second reader.
        """
        mine = tuple_(acts.c.left, acts.c.right).in_([tuple(pair) for pair in pairs])
        query = select(acts.c.left, acts.c.right, acts.c.user, acts.c.purpose).where(
            mine, acts.c.purpose.in_((*get_args(Reading), "third")), standing(acts)
        )
        rows = self.table(query.order_by(acts.c.seq)).to_pylist() if pairs else []
        last = {(row["left"], row["right"]): row for row in rows}
        return {pair: row["user"] for pair, row in last.items() if row["purpose"] == "first"}

    def disagreements(self, asked: Filter, limit: int = 50) -> list[dict[str, Any]]:
        """Open cases to which two people gave two answers, in the filter's order: columns of the queue."""
        both = select(acts.c.left, acts.c.right).where(acts.c.purpose == "disagreed", standing(acts))
        query = open_cases(asked, *(c[n] for n in SHOWN)).where(tuple_(c.left, c.right).in_(both))
        rows: list[dict[str, Any]] = self.table(query.order_by(*ranks(asked)).limit(limit)).to_pylist()
        return rows

    def two_answers(self, case: Case) -> list[dict[str, Any]]:
        """The acts `first` and `disagreed` of a case that stand, in the order in which they were given."""
        purposes = acts.c.purpose.in_(("first", "disagreed"))
        query = select(acts).where(acts.c.left == case.left, acts.c.right == case.right, purposes, standing(acts))
        rows: list[dict[str, Any]] = self.table(query.order_by(acts.c.seq)).to_pylist()
        return rows


def _purpose(act: Act, first: Row[Any] | None) -> Reading:
    if first is None:
        return "first"
    alike = first.answer == act.answer or {_word(first.answer), _word(act.answer)} == {"same", WHOLE}
    return "second" if alike else "disagreed"


def _word(answer: str | None) -> str:
    """An answer without the records that it is of."""
    return (answer or "").partition(" ")[0]


def _less(act: Act) -> Act:
    """What two people said of whom one said it of the two records only: that these two are the same."""
    return replace(act, answer="same", decisions=(wanted("same", *act.case[1:]),) if act.case else ())
