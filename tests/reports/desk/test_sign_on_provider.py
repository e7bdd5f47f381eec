"""Signing in with the firm's account at a real provider (Django OAuth Toolkit), in a browser, across two sites."""

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import pytest

from tests import oidc_provider
from tests.reports.desk.firm import Opened

ROLES = {"goldseam-stewards": "steward"}


def tampered(page: Any, **change: str) -> str:
    """The address at the provider to which the desk sends this browser, something in it changed."""
    answer = page.context.request.get("/sign-on", max_redirects=0)
    to = urlsplit(answer.headers["location"])
    asked = {name: values[0] for name, values in parse_qs(to.query).items()}
    assert set(change) <= set(asked)
    return urlunsplit(to._replace(query=urlencode(asked | change)))


def proves(page: Any, name: str) -> None:
    """On to the provider from the sign-in page, and there a name and a password."""
    page.get_by_role("link", name="Sign in with your firm's account").click()
    page.fill("[name=username]", name)
    page.fill("[name=password]", oidc_provider.PASSWORD)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.browser
def test_a_real_provider_signs_people_in(
    desk: Opened, window: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By discovery and PKCE, which it demands: whoever has a mapped role comes to the page that was asked for, and is
    out again after signing out, and shown how to be out at the provider; whoever has none stays out. A token made for
    another asking is no proof, and one for which the desk does not know the verifier is not given.
    """
    pytest.importorskip("oauth2_provider")
    page = window(None)
    page.goto("/sign-in")
    back = page.url.replace("/sign-in", "/sign-on/back")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("FIRMS_SECRET", oidc_provider.SECRET)
    with oidc_provider.provider(back, port, tmp_path) as issuer:
        desk.set(sign_on={
            "issuer": issuer, "client_id": oidc_provider.CLIENT, "secret": "env:FIRMS_SECRET", "role_claim": "groups",
            "roles": ROLES,
        })  # fmt: skip
        page.goto("/customers?text=a")
        proves(page, "maria")
        page.wait_for_url("**/customers?text=a")
        assert page.locator(".me b").inner_text() == "maria"
        user = desk.store.user("maria")
        assert user is not None
        assert (user["role"], user["email"]) == ("steward", "maria@firm.example")
        page.get_by_role("button", name="Sign out").click()
        page.get_by_text("still signed in on this computer").wait_for()
        page.get_by_role("link", name="sign out there").click()
        page.locator("[name=allow]").click()
        page.wait_for_load_state()
        page.goto("/queue")
        assert "/sign-in" in page.url
        proves(page, "maria")  # which asks for the password again
        page.wait_for_url("**/queue")
        page.get_by_role("button", name="Sign out").click()
        page.get_by_text("still signed in on this computer").wait_for()

        page.goto(tampered(page, nonce="of somebody else"))
        page.get_by_text("could not be proved").wait_for()
        page.goto(tampered(page, code_challenge="k" * 43))
        page.get_by_text("refused this sign-in").wait_for()
        without = page.request.get(tampered(page, code_challenge="", code_challenge_method=""), max_redirects=0)
        assert "error=invalid_request" in without.headers["location"], "this provider demands PKCE"
        page.goto("/queue")
        assert "/sign-in" in page.url

        other = window(None)
        other.goto("/queue")
        proves(other, "nikos")
        other.get_by_text("no role at this desk").wait_for()
        assert desk.store.user("nikos") is None
