"""Passwords: Argon2id with the parameters of RFC 9106, as the OWASP cheat sheet on password storage advises."""

import secrets
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST: Final = 12
"""Characters. NIST SP 800-63B asks for length, not for special characters."""


class TooWeak(Exception):
    """A password that nobody should use; the message says why."""


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher  # only where somebody signs in

    return PasswordHasher()


def digest(password: str, name: str = "") -> str:
    """What is kept of a password. Raises TooWeak where it is too short, or says the user's name."""
    if len(password) < SHORTEST:
        raise TooWeak(f"it has {len(password)} characters; a password needs {SHORTEST} at least")
    if len(set(password)) < SHORTEST // 3 or (name and name.lower() in password.lower()):
        raise TooWeak("it is too easy to guess; a few words in a row make a good password")
    return _hasher().hash(password)


def right(password: str, kept: str | None) -> bool:
    """Whether this is the password. Takes as long where there is none: nobody learns which names exist."""
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return _hasher().verify(kept or _nobodys(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def outdated(kept: str) -> bool:
    """Whether it was digested with weaker parameters than those of today."""
    return _hasher().check_needs_rehash(kept)


@cache
def _nobodys() -> str:
    return _hasher().hash(secrets.token_urlsafe(16))
