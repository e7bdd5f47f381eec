"""Signing in: what is refused, how often one may try, and how long one stays."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import update

from connectors.store import tables
from connectors.store.base import instant
from connectors.store.desk import passwords
from connectors.store.desk.audit import Noted
from tests.reports.desk.firm import PASSWORD, Opened


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 takes its time on purpose; here only one password is right."""
    monkeypatch.setattr(passwords, "right", lambda password, kept: kept is not None and password == PASSWORD)


def tried(desk: Opened, name: str, password: str, **more: str) -> tuple[int, str]:
    answer = desk.client(None).post("/sign-in", data={"name": name, "password": password, **more})
    return answer.status_code, answer.text or answer.headers["location"]


@pytest.mark.usefixtures("quick")
def test_a_wrong_name_and_a_wrong_password_read_the_same(desk: Opened) -> None:
    """Nobody learns which names exist; HTML in a name stays text; an answer leads to our own pages only."""
    wrong = [tried(desk, name, "wrong") for name in ("stella", "nobody")]
    assert [status for status, _ in wrong] == [401, 401]
    assert wrong[0][1].replace("stella", "nobody") == wrong[1][1]
    assert "<b>x" not in tried(desk, "<b>x", "wrong")[1]
    assert tried(desk, "stella", PASSWORD, then="/queue?text=a") == (303, "/queue?text=a")
    for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example"):
        assert tried(desk, "stella", PASSWORD, then=elsewhere) == (303, "/")
    told = desk.client(None).post("/sign-in", data={}, headers={"sec-fetch-site": "cross-site"})
    assert told.status_code in (403, 422)


@pytest.mark.usefixtures("quick")
def test_who_tries_too_often_waits(desk: Opened) -> None:
    """Five times for one name, thirty from one address, in a quarter of an hour; then the right password waits too."""
    assert [tried(desk, "stella", "wrong")[0] for _ in range(6)] == [401] * 5 + [429]
    status, said = tried(desk, "stella", PASSWORD)
    assert status == 429
    assert "Wait 15 minutes" in said
    assert tried(desk, "stavros", PASSWORD)[0] == 303, "others may"
    assert [tried(desk, f"nobody{n}", "wrong")[0] for n in range(26)] == [401] * 25 + [429]
    assert tried(desk, "stavros", PASSWORD)[0] == 429, "from this address nobody may"
    earlier = instant(datetime.now(UTC) - timedelta(minutes=16))
    with desk.store.writing() as connection:
        connection.execute(update(tables.audit).values(time=earlier))
    assert tried(desk, "stella", PASSWORD)[0] == 303


@pytest.mark.usefixtures("quick")
def test_a_password_typed_as_a_name_is_not_kept(desk: Opened) -> None:
    """The log says that somebody unknown tried, and whether it was the same again, never what they typed."""
    assert [tried(desk, "my pass phrase", "x")[0] for _ in range(6)] == [401] * 5 + [429]
    tried(desk, "stella", "wrong")
    log = desk.store.noted(Noted(action="sign-in refused"))
    assert "my pass phrase" not in str(log)
    assert len({entry["user"] for entry in log}) == 2
    assert "stella" in {entry["user"] for entry in log}


def idle(desk: Opened, minutes: float) -> None:
    """As if nobody had done anything for so long."""
    with desk.store.writing() as connection:
        connection.execute(update(tables.sessions).values(seen=instant(datetime.now(UTC) - timedelta(minutes=minutes))))


def seen_ago(desk: Opened) -> timedelta:
    return datetime.now(UTC) - datetime.fromisoformat(desk.store.last_seen()["stella"])


def test_whoever_does_nothing_is_signed_out(desk: Opened) -> None:
    """After the minutes of the setting, and after the hours of a session at the latest; signing out ends it at once."""
    desk.set(idle_minutes=30)
    client = desk.client()
    assert client.get("/queue").status_code == 200
    idle(desk, 20)
    client.post("/decide/beat", data={"case": []})
    client.get("/decide/next")
    assert seen_ago(desk) > timedelta(minutes=19), "a page that is open is nobody"
    client.get("/queue")
    assert seen_ago(desk) < timedelta(minutes=1)
    idle(desk, 31)
    assert client.get("/queue?text=a%20b").headers["location"] == "/sign-in?then=%2Fqueue%3Ftext%3Da%2520b&ended=true"
    assert "Your session ended" in client.get("/sign-in?ended=true").text
    client = desk.client()
    assert client.post("/sign-out").headers["location"] == "/sign-in"
    assert client.get("/queue").status_code == 303


def test_after_signing_in_one_is_back_where_one_was(desk: Opened) -> None:
    """What somebody did when their session had ended leads back to its page, never to another's; a page that puts an
    answer into itself, too.
    """
    client, to = desk.client(None), "/sign-in?then={}&ended=true"
    page = "/case?case=pair&left=a%3A1&right=b%3A2"
    for header in ("referer", "hx-current-url"):
        more = {"hx-request": "true"} if header.startswith("hx") else {}
        for said, then in ((f"https://desk.example{page}", page), ("https://evil.example/x", "/"), ("http://[", "/")):
            answer = client.post("/case/comment", headers={header: said, **more})
            told = answer.headers.get("location") or answer.headers["hx-redirect"]
            assert told == to.format(quote(then, safe="")), (header, said)


def test_an_old_session_is_not_taken_over(desk: Opened) -> None:
    """Signing in gives another session than any that the browser had (session fixation)."""
    client = desk.client()
    before = client.cookies["goldseam"]
    client.post("/sign-in", data={"name": "stella", "password": PASSWORD})
    assert desk.store.session(before, 60) is None
