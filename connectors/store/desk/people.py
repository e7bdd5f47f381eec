"""Users of the desk and who is signed in."""

import hashlib
import json
import secrets
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select, update

from connectors.store import tables
from connectors.store.base import Base, instant
from connectors.store.engine import lock
from rules.roles import ROLES

PUBLIC: Final = ("seq", "name", "email", "role", "limits", "created", "subject", "active", "once")
"""What is known of a user, but for the password."""
LOOK: Final = 60
"""Seconds after which it is written down again that somebody is still there."""

users, sessions = tables.users, tables.sessions


class LastAdmin(ValueError):
    """A change after which nobody could look after the users any more."""


class NoSuchUser(Exception):
    """A user who does not exist, or exists already; the message says which."""


class People(Base):
    """Users and their sessions. A password comes as a digest (passwords.py), a token as it stands in the cookie."""

    def add_user(
        self, name: str, role: str, *, email: str = "", password: str | None = None, limits: str = "",
        subject: str | None = None, once: bool = False, time: datetime | str | None = None,
    ) -> None:  # fmt: skip
        """`once`: the password serves to choose another. Raises NoSuchUser where there is one of this name, however
        large its letters are, ValueError on an unknown role or a name that nobody should have.
        """
        _check(role)
        _check_name(name)
        row = {"name": name, "role": role, "email": email, "password": password, "limits": limits, "subject": subject,
               "once": once}  # fmt: skip
        with self.writing() as connection:
            lock(connection, users.name)
            for (other,) in connection.execute(select(users.c.name)):
                if _alike(other) == _alike(name):
                    raise NoSuchUser(f"there is a user {other!r} already")
            connection.execute(insert(users).values(**row, created=instant(time), active=True))

    def change_user(self, name: str, **values: Any) -> None:
        """Set columns of a user. Raises NoSuchUser, LastAdmin, and ValueError on an unknown role.

        A new password, role or limit, and leaving, end the user's sessions.
        """
        _check(values.get("role", ROLES[0]))
        with self.writing() as connection:
            if values.get("role", "admin") != "admin" or not values.get("active", True):
                lock(connection, users.name)
                _demand_another_admin(connection, name)
            if not connection.execute(update(users).where(users.c.name == name).values(**values)).rowcount:
                raise NoSuchUser(f"there is no user {name!r}")
            connection.execute(delete(sessions).where(sessions.c.user == name))

    def user(self, name: str) -> dict[str, Any] | None:
        """All that is known of a user, the digest of the password as well; None where there is none."""
        return self._user(users.c.name == name)

    def user_of_subject(self, subject: str) -> dict[str, Any] | None:
        """The user whom a provider of OpenID Connect means."""
        return self._user(users.c.subject == subject)

    def users_of_email(self, email: str) -> list[dict[str, Any]]:
        """Users with this address, however it is written."""
        with self.engine.connect() as connection:
            found = connection.execute(select(users).where(func.lower(users.c.email) == email.lower())).all()
        return [row._asdict() for row in found]

    def users(self) -> list[dict[str, Any]]:
        """Every user, by name, without passwords."""
        rows: list[dict[str, Any]] = self.table(
            select(*(users.c[n] for n in PUBLIC)).order_by(users.c.name)
        ).to_pylist()
        return rows

    def _user(self, which: Any) -> dict[str, Any] | None:
        with self.engine.connect() as connection:
            found = connection.execute(select(users).where(which)).one_or_none()
        return None if found is None else found._asdict()

    # --- sessions ---------------------------------------------------------------------------------------------

    def open_session(self, user: str, hours: float, now: datetime | None = None) -> tuple[str, str]:
        """A new session: -> its token, to be kept by the browser alone, and the token that forms must carry."""
        now = now or datetime.now(UTC)
        token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        times = {"created": instant(now), "seen": instant(now), "expires": instant(now + timedelta(hours=hours))}
        with self.writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.expires < instant(now)))
            connection.execute(insert(sessions).values(token=_digest(token), user=user, csrf=csrf, **times))
        return token, csrf

    def session(
        self, token: str, idle_minutes: float, now: datetime | None = None, *, there: bool = True
    ) -> dict[str, Any] | None:
        """The user of a session that is in force, with `csrf` and `blind`; None where it ended, or the user left.

        there: somebody asks, and not a page by itself.
        """
        now = now or datetime.now(UTC)
        query = select(*(users.c[n] for n in PUBLIC), sessions.c.csrf, sessions.c.seen, sessions.c.blind).where(
            sessions.c.token == _digest(token), sessions.c.user == users.c.name, users.c.active,
            sessions.c.expires >= instant(now), sessions.c.seen >= instant(now - timedelta(minutes=idle_minutes)),
        )  # fmt: skip
        with self.engine.connect() as connection:
            found = connection.execute(query).one_or_none()
        if found is None:
            return None
        if there and found.seen < instant(now - timedelta(seconds=LOOK)):
            with self.writing() as connection:
                again = update(sessions).where(sessions.c.token == _digest(token))
                connection.execute(again.values(seen=instant(now)))
        return found._asdict()

    def end_session(self, token: str) -> None:
        with self.writing() as connection:
            connection.execute(delete(sessions).where(sessions.c.token == _digest(token)))

    def blind_session(self, token: str, blind: bool) -> None:
        """Hide score and colleagues in this session, or show them again."""
        with self.writing() as connection:
            connection.execute(update(sessions).where(sessions.c.token == _digest(token)).values(blind=blind))

    def last_seen(self) -> dict[str, str]:
        """When each user who is signed in was there last."""
        query = select(sessions.c.user, func.max(sessions.c.seen)).group_by(sessions.c.user)
        with self.engine.connect() as connection:
            return {str(user): str(seen) for user, seen in connection.execute(query)}

    def refused(self, subject: str, since: datetime) -> int:
        """How often signing in failed since then, of a name or an address (the audit's `subject`)."""
        c = tables.audit.c
        failed = (c.action == "sign-in refused") & (c.time >= instant(since)) & (c.subject == subject)
        with self.engine.connect() as connection:
            return int(connection.execute(select(func.count()).where(failed)).scalar_one())


