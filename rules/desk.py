"""Settings of the stewards' desk: `desk:` of goldseam.yml."""

from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from rules.roles import Role
from rules.strict import Strict

MASKED: Final = ("birth_date", "tax_id", "national_id", "iban", "email", "phone", "street", "house_number")

SHOWS: Final = {
    "emails": "email", "mobiles": "phone", "phones": "phone", "house_number": "street", "address": "street",
    "address_key": "street", "unit": "street",
}  # fmt: skip
"""Fields, and the one of which they show what it holds: they are masked with it."""


def _from_environment(value: str) -> str:
    if value and not value.startswith("env:"):
        raise ValueError("it is secret: set an environment variable to it, and write env:NAME")
    return value


def _safe_address(value: str) -> str:
    """Whoever could change an answer of the provider could be anybody."""
    parts = urlsplit(value)
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1"):
        raise ValueError("it begins with https://: nobody on the way may change what the provider says")
    return value


class SignOn(Strict):
    """Signing in by OpenID Connect (authorisation code with PKCE)."""

    issuer: str
    """Address of the provider, as https://login.my-firm.example; its .well-known/openid-configuration is read."""
    client_id: str
    secret: str = ""
    """env:NAME of the client's secret; none: the client is a public one."""
    scope: str = "openid profile email"
    name_claim: str = "preferred_username"
    role_claim: str = ""
    """Claim that holds the user's role or groups (`realm_access.roles`: one in another); none: users are added here."""
    roles: dict[str, Role] = {}
    """Value of the claim -> role, the highest of several; whoever has none is not let in."""

    _no_secret = field_validator("secret")(_from_environment)
    _safe = field_validator("issuer")(_safe_address)


class Desk(Strict):
    """How people work at the desk."""

    session_hours: Annotated[float, Field(gt=0, le=72)] = 10.0
    idle_minutes: Annotated[float, Field(gt=0)] = 60.0
    claim_minutes: Annotated[float, Field(gt=0)] = 5.0
    """So long nobody else is given a case that somebody opened."""
    second_reader_above: Annotated[float, Field(ge=0)] | None = None
    """Money billed, from which on a case needs the same answer of two people."""
    blind: bool = False
    """Hide score and colleague until a case is answered."""
    known_share: Annotated[float, Field(ge=0, le=0.2)] = 0.0
    """Of the cases a steward is given: so many are known ones, to measure how well people agree."""
    masked: tuple[str, ...] = MASKED
    """Fields that viewers do not see."""

    sign_on: SignOn | None = None

    @property
    def hidden(self) -> tuple[str, ...]:
        """The masked fields, with those that show what they hold."""
        return tuple(dict.fromkeys((*self.masked, *(name for name, of in SHOWS.items() if of in self.masked))))
