"""The people of the desk: added, limited, gone, and their passwords."""

import re

import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient

from connectors.store.desk import passwords
from connectors.store.desk.audit import Noted
from tests.reports.desk.firm import PASSWORD, Opened


@pytest.fixture(autouse=True)
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 takes its time on purpose; not here."""
    monkeypatch.setattr(passwords, "_hasher", lambda: PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


OWN = "eight seams and a bowl"


def signed_in(desk: Opened, name: str, password: str) -> TestClient:
    """A browser after signing in on the page."""
    client = desk.client(None)
    answer = client.post("/sign-in", data={"name": name, "password": password})
    assert answer.status_code == 303, answer.text
    return client


def token(client: TestClient, path: str) -> dict[str, str]:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get(path).text)
    assert found
    return {"csrf": found[1]}


def test_a_password_that_serves_once(desk: Opened) -> None:
    """Somebody who is added gets a password that is shown once and opens nothing but the choice of another; after that
    every other session of theirs has ended.
    """
    ada = desk.client("ada")
    page = ada.post("/people", data={"name": "maria", "role": "steward", "departments": "sales, service"}).text
    shown = re.search(r"<code>([a-z0-9-]{19})</code>", page)
    assert shown
    assert shown[1] not in ada.get("/people").text
    user = desk.store.user("maria")
    assert user is not None
    assert (user["limits"], user["once"]) == ('{"departments": ["sales", "service"], "countries": []}', True)
    maria, elsewhere = signed_in(desk, "maria", shown[1]), signed_in(desk, "maria", shown[1])
    assert maria.get("/queue").headers["location"] == "/password"
    assert maria.post("/case/skip", headers={"accept": "application/json"}).status_code == 403
    told = token(maria, "/password")
    for new, again, said in (
        ("short", None, "a password needs 12"), (OWN, "other", "not the same"),
        ("marias own password", None, "it holds your name"), ("abababababababab", None, "easy to guess"),
        (shown[1], None, "choose another"),
    ):  # fmt: skip
        refused = maria.post("/password", data=told | {"password": shown[1], "new": new, "again": again or new})
        assert refused.status_code == 422
        assert said in refused.text
    wrong = maria.post("/password", data=told | {"password": "not this one", "new": OWN, "again": OWN})
    assert "is another one" in wrong.text
    assert maria.post("/password", data=told | {"password": shown[1], "new": OWN, "again": OWN}).status_code == 303
    assert maria.get("/queue").status_code == 200
    assert elsewhere.get("/queue").status_code == 303
    assert "sign-in" in elsewhere.get("/queue").headers["location"]
    signed_in(desk, "maria", OWN)


def test_what_somebody_may_is_changed_at_once(desk: Opened) -> None:
    """Role, limits and leaving end the sessions of that person; whoever left cannot sign in; the log says who did."""
    ada, stella = desk.client("ada"), desk.client("stella")
    assert desk.client("lena").post("/people/stella", data={"role": "viewer"}).status_code == 403
    assert "stella" in ada.get("/people/stella").text
    changed = ada.post("/people/stella", data={"role": "viewer", "countries": "gr, it", "active": "true"})
    assert changed.headers["location"] == "/people"
    assert stella.get("/queue").status_code == 303
    stella = desk.client("stella")
    assert stella.get("/decide").status_code == 403
    assert desk.store.user("stella")["limits"] == '{"departments": [], "countries": ["GR", "IT"]}'  # type: ignore[index]
    ada.post("/people/stella", data={"role": "viewer"})
    gone = desk.client(None).post("/sign-in", data={"name": "stella", "password": PASSWORD})
    assert gone.status_code == 401
    log = desk.store.noted(Noted(action="user changed"))
    assert [(entry["user"], entry["subject"]) for entry in log] == [("ada", "stella")] * 2
    refused = ada.post("/people/ada", data={"role": "lead", "active": "true"})
    assert refused.status_code == 409
    assert "only administrator" in refused.text
    assert ada.post("/people", data={"name": "vera", "role": "viewer"}).status_code == 409
    assert ada.post("/people", data={"name": " ", "role": "viewer"}).status_code == 422
    assert ada.get("/people/nobody").status_code == 404


def test_a_forgotten_password_is_given_anew(desk: Opened) -> None:
    """The old one opens nothing any more; one's own is changed by knowing it."""
    ada = desk.client("ada")
    word = re.search(r"<code>([^<]+)</code>", ada.post("/people/stella/password").text)
    assert word
    assert desk.client(None).post("/sign-in", data={"name": "stella", "password": PASSWORD}).status_code == 401
    assert signed_in(desk, "stella", word[1]).get("/queue").headers["location"] == "/password"
    assert ada.post("/people/ada/password").status_code == 409