def limits_as_text(departments: Sequence[str] = (), countries: Sequence[str] = ()) -> str:
    """What a user is limited to, as the database keeps it; nothing where there are no limits."""
    said = {"departments": list(departments), "countries": list(countries)}
    return json.dumps(said) if departments or countries else ""


def _demand_another_admin(connection: Connection, name: str) -> None:
    others = select(users.c.seq).where(users.c.role == "admin", users.c.active, users.c.name != name).limit(1)
    mine = select(users.c.seq).where(users.c.role == "admin", users.c.active, users.c.name == name)
    if connection.execute(mine).first() and not connection.execute(others).first():
        message = f"{name} is the only administrator: make somebody else one first"
        raise LastAdmin(message)


def _check(role: str) -> None:
    if role not in ROLES:
        message = f"{role!r} is no role; there are {', '.join(ROLES)}"
        raise ValueError(message)


def _check_name(name: str) -> None:
    """Of somebody new: a name that reads as another's, or leads elsewhere in an address, deceives."""
    usual = unicodedata.normalize("NFKC", name)
    for wrong, said in (
        (any(unicodedata.category(letter).startswith("C") for letter in name), "holds a character that cannot be seen"),
        (usual != name, f"is not written as it usually is: write {usual!r}, with the keyboard"),
        ("/" in name, "holds a /: a name has no /"),
        (not any(letter.isalnum() for letter in name), "needs a letter or a number"),
        (" ".join(name.split()) != name, "has blanks around it, or two in a row"),
    ):
        if wrong:
            message = f"the name {name[:80]!r} {said}"
            raise ValueError(message)


def _alike(name: str) -> str:
    """Two names of which this is the same are taken for one another."""
    return unicodedata.normalize("NFKC", name).casefold()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
