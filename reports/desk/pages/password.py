"""One's own password: chosen anew, and with a password that serves once, before anything else."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from connectors.store.desk import passwords
from reports.desk.access import Desk, Viewer
from reports.desk.frame import Frame, frame, shown
from reports.desk.pages.sign_in import begin, proven

router = APIRouter()


@dataclass(frozen=True)
class PasswordPage:
    """The form."""

    template: ClassVar[str] = "desk/password.html.j2"
    frame: Frame
    once: bool
    problem: str
    shortest: int = passwords.SHORTEST


@router.get("/password")
def ask(request: Request, desk: Desk, person: Viewer) -> Response:
    user = desk.store.user(person.name)
    return shown(PasswordPage(frame(request, desk, person), bool(user and user["once"]), ""))


@router.post("/password")
def change(
    request: Request, desk: Desk, person: Viewer,
    password: Annotated[str, Form()], new: Annotated[str, Form()], again: Annotated[str, Form()],
) -> Response:  # fmt: skip
    """Another password for the one that is known; it ends every other session of this person."""
    user = proven(request, desk, person.name, password)
    once = bool(user and user["once"])
    problem, kept = _chosen(new, again, person.name)
    if user is None:
        problem = "The password that you have now is another one"
    elif new == password:
        problem = "This is the password that you have now: choose another"
    if problem:
        return shown(PasswordPage(frame(request, desk, person), once, problem), 422)
    desk.store.change_user(person.name, password=kept, once=False)
    desk.store.note_act(person.name, "password changed")
    return begin(request, desk, person.name, "/")


def _chosen(new: str, again: str, name: str) -> tuple[str, str]:
    """What is wrong with a new password, and what is kept of it."""
    if new != again:
        return "The two new passwords are not the same", ""
    try:
        return "", passwords.digest(new, name)
    except passwords.TooWeak as error:
        return f"This password cannot be used: {error}", ""
