"""Signing in and out."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from connectors.store.desk import passwords
from reports.desk.access import COOKIE, Desk, Refused, Viewer
from reports.desk.attempts import Attempts, subject_of, unknown
from reports.desk.frame import shown
from reports.desk.services import Services
from reports.desk.sign_on import ends_at

router = APIRouter()


@dataclass(frozen=True)
class SignIn:
    """The form."""

    template: ClassVar[str] = "desk/sign_in.html.j2"
    firm: str
    then: str
    name: str
    problem: str
    sign_on: bool
    ended: bool
    """Somebody was signed in, and is no more."""
    elsewhere: str
    """Where the session at the firm's provider is ended, of somebody who just signed out here and has one there."""


@router.get("/sign-in")
def ask(desk: Desk, then: str = "/", ended: bool = False, left: bool = False) -> Response:
    """`left`: somebody signed out whom the provider knows."""
    return shown(_door(desk, then, ended=ended, left=left))


@router.post("/sign-in")
def sign_in(
    request: Request, desk: Desk, name: Annotated[str, Form()], password: Annotated[str, Form()],
    then: Annotated[str, Form()] = "/",
) -> Response:  # fmt: skip
    """A session for the right password. What is said of a wrong name and of a wrong password is the same."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Refused(403, "Sign in on the desk's own page")
    name = name.strip()
    user = proven(request, desk, name, password)
    if user is None:
        return shown(_door(desk, then, name, "Name or password is wrong"), 401)
    if passwords.outdated(user["password"]):
        desk.store.change_user(name, password=passwords.digest(password))
    return begin(request, desk, name, then)


def begin(request: Request, desk: Services, name: str, then: str) -> Response:
    """A new session for somebody who proved who they are: never one that existed before (session fixation)."""
    if old := request.cookies.get(COOKIE):
        desk.store.end_session(old)
    hours = desk.settings.session_hours
    token, _ = desk.store.open_session(name, hours)
    desk.store.note(name, "sign-in")
    answer = RedirectResponse(ours(then), 303)
    answer.set_cookie(
        COOKIE, token, max_age=int(hours * 3600), httponly=True, samesite="lax", secure=request.url.scheme == "https",
    )  # fmt: skip
    return answer


@router.post("/sign-out")
def sign_out(request: Request, desk: Desk, person: Viewer) -> Response:
    desk.store.end_session(request.cookies[COOKIE])
    desk.store.let_go(person.name)
    desk.store.note_act(person.name, "sign-out")
    user = desk.store.user(person.name)
    answer = RedirectResponse("/sign-in?left=true" if user and user["subject"] else "/sign-in", 303)
    answer.delete_cookie(COOKIE)
    return answer


def proven(request: Request, desk: Services, name: str, password: str) -> dict[str, Any] | None:
    """The user whose password this is; None: of nobody who may sign in. Raises Refused where that failed too often."""
    address = request.client.host if request.client else "?"
    attempts: Attempts = request.app.state.attempts
    user = desk.store.user(name)
    called = name if user else unknown(name)
    with attempts.one(desk, called, address):
        if passwords.right(password, user["password"] if user else None) and user and user["active"]:
            return user
        for subject in (subject_of("name", called), subject_of("address", address)):
            desk.store.note(called[:80], "sign-in refused", subject)
    return None


def _door(
    desk: Services, then: str, name: str = "", problem: str = "", *, ended: bool = False, left: bool = False
) -> SignIn:  # fmt: skip
    provider = desk.settings.sign_on
    elsewhere = ends_at(provider) if provider and left else ""
    return SignIn(desk.firm, ours(then), name, problem, provider is not None, ended, elsewhere)


def ours(then: str) -> str:
    """A path of ours, never another's address."""
    return then if then.startswith("/") and not then.startswith(("//", "/\\")) else "/"
