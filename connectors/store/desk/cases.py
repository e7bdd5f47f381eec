"""The queue: which cases are open, in the order of their worth, and who works on which."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, not_, select, tuple_

from connectors.store import tables
from connectors.store.base import instant
from connectors.store.desk.asked import most_frequent
from connectors.store.desk.claims import Claims, claims
from connectors.store.desk.filter import KINDS, Case, Filter, Limits, assigned, free, is_case, open_cases, ranks, within
from connectors.store.versioned import visible

candidates = tables.candidates
c = candidates.c
SHOWN: Final = (
    "kind", "left", "right", "match_weight", "match_probability", "relation", "reason", "worth", "records", "money",
    "settles", "sources", "departments", "languages", "countries", "places", "first_run",
)  # fmt: skip
FACETED: Final = {
    "source": c.sources, "department": c.departments, "country": c.countries, "language": c.languages,
    "relation": c.relation, "reason": c.reason, "kind": c.kind,
}  # fmt: skip
KEY: Final = (c.kind, c.left, c.right, c.from_version)
TOTAL: Final = "total"


class Cases(Claims):
    """Cases of the publication in force that nobody has settled."""

    def queue(self, asked: Filter, limit: int = 50, offset: int = 0) -> list[dict[str, Any]]:
        """Open cases in the filter's order; beside the columns SHOWN, `claimed`: before whom it is open, and
        `assigned`: to whom it was given.
        """
        now, last = instant(None), assigned()
        here = and_(claims.c.kind == c.kind, claims.c.left == c.left, claims.c.right == c.right, claims.c.until > now,
                    not_(claims.c.ahead))  # fmt: skip
        given = and_(last.c.left == c.left, last.c.right == c.right)
        found = open_cases(asked, *KEY, *_total(asked))
        best = found.order_by(*ranks(asked)).limit(limit).offset(offset).subquery()
        query = select(
            *(column for column in best.c if column.name == TOTAL),
            *(c[n] for n in SHOWN),
            claims.c.user.label("claimed"),
            last.c.other.label("assigned"),
        )
        query = query.join_from(candidates, best, and_(*(c[k.name] == best.c[k.name] for k in KEY)))
        query = query.join(claims, here, isouter=True).join(last, given, isouter=True)
        rows: list[dict[str, Any]] = self.table(query.order_by(*ranks(asked))).to_pylist()
        return rows

    def counted(self, asked: Filter, limit: int, offset: int) -> tuple[int, list[dict[str, Any]]]:
        """How many cases are open, and some of them, as `queue` gives them; none of a page behind the last."""
        rows = self.queue(asked, limit, offset)
        totals = {row.pop(TOTAL) for row in rows if TOTAL in row}
        if len(rows) < limit and (rows or not offset):
            return offset + len(rows), rows
        return (totals.pop() if totals else self.waiting(asked)), rows

    def waiting(self, asked: Filter) -> int:
        """How many cases are open."""
        with self.engine.connect() as connection:
            return int(connection.execute(open_cases(asked, func.count())).scalar_one())

    def facets(self, limits: Limits) -> dict[str, list[str]]:
        """What a filter can be made of: the words of each facet, by how many cases of the publication have them,
        settled by now or not.
        """
        columns = list(FACETED.values())
        counted = select(*columns, func.count().label("cases")).where(visible(candidates), *within(limits))
        rows = self.table(counted.group_by(*columns)).to_pylist()
        return {
            name: most_frequent((filter(None, (row[c.name] or "").split("|")), row["cases"]) for row in rows)
            for name, c in FACETED.items()
        }

    def case(self, case: Case, limits: Filter | None = None) -> dict[str, Any] | None:
        """A case of the publication in force, settled or not; None where it is none, or is not in limits."""
        mine = is_case(candidates, case)
        query = select(*(c[n] for n in SHOWN)).where(visible(candidates), mine, *within((limits or Filter()).limits))
        rows: list[dict[str, Any]] = self.table(query).to_pylist()
        return rows[0] if rows else None

    def is_open(self, case: Case, limits: Limits | None = None) -> bool:
        mine = is_case(candidates, case)
        query = open_cases(Filter(limits=limits or Limits()), c.left).where(mine)
        with self.engine.connect() as connection:
            return connection.execute(query).first() is not None

    def upcoming(self, user: str, asked: Filter, limit: int, but: Sequence[Case] = ()) -> list[dict[str, Any]]:
        """The cases that this user would be given next, `but` for some: first those that somebody gave to them; nothing
        is claimed.
        """
        query = open_cases(asked, *(c[n] for n in SHOWN)).where(*free(user, instant(None)))
        rows: list[dict[str, Any]] = []
        if given := self._given(user):
            first = query.where(*_one_of(given), *_none_of(but)).order_by(*ranks(asked))
            rows = self.table(first.limit(limit)).to_pylist()
        if len(rows) < limit:
            rest = query.where(*_none_of([*but, *map(Case.of, rows)])).order_by(*ranks(asked))
            rows += self.table(rest.limit(limit - len(rows))).to_pylist()
        return rows

    def given_to(self, user: str, asked: Filter) -> int:
        """How many cases of a filter wait for somebody to whom they were given."""
        given = self._given(user)
        if not given:
            return 0
        query = open_cases(asked, func.count()).where(*free(user, instant(None)), *_one_of(given))
        with self.engine.connect() as connection:
            return int(connection.execute(query).scalar_one())

    def _given(self, user: str) -> list[tuple[str, str]]:
        """Left and right of what was given to somebody, open or not: few, by which their cases are found among many."""
        last = assigned()
        with self.engine.connect() as connection:
            query = select(last.c.left, last.c.right).where(last.c.other == user)
            return [(left, right) for left, right in connection.execute(query)]

    def take_next(
        self, user: str, asked: Filter, minutes: float, but: Sequence[Case] = (), *, ahead: bool = False, more: int = 3
    ) -> list[dict[str, Any]]:
        """The first case that is free, claimed for the user, and up to so many `more` that would come after it; none
        where there is none.
        """
        for _ in range(5):  # another steward may be quicker
            rows = self.upcoming(user, asked, 1 + more, but)
            for place, row in enumerate(rows):
                if self.claim(Case.of(row), user, minutes, ahead=ahead) == user:
                    return rows[place:]
        return []


def _none_of(cases: Sequence[Case]) -> list[ColumnElement[bool]]:
    return [tuple_(c.kind, c.left, c.right).not_in([tuple(case) for case in cases])] if cases else []


def _one_of(pairs: Sequence[tuple[str, str]]) -> list[ColumnElement[bool]]:
    """Cases of some pairs; said by the first columns of the primary key too, or SQLite reads all cases for them."""
    return [c.kind.in_(KINDS), c.left.in_({left for left, _ in pairs}), tuple_(c.left, c.right).in_(pairs)]


def _total(asked: Filter) -> list[Any]:
    """A search reads every text: then all are counted in the same breath. Of cases that need not be read to be counted
    it is quicker to count them apart.
    """
    return [func.count().over().label(TOTAL)] if asked.text else []
