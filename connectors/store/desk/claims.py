"""Who works on which case: so that no two people are given one, and nothing is kept from whoever would open it."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import and_, delete, insert, or_, select, update

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
            until = instant(now + timedelta(minutes=minutes))
            connection.execute(delete(claims).where(mine))
            connection.execute(insert(claims).values(**case._asdict(), user=user, until=until, ahead=ahead))
        return user

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
