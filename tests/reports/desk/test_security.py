"""Every route of the desk, whatever page it is of: who is let in, and what comes of requests nobody should make."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from reports.desk import app, headers
from reports.desk.access import SAFE
from tests.reports.desk.firm import PASSWORD, PEOPLE, Opened

OPEN = {"/sign-in", "/sign-on", "/sign-on/back", "/"}
"""What nobody need be signed in for; `/` leads on."""


def routes() -> list[tuple[str, str]]:
    """Method and path of every route."""
    found = [route for router in app.routers() for route in router.routes if isinstance(route, APIRoute)]
    return sorted((method, route.path) for route in found for method in route.methods)


def route_of(method: str, path: str) -> APIRoute:
    found = [route for router in app.routers() for route in router.routes if isinstance(route, APIRoute)]
    return next(route for route in found if route.path == path and method in route.methods)


def filled(path: str, value: str = "1") -> str:
    """The path with something in the place of each parameter."""
    return re.sub(r"{[^}]+}", value, path)


def needed_role(route: APIRoute) -> str | None:
    """The role that a route asks for; None: it asks for none."""
    for wanted in route.dependant.dependencies:
        cells = [c.cell_contents for c in getattr(wanted.call, "__closure__", None) or ()]
        if roles := [c for c in cells if c in ("viewer", "steward", "lead", "admin")]:
            return str(roles[0])
    return None


GUARDED = [(method, path) for method, path in routes() if path not in OPEN]


@pytest.fixture(scope="module")
def desk(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """One desk for all of these: nothing of what they ask may change it."""
    from tests.reports.desk import firm

    with firm.opened(template, tmp_path_factory.mktemp("security") / "firm") as found:
        yield found


def test_every_route_asks_for_a_role() -> None:
    """A page that somebody forgot to guard is found here, not by a stranger."""
    assert [(method, path) for method, path in GUARDED if needed_role(route_of(method, path)) is None] == []
    assert len(GUARDED) > 5


def test_nobody_is_let_in_without_a_session(desk: Opened) -> None:
    """Every page leads to the sign-in, every script is told so, and a made-up cookie is no session."""
    for cookie in (None, "made up"):
        client = desk.client(None)
        if cookie:
            client.cookies.set("goldseam", cookie)
        for method, path in GUARDED:
            answer = client.request(method, filled(path))
            assert (answer.status_code, answer.headers["location"][:13]) == (303, "/sign-in?then"), (method, path)
            told = client.request(method, filled(path), headers={"accept": "application/json"})
            assert told.status_code == 401, (method, path)


def test_every_role_is_kept_to_what_it_may(desk: Opened) -> None:
    """A role below the one a route asks for is refused in words."""
    ranks = ["viewer", "steward", "lead", "admin"]
    for name in ("vera", "stella", "lena"):
        client = desk.client(name)
        for method, path in GUARDED:
            needed = needed_role(route_of(method, path))
            if needed and ranks.index(needed) > ranks.index(PEOPLE[name]):
                answer = client.request(method, filled(path))
                assert answer.status_code == 403, (name, method, path)
                assert f"people with the role {needed}" in answer.text


def test_nothing_is_changed_without_the_token_of_the_session(desk: Opened) -> None:
    """A form on another site, with the cookie and without the token or from elsewhere, is refused on every route."""
    client, before = desk.client("ada"), everything(desk)
    token = client.headers.pop("x-csrf-token")
    for method, path in GUARDED:
        if method in SAFE:
            continue
        for headers_ in ({}, {"x-csrf-token": "guessed"}, {"x-csrf-token": token, "sec-fetch-site": "cross-site"}):
            assert client.request(method, filled(path), headers=headers_).status_code == 403, (method, path)
    assert everything(desk) == before


@pytest.mark.parametrize(
    "value", ["0", "99999999", "G0NOBODY", "nobody:1", "'; drop table golden; --", "<b>x</b>", "%00"]
)
def test_a_foreign_id_is_answered_in_words(desk: Opened, value: str) -> None:
    """Never with a trace, never by breaking, and never by showing what was sent as part of the page."""
    client, before = desk.client("ada"), everything(desk)
    for method, path in GUARDED:
        if "{" not in path:
            continue
        answer = client.request(method, filled(path, value.replace("/", "%2F")), data=form_of(route_of(method, path)))
        assert answer.status_code in (200, 303, 400, 404, 405, 409, 422), (method, path, answer.status_code)
        assert "Traceback" not in answer.text
        assert "<b>x</b>" not in answer.text
    assert everything(desk, but=("audit", "users")) == {k: v for k, v in before.items() if k not in ("audit", "users")}


def test_a_case_that_is_none_decides_nothing(desk: Opened) -> None:
    """Keys that are not in the queue, or that are no keys at all, make no decision."""
    client = desk.client("stella")
    for left, right in (("nobody:1", "nobody:2"), ("", ""), ("x", "y"), ("sales:1", "sales:1")):
        told = {"case": "pair", "left": left, "right": right, "answer": "same", "seen": "0"}
        assert client.post("/case/answer", data=told).status_code in (404, 422), (left, right)
    assert desk.store.decisions().num_rows == 0


def test_behind_a_server_that_speaks_https_all_is_https(desk: Opened) -> None:
    """The session's cookie and the headers are those of https, wherever the server in front stands."""
    for https in (True, False):
        client = TestClient(app.desk(desk.service, https=https), "http://desk.example", follow_redirects=False)
        answer = client.post("/sign-in", data={"name": "stella", "password": PASSWORD})
        assert answer.status_code == 303
        assert ("secure" in answer.headers["set-cookie"].lower()) is https
        assert ("strict-transport-security" in answer.headers) is https


def test_the_headers_are_on_every_answer(desk: Opened) -> None:
    """Pages, files, refusals and errors alike; pages are kept by no cache."""
    client = desk.client("stella")
    for path in ("/queue", "/static/desk.css", "/nowhere", "/decide", "/sign-in"):
        answer = client.get(path)
        for name, value in headers.HEADERS.items():
            assert answer.headers[name] == value, (path, name)
        assert ("no-store" in answer.headers.get("cache-control", "")) == (not path.startswith("/static/"))
        assert "strict-transport-security" in answer.headers


def test_the_cookie_is_kept_from_scripts_and_other_sites(desk: Opened) -> None:
    """HttpOnly, SameSite and, over https, Secure; another cookie after each sign-in."""
    from tests.reports.desk.firm import PASSWORD

    client = desk.client(None)
    told = {"name": "stella", "password": PASSWORD}
    said = [client.post("/sign-in", data=told).headers["set-cookie"] for _ in range(2)]
    for cookie in said:
        assert all(word in cookie.lower() for word in ("httponly", "samesite=lax", "secure"))
    assert said[0].split(";")[0] != said[1].split(";")[0]


def everything(desk: Opened, but: tuple[str, ...] = ("audit",)) -> dict[str, int]:
    """How many rows each table of the state database has."""
    from sqlalchemy import func, select

    from connectors.store import tables

    with desk.store.engine.connect() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in tables.metadata.tables.items()
            if name not in (*but, "sessions", "claims")
        }


def form_of(route: APIRoute) -> dict[str, str]:
    """A value for each field that a route's form demands."""
    found = {}
    for field in route.dependant.body_params:
        kind: Any = field.field_info.annotation
        first = get_args(kind)[0] if get_origin(kind) is Literal else "1"
        found[field.alias] = str(first)
    return found
