"""The desk as an application: every page of `pages`, sessions, headers, and what is said when something goes wrong."""

import logging
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from connectors.store.decisions import Contradiction
from connectors.store.desk.acts import Overtaken
from connectors.store.desk.passwords import Busy
from connectors.store.engine import TAKEN
from reports.desk import pages
from reports.desk.access import COOKIE, SAFE, NewPasswordFirst, Refused, SignInFirst, for_a_piece, signed_in
from reports.desk.attempts import Attempts
from reports.desk.bodies import Bodies
from reports.desk.chain import in_words
from reports.desk.frame import Frame, frame, shown
from reports.desk.headers import Headers
from reports.desk.services import Services
from rules.record_key import NoKey

BROKEN: Final = 500
STATIC: Final = Path(__file__).parent.parent / "static"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wrong:
    """A page that says what went wrong, and what to do."""

    template: ClassVar[str] = "desk/wrong.html.j2"
    firm: str
    frame: Frame | None
    """Of whoever is signed in."""
    status: int
    headline: str
    message: str


def desk(services: Services, *, https: bool = False) -> FastAPI:
    """The application over a workspace's services. `https`: people reach it by https alone, whatever this server sees:
    one in front of it speaks https.
    """
    app = FastAPI(title="Goldseam", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.services = services
    app.state.attempts = Attempts()
    app.add_middleware(Bodies)
    app.add_middleware(Headers, https=https)
    app.mount("/static", StaticFiles(directory=STATIC), "static")
    for router in routers():
        app.include_router(router)
    for error, answer in (
        (SignInFirst, _sign_in), (NewPasswordFirst, _new_password), (Refused, _refused), (Overtaken, _conflict),
        (Contradiction, _excluded), (Busy, _later), (NoKey, _no_key), *((error, _taken) for error in TAKEN),
        (HTTPException, _http), (RequestValidationError, _misread), (Exception, _broken),
    ):  # fmt: skip
        app.add_exception_handler(error, answer)
    return app


def routers() -> tuple[APIRouter, ...]:
    """Of every page."""
    return pages.ROUTERS


def _wrong(request: Request, status: int, headline: str, message: str) -> Response:
    """In the form in which it was asked: a page, or a sentence for a script."""
    if "text/html" not in request.headers.get("accept", "") or for_a_piece(request):
        return JSONResponse({"headline": headline, "message": message}, status)
    return shown(Wrong(request.app.state.services.firm, _around(request, status), status, headline, message), status)


def _around(request: Request, status: int) -> Frame | None:
    """The frame of whoever is signed in, also where an address leads to no page; None where even that may be broken."""
    if status >= BROKEN:
        return None
    services = request.app.state.services
    with suppress(SignInFirst, NewPasswordFirst):
        person = getattr(request.state, "person", None) or signed_in(request, services)
        return frame(request, services, person)
    return None


def _sign_in(request: Request, error: Exception) -> Response:
    was_in = COOKIE in request.cookies or request.method not in SAFE
    to = f"/sign-in?then={quote(str(error), safe='')}" + ("&ended=true" if was_in else "")
    if for_a_piece(request):
        return Response(status_code=401, headers={"hx-redirect": to})
    if "text/html" not in request.headers.get("accept", ""):
        return JSONResponse({"headline": "Signed out", "message": "Your session has ended: sign in again"}, 401)
    return RedirectResponse(to, 303)


def _new_password(request: Request, _: Exception) -> Response:
    if for_a_piece(request):
        return Response(status_code=401, headers={"hx-redirect": "/password"})
    if "text/html" not in request.headers.get("accept", ""):
        return JSONResponse({"headline": "A new password first", "message": "Choose a password of your own"}, 403)
    return RedirectResponse("/password", 303)


def _refused(request: Request, error: Exception) -> Response:
    status = error.status if isinstance(error, Refused) else 400
    headline = {403: "This is not for you", 404: "There is nothing here", 429: "Too many attempts"}
    return _wrong(request, status, headline.get(status, "That did not work"), str(error))


def _conflict(request: Request, error: Exception) -> Response:
    return _wrong(request, 409, "Decided otherwise meanwhile", str(error))


def _excluded(request: Request, error: Exception) -> Response:
    """Only who is signed in asks for decisions (access.signed_in)."""
    told = in_words(request.app.state.services, request.state.person, error) if isinstance(error, Contradiction) else ""
    return _wrong(request, 409, "Decided otherwise meanwhile", told)


def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    said = {404: "There is no such page", 405: "This page cannot be asked that way", 413: "That is too much"}
    ours = isinstance(error, HTTPException) and status in (413, 422)  # of bodies.py
    remedy = str(getattr(error, "detail", "")) if ours else "Go back, or begin with the queue"
    return _wrong(request, status, said.get(status, "That did not work"), remedy)


def _misread(request: Request, _: Exception) -> Response:
    return _wrong(
        request, 422, "That could not be read", "Something is missing in what was sent, or is no value of its kind"
    )


def _no_key(request: Request, error: Exception) -> Response:
    return _wrong(request, 422, "That could not be read", str(error))


def _later(request: Request, error: Exception) -> Response:
    return _wrong(request, 429, "Too many at once", str(error))


def _taken(request: Request, error: Exception) -> Response:
    """Somebody else has the database for longer than one waits: whether an act stands is not known here."""
    log.error("%s %s: the database did not answer", request.method, request.url.path, exc_info=error)
    return _wrong(request, 503, "The database is busy", f"Something took too long. {_remedy(request)}")


def _broken(request: Request, error: Exception) -> Response:
    log.error("%s %s failed: %s", request.method, request.url.path, type(error).__name__, exc_info=error)
    return _wrong(request, 500, "Something broke", f"The log of the desk says what it was. {_remedy(request)}")


def _remedy(request: Request) -> str:
    """What was done may stand though its answer did not come."""
    looks = request.method in SAFE
    return "Load the page again" if looks else "Look whether your answer stands, then try again"
