"""Who is asking, what they may, and that it is they who ask: sessions, roles, and tokens against forged requests."""

import hmac
import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated, Final
from urllib.parse import SplitResult, urlsplit

from fastapi import Depends, Request

from connectors.store.desk.filter import Limits
from reports.desk.services import Services
from rules.roles import ROLES, Role

COOKIE: Final = "goldseam"
SAFE: Final = ("GET", "HEAD", "OPTIONS")
BY_ITSELF: Final = ("/decide/beat", "/decide/left", "/decide/next", "/case/held")
"""What pages ask while nobody does anything: no sign that somebody is there. Who decides sends their answer, too."""
WITH_ONCE: Final = ("/password", "/sign-out")
"""All that a password which serves once opens."""


class Refused(Exception):
    """A request that is not answered; `status` of HTTP, and in words what to do about it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class NewPasswordFirst(Exception):
    """Somebody signed in with a password that an administrator gave them, which serves to choose another."""


class SignInFirst(Exception):
    """Nobody is signed in; `then`: the page that was asked for."""

    def __init__(self, then: str) -> None:
        super().__init__(then)
        self.then = then


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in."""

    name: str
    role: Role
    csrf: str
    limits: Limits = field(default_factory=Limits)
    blind: bool = False
    """Wants to see neither score nor colleagues in this session."""

    def may(self, role: Role) -> bool:
        """Whether this person may what a role may."""
        return ROLES.index(self.role) >= ROLES.index(role)


def services(request: Request) -> Services:
    """What the desk was made with."""
    found: Services = request.app.state.services
    return found


def for_a_piece(request: Request) -> bool:
    """Whether a page asks, to put the answer into itself (htmx)."""
    return "hx-request" in request.headers


def signed_in(request: Request, desk: Annotated[Services, Depends(services)]) -> Person:
    """Raises SignInFirst, NewPasswordFirst."""
    token = request.cookies.get(COOKIE, "")
    found = (
        desk.store.session(token, desk.settings.idle_minutes, there=request.url.path not in BY_ITSELF)
        if token
        else None
    )
    if found is None:
        raise SignInFirst(_wanted(request))
    if found["once"] and request.url.path not in WITH_ONCE:
        raise NewPasswordFirst
    person = Person(found["name"], found["role"], found["csrf"], limits(found["limits"]), found["blind"])
    request.state.person = person  # for what is said when something goes wrong
    return person


def limits(text: str | None) -> Limits:
    """Those of a user, as the state database keeps them."""
    told = json.loads(text) if text else {}
    return Limits(tuple(told.get("departments", ())), tuple(told.get("countries", ())))


async def no_forgery(request: Request, person: Annotated[Person, Depends(signed_in)]) -> None:
    """A request that changes anything carries the session's token, as a header or a field of the form, and comes from a
    page of ours (OWASP, Cross-Site Request Forgery Prevention: synchroniser token, and Fetch Metadata).
    """
    if request.method in SAFE:
        return
    told = request.headers.get("x-csrf-token") or str((await request.form()).get("csrf", ""))
    right = hmac.compare_digest(told.encode(), person.csrf.encode())  # as text it takes ASCII only
    if not right or request.headers.get("sec-fetch-site", "same-origin") not in (
        "same-origin", "none",
    ):  # fmt: skip
        raise Refused(403, "This page is out of date: load it again, then repeat what you did")


def _at_least(role: Role) -> object:
    def check(person: Annotated[Person, Depends(signed_in)], _: Annotated[None, Depends(no_forgery)]) -> Person:
        if not person.may(role):
            raise Refused(403, f"This is for people with the role {role}. You are signed in as {person.role}")
        return person

    return Depends(check)


Viewer = Annotated[Person, _at_least("viewer")]
Steward = Annotated[Person, _at_least("steward")]
Lead = Annotated[Person, _at_least("lead")]
Admin = Annotated[Person, _at_least("admin")]
Desk = Annotated[Services, Depends(services)]


def came_from(request: Request) -> SplitResult:
    """The page of ours on which somebody was who asks for this; an empty address where it was none."""
    with suppress(ValueError):
        found = urlsplit(request.headers.get("hx-current-url") or request.headers.get("referer", ""))
        if found.netloc == request.url.netloc:
            return found
    return urlsplit("")


def _wanted(request: Request) -> str:
    """Where to go on after signing in: the page that was asked for, or the one on which somebody did something."""
    looks = request.method in SAFE and not for_a_piece(request)
    address = urlsplit(str(request.url)) if looks else came_from(request)
    return (address.path or "/") + (f"?{address.query}" if address.query else "")
