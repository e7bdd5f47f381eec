"""Who works on which case: so that no two people are given one, and nothing is kept from whoever would open it."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, not_, or_, select, update

from connectors.store import tables
from connectors.store.base import Base, instant
from connectors.store.desk.filter import Case, is_case
from connectors.store.engine import lock

claims = tables.claims


class Claims(Base):
    """A claim ends by itself. `ahead`: the case is fetched to be shown later, and nobody looks at it yet."""

    def claim(
        self, case: Case, user: str, minutes: float, now: datetime | None = None, *, ahead: bool = False
    ) -> str:  # fmt: skip
        """Take a case for some minutes: -> who has it, the user or whoever was first. One that somebody has only
        fetched ahead goes to whoever opens it.
        """
        now = now or datetime.now(UTC)
        mine = is_case(claims, case)
        with self.writing() as connection:
            lock(connection, claims.name)
            found = connection.execute(
                select(claims.c.user, claims.c.ahead).where(mine, claims.c.until > instant(now), claims.c.user != user)
            ).one_or_none()
            if found and (ahead or not found.ahead):
                return str(found.user)
            _put(connection, case, user, now + timedelta(minutes=minutes), ahead=ahead)
        return user

    def renew(
        self, case: Case, user: str, minutes: float, now: datetime | None = None, *, ahead: bool = False
    ) -> str:  # fmt: skip
        """Keep a case that the user took, also where that ran out and nobody took it since. One that they never took,
        or gave back, is not taken by this. -> who has it; empty: nobody.
        """
        now = now or datetime.now(UTC)
        mine = is_case(claims, case)
        with self.writing() as connection:
            lock(connection, claims.name)
            found = connection.execute(select(claims.c.user, claims.c.ahead, claims.c.until).where(mine)).one_or_none()
            if found is None:
                return ""
            if found.user != user:
                taken = found.until > instant(now) and (ahead or not found.ahead)
                return str(found.user) if taken else ""
            _put(connection, case, user, now + timedelta(minutes=minutes), ahead=ahead)
        return user

    def take_over(self, case: Case, user: str, minutes: float) -> str:
        """Take a case from whoever has it: -> who had it before them; empty: nobody."""
        now = datetime.now(UTC)
        mine = is_case(claims, case)
        with self.writing() as connection:
            lock(connection, claims.name)
            had = connection.execute(select(claims.c.user).where(mine, *_before(user, now))).scalar_one_or_none()
            _put(connection, case, user, now + timedelta(minutes=minutes), ahead=False)
        return str(had or "")

    def is_before_another(self, case: Case, user: str) -> bool:
        """Whether somebody else has a case open."""
        mine = is_case(claims, case)
        with self.engine.connect() as connection:
            found = connection.execute(select(claims.c.user).where(mine, *_before(user, datetime.now(UTC))))
            return found.first() is not None

    def opened(self, case: Case, user: str) -> bool:
        """Note that a case that was fetched ahead is shown now. -> whether the user has it still."""
        mine = and_(is_case(claims, case), claims.c.user == user, claims.c.until > instant(None))
        with self.writing() as connection:
            return connection.execute(update(claims).where(mine).values(ahead=False)).rowcount > 0

    def let_go(self, user: str, *cases: Case) -> None:
        """Give back some cases, or (none is named) all that a user has."""
        which = [claims.c.user == user]
        if cases:
            which.append(or_(*(is_case(claims, case) for case in cases)))
        with self.writing() as connection:
            connection.execute(delete(claims).where(*which))


def _put(connection: Connection, case: Case, user: str, until: datetime, *, ahead: bool) -> None:
    connection.execute(delete(claims).where(is_case(claims, case)))
    connection.execute(insert(claims).values(**case._asdict(), user=user, until=instant(until), ahead=ahead))


def _before(user: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Claims of others, on what they look at."""
    return (claims.c.until > instant(now), claims.c.user != user, not_(claims.c.ahead))
