"""The queue: which cases are open, in the order of their worth, and who works on which."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, delete, func, insert, select, tuple_

from connectors.store import tables
from connectors.store.base import Base, instant
from connectors.store.desk.filter import Case, Filter, assigned, free, is_case, open_cases, within
from connectors.store.engine import lock
from connectors.store.versioned import visible

candidates, claims = tables.candidates, tables.claims
c = candidates.c
SHOWN: Final = (
    "kind", "left", "right", "match_weight", "match_probability", "relation", "reason", "worth", "records", "money",
    "settles", "sources", "departments", "languages", "countries", "first_run",
)  # fmt: skip
FACETED: Final = {
    "source": c.sources, "department": c.departments, "country": c.countries, "language": c.languages,
    "relation": c.relation, "reason": c.reason, "kind": c.kind,
}  # fmt: skip


class Cases(Base):
    """Cases of the publication in force that nobody has settled."""

    def queue(self, asked: Filter, limit: int = 50, offset: int = 0) -> list[dict[str, Any]]:
        """Open cases, the most valuable first; beside the columns SHOWN, `claimed` and `assigned`: to whom."""
        now = instant(None)
        last = assigned()
        here = and_(claims.c.kind == c.kind, claims.c.left == c.left, claims.c.right == c.right, claims.c.until > now)
        given = and_(last.c.left == c.left, last.c.right == c.right)
        columns = [*(c[n] for n in SHOWN), claims.c.user.label("claimed"), last.c.other.label("assigned")]
        query = open_cases(asked, *columns).join_from(candidates, claims, here, isouter=True)
        return self._cases(query.join(last, given, isouter=True), limit, offset)

    def waiting(self, asked: Filter) -> int:
        """How many cases are open."""
        with self.engine.connect() as connection:
            return int(connection.execute(open_cases(asked, func.count())).scalar_one())

    def facets(self, asked: Filter) -> dict[str, list[str]]:
        """What a filter can be made of: the words of each facet, by how many cases have them."""
        found = {}
        with self.engine.connect() as connection:
            for name, column in FACETED.items():
                counted = open_cases(Filter(limits=asked.limits), column, func.count()).group_by(column)
                found[name] = _words([(r[0], int(r[1])) for r in connection.execute(counted)])
        return found

    def case(self, case: Case, limits: Filter | None = None) -> dict[str, Any] | None:
        """A case of the publication in force, settled or not; None where it is none, or is not in limits."""
        mine = is_case(candidates, case)
        query = select(*(c[n] for n in SHOWN)).where(visible(candidates), mine, *within((limits or Filter()).limits))
        rows: list[dict[str, Any]] = self.table(query).to_pylist()
        return rows[0] if rows else None

    def is_open(self, case: Case) -> bool:
        mine = is_case(candidates, case)
        with self.engine.connect() as connection:
            return connection.execute(open_cases(Filter(), c.left).where(mine)).first() is not None

    def upcoming(self, user: str, asked: Filter, limit: int, but: Sequence[Case] = ()) -> list[dict[str, Any]]:
        """The cases that this user would be given next, `but` for some; nothing is claimed."""
        now = instant(None)
        query = open_cases(asked, *(c[n] for n in SHOWN)).where(*free(user, now))
        if but:
            query = query.where(tuple_(c.kind, c.left, c.right).not_in([tuple(case) for case in but]))
        return self._cases(query, limit, 0)

    def take_next(self, user: str, asked: Filter, minutes: float, but: Sequence[Case] = ()) -> dict[str, Any] | None:
        """The most valuable case that is free, claimed for the user; None where there is none."""
        for _ in range(5):  # another steward may be quicker
            for row in self.upcoming(user, asked, 3, but):
                if self.claim(Case(row["kind"], row["left"], row["right"]), user, minutes) == user:
                    return row
        return None

    def claim(self, case: Case, user: str, minutes: float, now: datetime | None = None) -> str:
        """Take a case for some minutes: -> who has it, the user or whoever was first."""
        now = now or datetime.now(UTC)
        mine = is_case(claims, case)
        row = {"kind": case.kind, "left": case.left, "right": case.right, "user": user}
        with self.writing() as connection:
            lock(connection, claims.name)
            holder = connection.execute(select(claims.c.user).where(mine, claims.c.until > instant(now))).scalar()
            if holder not in (None, user):
                return str(holder)
            connection.execute(delete(claims).where(mine))
            connection.execute(insert(claims).values(**row, until=instant(now + timedelta(minutes=minutes))))
        return user

    def let_go(self, user: str, case: Case | None = None) -> None:
        """Give back a case, or (None) all that a user has."""
        which = [claims.c.user == user]
        if case:
            which.append(is_case(claims, case))
        with self.writing() as connection:
            connection.execute(delete(claims).where(*which))

    def _cases(self, query: Any, limit: int, offset: int) -> list[dict[str, Any]]:
        best = query.order_by(c.worth.desc(), c.left, c.right, c.kind).limit(limit).offset(offset)
        rows: list[dict[str, Any]] = self.table(best).to_pylist()
        return rows


def _words(counted: list[tuple[str | None, int]]) -> list[str]:
    """Single words of lists joined by bars, the most frequent first."""
    number: dict[str, int] = {}
    for value, cases in counted:
        for word in filter(None, (value or "").split("|")):
            number[word] = number.get(word, 0) + cases
    return sorted(number, key=lambda word: (-number[word], word))
