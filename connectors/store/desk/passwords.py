"""Passwords: Argon2id with the parameters of RFC 9106, as the OWASP cheat sheet on password storage advises."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST: Final = 12
"""Characters. NIST SP 800-63B asks for length, not for special characters."""

AT_ONCE: Final = 2
"""So many are digested at the same time: each takes 64 MB."""
WAITING: Final = 20
"""So many wait for that at most: whoever waits keeps one of the desk's threads from everybody else."""
WAIT = 5.0
"""Seconds, so long at most."""


class TooWeak(Exception):
    """A password that nobody should use; the message says why."""


class Busy(Exception):
    """Too many passwords are being digested; nothing was tried. The message says what to do."""


_room, _turns = BoundedSemaphore(AT_ONCE + WAITING), BoundedSemaphore(AT_ONCE)


@contextmanager
def _turn() -> Iterator[None]:
    """A turn at digesting. Raises Busy."""
    said = "Many people are signing in at this moment. Try again in a few seconds"
    if not _room.acquire(blocking=False):
        raise Busy(said)
    try:
        if not _turns.acquire(timeout=WAIT):
            raise Busy(said)
        try:
            yield
        finally:
            _turns.release()
    finally:
        _room.release()


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher  # only where somebody signs in

    return PasswordHasher()


def digest(password: str, name: str = "") -> str:
    """What is kept of a password. Raises TooWeak where it is too short, or holds the user's name, and Busy."""
    if len(password) < SHORTEST:
        raise TooWeak(f"it has {len(password)} characters; a password needs {SHORTEST} at least")
    if name and name.lower() in password.lower():
        raise TooWeak("it holds your name, with which others would begin to guess")
    if len(set(password)) < SHORTEST // 3:
        raise TooWeak("it is too easy to guess; a few words in a row make a good password")
    with _turn():
        return _hasher().hash(password)


def right(password: str, kept: str | None) -> bool:
    """Whether this is the password. Takes as long where there is none: nobody learns which names exist. Raises Busy."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        with _turn():
            return _hasher().verify(kept or _nobodys(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def outdated(kept: str) -> bool:
    """Whether it was digested with weaker parameters than those of today."""
    return _hasher().check_needs_rehash(kept)


@cache
def _nobodys() -> str:
    return _hasher().hash(secrets.token_urlsafe(16))
