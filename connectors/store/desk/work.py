"""What was done, day by day, and what is open: of the queue, of the quarantine, and of what waits for somebody."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, case, func, literal, or_, select, tuple_, union_all

from connectors.store import tables
from connectors.store.base import Base
from connectors.store.desk.cases import SHOWN
from connectors.store.desk.filter import SETTLING, Filter, assigned, open_cases
from connectors.store.desk.quarantine import NOBODY
from connectors.store.laid import LAID, in_force
from connectors.store.stewards import state_of
from connectors.store.undone import standing
from connectors.store.versioned import visible

acts, made, c, q = tables.acts, tables.act_decisions, tables.candidates.c, tables.quarantine
TOGETHER: Final = {"batch": "batches", "pack": "packs"}
"""Acts that decide many cases at once."""


@dataclass(frozen=True)
class Done:
    """What somebody did on a day (ISO, UTC), and nobody took back."""

    day: str
    user: str
    answers: int = 0
    """Cases read one by one, known ones and first readings among them."""
    batches: int = 0
    packs: int = 0
    rows: int = 0
    """Rows of the quarantine that were corrected, let through or sent back."""
    closed: int = 0
    """Cases that it took out of the queue."""


class Work(Base):
    """Numbers for those who plan the work; never a customer's values."""

    def done(self, since: str, user: str = "") -> list[Done]:
        """By day and person, from a day (ISO) on; `user`: of one alone."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        with self.engine.connect() as connection:
            for query in (_acts(since, user), _rows(since, user)):
                for day, who, what, many, closed in connection.execute(query):
                    counted = found.setdefault((day, who), {})
                    counted[what] = counted.get(what, 0) + int(many)
                    counted["closed"] = counted.get("closed", 0) + int(closed or 0)
        return [Done(*key, **counted) for key, counted in sorted(found.items())]

    def cases_about(self, keys: Sequence[str], asked: Filter, limit: int = 20) -> list[dict[str, Any]]:
        """Open cases of any of these records, the most valuable first: columns of the queue."""
        mine = or_(c.left.in_(list(keys)), c.right.in_(list(keys)))
        query = open_cases(asked, *(c[n] for n in SHOWN)).where(mine).order_by(c.worth.desc(), c.left, c.right)
        rows: list[dict[str, Any]] = self.table(query.limit(limit)).to_pylist() if keys else []
        return rows

    def came(self, since: str) -> dict[str, int]:
        """How many cases runs put into the queue, by day (ISO), from one on; but for the first run of all."""
        first = select(func.min(c.first_run)).scalar_subquery()
        fresh = (c.first_run >= since.replace("-", ""), c.first_run > first)
        new = select(func.substr(c.first_run, 1, 8).label("day"), c.kind, c.left, c.right).where(*fresh).distinct()
        each = new.subquery()
        with self.engine.connect() as connection:
            found = connection.execute(select(each.c.day, func.count()).group_by(each.c.day))
            return {_day(day): int(many) for day, many in found}

    def begun(self) -> str:
        """The day (ISO) from which on there is a queue; empty: there never was one."""
        with self.engine.connect() as connection:
            return _day(connection.execute(select(func.min(c.first_run))).scalar() or "")

    def given(self, asked: Filter) -> list[tuple[str, int]]:
        """To whom open cases were given, and how many; by name."""
        last = assigned()
        query = open_cases(asked, last.c.other, func.count()).join(
            last, (last.c.left == c.left) & (last.c.right == c.right)
        )
        with self.engine.connect() as connection:
            found = connection.execute(query.group_by(last.c.other).order_by(last.c.other))
            return [(str(name), int(many)) for name, many in found]

    def half_read(self, asked: Filter) -> int:
        """Open cases that one person read, and that wait for a second."""
        return self._number(open_cases(asked, func.count()).where(_read("first"), ~_read("disagreed")))

    def disagreed(self, asked: Filter) -> int:
        """Open cases to which two people gave two answers."""
        return self._number(open_cases(asked, func.count()).where(_read("disagreed")))

    def waiting_rows(self, sources: Sequence[str] | None = None) -> list[tuple[str, int, str]]:
        """Owner (`-`: none), how many rows of theirs in quarantine wait for somebody, and the run in which the first
        of these came; who has the most first.
        """
        query = select(q.c.owner, func.count(), func.min(q.c.first_run)).where(visible(q), state_of() == "open")
        if sources is not None:
            query = query.where(q.c.source.in_(list(sources)))
        with self.engine.connect() as connection:
            rows = connection.execute(query.group_by(q.c.owner).order_by(func.count().desc(), q.c.owner))
            return [(row[0] or NOBODY, int(row[1]), row[2] or "") for row in rows]

    def _number(self, query: Select[Any]) -> int:
        with self.engine.connect() as connection:
            return int(connection.execute(query).scalar_one())


def _day(run: str) -> str:
    """The day (ISO) with which a run's id begins."""
    return f"{run[:4]}-{run[4:6]}-{run[6:8]}" if run else ""


def _read(purpose: str) -> ColumnElement[bool]:
    """Cases of which a reading stands."""
    of = acts.alias()
    read = select(of.c.left, of.c.right).where(of.c.purpose == purpose, standing(of))
    return tuple_(c.left, c.right).in_(read)


def _acts(since: str, user: str) -> Select[Any]:
    """Day, person, what (as `Done` calls it), how often, and how many cases that closed."""
    mine = select(func.count()).where(made.c.act == acts.c.seq).scalar_subquery()
    people = acts.c.user == user if user else acts.c.user.in_(select(tables.users.c.name))  # by the index of acts
    each = (
        select(func.substr(acts.c.time, 1, 10).label("day"), acts.c.user, acts.c.action, mine.label("decisions"))
        .where(people, acts.c.time >= since, acts.c.action.in_(SETTLING), standing(acts))
        .subquery()
    )
    together = each.c.action.in_(list(TOGETHER))
    what = case(TOGETHER, value=each.c.action, else_="answers")
    one = case((each.c.decisions > 0, 1), else_=0)
    closed = func.sum(case((together, each.c.decisions), else_=one))
    counts = ~together | (each.c.decisions > 0)  # a pack of which every row was refused decided nothing
    query = select(each.c.day, each.c.user, what, func.count(), closed).where(counts)
    return query.group_by(each.c.day, each.c.user, what)


def _rows(since: str, user: str) -> Select[Any]:
    """The same of rows in quarantine, each once a day; they are no cases."""
    laid = union_all(*(
        select(func.substr(t.c.time, 1, 10).label("day"), t.c.user, t.c.source, t.c.record_id).where(
            in_force(t), t.c.time >= since, *([t.c.user == user] if user else [])
        )
        for t in LAID
    )).subquery()  # fmt: skip
    each = select(laid).distinct().subquery()
    return select(each.c.day, each.c.user, literal("rows"), func.count(), literal(0)).group_by(each.c.day, each.c.user)
