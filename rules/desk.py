"""Settings of the stewards' desk: `desk:` of goldseam.yml."""

from typing import Annotated, Final, Literal

from pydantic import Field

from rules.strict import Strict

Role = Literal["viewer", "steward", "lead", "admin"]
MASKED: Final = ("birth_date", "tax_id", "national_id", "iban", "email", "phone", "street", "house_number")


class SignOn(Strict):
    """Signing in by OpenID Connect (authorisation code with PKCE)."""

    issuer: str
    """Address of the provider, as https://login.my-firm.example; its .well-known/openid-configuration is read."""
    client_id: str
    secret: str = ""
    """env:NAME of the client's secret."""
    name_claim: str = "preferred_username"
    role_claim: str = ""
    """Claim that holds the user's role or groups; none: users are added by `goldseam user add`."""
    roles: dict[str, Role] = {}
    """Value of the claim -> role."""


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
