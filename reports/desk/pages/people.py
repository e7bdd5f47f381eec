"""The people of the desk: how well they decide, for leads; who they are and what they may, for administrators."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from connectors.store.desk import passwords
from connectors.store.desk.people import LastAdmin, NoSuchUser, limits_as_text
from reports.desk.access import Admin, Desk, Lead, Person, Refused, limits
from reports.desk.frame import Frame, frame, shown
from reports.desk.pages.me import Goals, since
from reports.desk.services import Services
from rules.roles import Role
from rules.stewarding import Measure

router = APIRouter()
LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Those that nobody mistakes for others."""


@dataclass(frozen=True)
class One:
    """A user, what they are limited to, and how well they decide; None: they decided nothing lately."""

    user: dict[str, Any]
    departments: str
    countries: str
    seen: str
    measure: Measure | None


@dataclass(frozen=True)
class PeoplePage:
    """Everybody."""

    template: ClassVar[str] = "desk/people.html.j2"
    frame: Frame
    people: tuple[One, ...]
    goals: Goals
    known: bool
    given: tuple[str, str] | None = None
    """A name and the password that serves once: it is shown this once, and kept nowhere."""


@dataclass(frozen=True)
class PersonPage:
    """One user, to be changed."""

    template: ClassVar[str] = "desk/person.html.j2"
    frame: Frame
    one: One


@dataclass(frozen=True)
class May:
    """What a form says of somebody."""

    role: Role
    email: str
    limits: str


def may(
    role: Annotated[Role, Form()], email: Annotated[str, Form(max_length=200)] = "",
    departments: Annotated[str, Form(max_length=500)] = "", countries: Annotated[str, Form(max_length=500)] = "",
) -> May:  # fmt: skip
    """Departments and countries with commas between."""
    return May(role, email.strip(), limits_as_text(_listed(departments), [c.upper() for c in _listed(countries)]))


@router.get("/people")
def people(request: Request, desk: Desk, person: Lead) -> Response:
    return shown(_page(request, desk, person))


@router.post("/people")
def add(
    request: Request, desk: Desk, person: Admin, name: Annotated[str, Form(max_length=80)],
    may: Annotated[May, Depends(may)],
) -> Response:  # fmt: skip
    """Add somebody, with a password that serves once."""
    word = one_time()
    _told(
        lambda: desk.store.add_user(
            name.strip(), may.role, email=may.email, limits=may.limits, password=passwords.digest(word), once=True
        )
    )
    desk.store.note_act(person.name, "user added", name.strip(), f"role {may.role}")
    return shown(_page(request, desk, person, (name.strip(), word)))


@router.get("/people/{name}")
def one(request: Request, desk: Desk, person: Admin, name: str) -> Response:
    return shown(PersonPage(frame(request, desk, person), _one(desk, name)))


@router.post("/people/{name}")
def change(
    desk: Desk, person: Admin, name: str, may: Annotated[May, Depends(may)],
    active: Annotated[bool, Form()] = False,
) -> Response:  # fmt: skip
    """What somebody may from now on; whoever is signed in must sign in again."""
    _one(desk, name)
    told = {"role": may.role, "email": may.email, "limits": may.limits, "active": active}
    _told(lambda: desk.store.change_user(name, **told))
    desk.store.let_go(name)
    desk.store.note_act(person.name, "user changed", name, f"role {may.role}{'' if active else ', left'}")
    return RedirectResponse("/people", 303)


@router.post("/people/{name}/password")
def renew(request: Request, desk: Desk, person: Admin, name: str) -> Response:
    """A password that serves once, in place of one that was forgotten."""
    _one(desk, name)
    if name == person.name:
        raise Refused(409, "You know your own password: choose another on the page My password")
    word = one_time()
    _told(lambda: desk.store.change_user(name, password=passwords.digest(word), once=True))
    desk.store.note_act(person.name, "password given", name)
    return shown(_page(request, desk, person, (name, word)))


def one_time() -> str:
    """Four groups of four: 79 bits, easy to read out."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4))


def _page(request: Request, desk: Services, person: Person, given: tuple[str, str] | None = None) -> PeoplePage:
    measures, there = desk.store.measures(since()), desk.store.last_seen()
    told = tuple(_of(user, there, measures) for user in desk.store.users())
    return PeoplePage(frame(request, desk, person), told, Goals(), desk.settings.known_share > 0, given)


def _of(user: dict[str, Any], there: dict[str, str], measures: dict[str, Measure]) -> One:
    at, name = limits(user["limits"]), user["name"]
    return One(user, ", ".join(at.departments), ", ".join(at.countries), there.get(name, ""), measures.get(name))


def _one(desk: Services, name: str) -> One:
    user = desk.store.user(name)
    if user is None:
        raise Refused(404, "There is no such user")
    return _of(user, {}, {})


def _told(change: Callable[[], None]) -> None:
    """Make a change to a user; what is wrong with it becomes a page."""
    try:
        change()
    except (NoSuchUser, LastAdmin, ValueError) as error:
        said = str(error)
        status = 409 if isinstance(error, LastAdmin | NoSuchUser) else 422
        raise Refused(status, said[:1].upper() + said[1:]) from error


def _listed(text: str) -> list[str]:
    return [word.strip() for word in re.split(r"[,;\n]", text) if word.strip()]
