"""What stands around every page: who is signed in, where one is, and the words of the place."""

from dataclasses import dataclass
from typing import Final

from fastapi import Request
from fastapi.responses import HTMLResponse

from reports import page
from reports.desk.access import Person
from reports.desk.services import Services
from rules.roles import Role

PLACES: Final[tuple[tuple[str, str, Role], ...]] = (
    ("/decide", "Decide", "steward"), ("/queue", "Queue", "viewer"), ("/customers", "Customers", "viewer"),
    ("/quarantine", "Quarantine", "viewer"), ("/batches", "Batches", "steward"), ("/history", "History", "viewer"),
    ("/packs", "Packs", "steward"), ("/me", "My work", "steward"), ("/team", "Team", "lead"),
    ("/people", "People", "admin"),
)  # fmt: skip
"""Path, word, and the role from which on a person sees it."""


@dataclass(frozen=True)
class Place:
    path: str
    word: str
    here: bool


@dataclass(frozen=True)
class Frame:
    """Of a page of somebody who is signed in."""

    person: Person
    firm: str
    places: tuple[Place, ...]
    published: bool
    """Whether there is a publication to work on."""


def frame(request: Request, desk: Services, person: Person) -> Frame:
    """The frame of the page that is asked for."""
    at = request.url.path
    places = tuple(
        Place(path, word, at == path or at.startswith(f"{path}/")) for path, word, role in PLACES if person.may(role)
    )
    return Frame(person, desk.firm, places, desk.run_id() is not None)


def shown(what: page.Page, status: int = 200) -> HTMLResponse:
    """A page as an answer."""
    return HTMLResponse(page.render(what), status)
