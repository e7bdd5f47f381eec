"""Signing in with the firm's account, and which user of the desk that is."""

import unicodedata
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from connectors.store.desk.people import LastAdmin, NoSuchUser
from reports.desk.access import Desk, Refused
from reports.desk.pages.sign_in import begin, ours
from reports.desk.services import Services
from reports.desk.sign_on import Asked, claims, leads_to
from rules.desk import SignOn
from rules.roles import ROLES, Role

router = APIRouter()
COOKIE: Final = "goldseam_sign_on"
MINUTES: Final = 10
"""So long somebody may take at the provider."""
PATH: Final = "/sign-on"


@router.get(PATH)
def ask(request: Request, desk: Desk, then: str = "/") -> Response:
    """On to the provider; what its answer must fit is kept by this browser alone."""
    asked = Asked.new(ours(then))
    answer = RedirectResponse(leads_to(_settings(desk), asked, _back(request)), 303)
    answer.set_cookie(
        COOKIE, asked.kept(), max_age=MINUTES * 60, path=PATH, httponly=True, samesite="lax",
        secure=request.url.scheme == "https",
    )  # fmt: skip
    return answer


@router.get(f"{PATH}/back")
def back(request: Request, desk: Desk, code: str = "", state: str = "") -> Response:
    """The provider sends people here, with a code that is worth a token."""
    settings, asked = _settings(desk), Asked.read(request.cookies.get(COOKIE, ""))
    if not code:
        raise Refused(403, "Your firm's sign-in did not let you in. Begin again, or ask an administrator")
    told = claims(settings, asked, state, code, _back(request))
    answer = begin(request, desk, _user(desk, settings, told), asked.then if asked else "/")
    answer.delete_cookie(COOKIE, path=PATH)
    return answer


def _settings(desk: Services) -> SignOn:
    if desk.settings.sign_on is None:
        raise Refused(404, "Signing in with the firm's account is not set up here (desk.sign_on of the settings)")
    return desk.settings.sign_on


def _back(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}{PATH}/back"


def _user(desk: Services, settings: SignOn, told: dict[str, Any]) -> str:
    """The name of the user whom the provider means: known from before, by a proven address, or new with a role."""
    subject, role = f"{told['iss']} {told['sub']}", _role(settings, told)
    if settings.role_claim and role is None:
        raise Refused(403, "Your firm's account has no role at this desk: ask whoever manages it for one")
    user = desk.store.user_of_subject(subject) or _by_address(desk, told)
    if user is None:
        return _new(desk, settings, told, subject, role)
    if not user["active"]:
        raise Refused(403, "You may not sign in here any more: ask an administrator")
    told_now = {"subject": subject, "role": role or user["role"], "once": False}
    if user["once"]:
        told_now["password"] = None  # the administrator who gave it knows it
    changed = {name: value for name, value in told_now.items() if user[name] != value}
    if changed:
        try:
            desk.store.change_user(user["name"], **changed)
        except LastAdmin as error:
            raise Refused(409, f"Your firm's account makes you {role}, but {error}") from error
        desk.store.note_act(
            user["name"], "user changed", user["name"], f"by the provider: {', '.join(sorted(changed))}"
        )
    return str(user["name"])


def _by_address(desk: Services, told: dict[str, Any]) -> dict[str, Any] | None:
    """The one user with the address that the provider has verified, if no account was theirs before."""
    if told.get("email_verified") is not True or not told.get("email"):
        return None
    found = [user for user in desk.store.users_of_email(str(told["email"])) if not user["subject"]]
    return found[0] if len(found) == 1 else None


def _new(desk: Services, settings: SignOn, told: dict[str, Any], subject: str, role: str | None) -> str:
    if role is None:
        raise Refused(403, "Nobody with your account is known at this desk: ask an administrator to add you")
    called = str(told.get(settings.name_claim) or told.get("email") or told["sub"])
    name = unicodedata.normalize("NFKC", called).strip()[:80]  # some systems write an accent as a letter of its own
    try:
        desk.store.add_user(name, role, email=str(told.get("email") or ""), subject=subject)
    except NoSuchUser as error:
        raise Refused(409, f"There is a user {name} already who is not you: ask an administrator") from error
    except ValueError as error:
        raise Refused(409, f"Your firm's account cannot be taken over: {error}. Ask an administrator") from error
    desk.store.note_act(name, "user added", name, f"by the provider: role {role}")
    return name


def _role(settings: SignOn, told: dict[str, Any]) -> Role | None:
    """The highest role that the claim gives; a claim may lie in another (`realm_access.roles`)."""
    found: Any = told.get(settings.role_claim)
    if found is None:
        found = told
        for step in settings.role_claim.split("."):
            found = found.get(step) if isinstance(found, dict) else None
    values = found if isinstance(found, list) else [found]
    roles = [settings.roles[str(value)] for value in values if str(value) in settings.roles]
    return max(roles, key=ROLES.index, default=None)
