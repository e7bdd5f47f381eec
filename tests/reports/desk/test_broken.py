"""What is said where the database is taken by others, or something breaks: never more than is known."""

import logging
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import OperationalError

from connectors.store.desk.acts import Acts
from connectors.store.desk.audit import Audit, Noted
from reports.desk import app
from tests.reports.desk.firm import Opened

TAKEN = OperationalError("insert into audit", {}, Exception("database is locked"))


def answered(desk: Opened) -> Any:
    told = {"answer": "different", "seen": "0", "reason": "two people", **desk.case().asked()}
    return desk.client().post("/case/answer", data=told)


def taken(monkeypatch: pytest.MonkeyPatch, where: type, name: str, times: int) -> None:
    """Somebody else has the database, so many times."""
    rest, real = [TAKEN] * times, getattr(where, name)

    def refused(*args: Any, **more: Any) -> Any:
        if rest:
            raise rest.pop()
        return real(*args, **more)

    monkeypatch.setattr(where, name, refused)


def test_a_taken_database_is_said_to_be_busy(desk: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks loads the page again; whoever acts looks whether it stands first, for nobody knows."""
    taken(monkeypatch, Audit, "note", 1)
    golden = desk.store.crosswalk().column("golden_id")[0].as_py()
    looked = desk.client("vera").get(f"/customers/{golden}")
    assert looked.status_code == 503
    assert "Load the page again" in looked.text
    taken(monkeypatch, Acts, "act", 1)
    acted = answered(desk)
    assert acted.status_code == 503
    assert "Look whether your answer stands" in acted.text
    assert "Nothing was recorded" not in looked.text + acted.text


def test_what_breaks_does_not_say_that_nothing_was_recorded(desk: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """An act may stand when what follows it breaks."""

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("of a program")

    monkeypatch.setattr(Audit, "note", broken)
    client = TestClient(app.desk(desk.service), "https://desk.example", raise_server_exceptions=False)
    token, csrf = desk.store.open_session("stella", 1)
    client.cookies.set("goldseam", token)
    told = {"answer": "different", "seen": "0", "csrf": csrf, **desk.case().asked()}
    answer = client.post("/case/answer", data=told, headers={"accept": "text/html"})
    assert answer.status_code == 500
    assert "Nothing was recorded" not in answer.text
    assert "Look whether" in answer.text


def test_an_answer_that_stands_is_told_so(desk: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever becomes of its entry in the audit log."""
    for nth, times in enumerate((1, 2)):
        case = desk.case(nth)
        client = desk.client()
        taken(monkeypatch, Audit, "note", times)
        told = client.post("/case/answer", data={"answer": "different", "seen": "0", **case.asked()})
        assert told.status_code in (200, 303)
        assert len(desk.store.acts(case=case)) == 1
    assert len(desk.store.noted(Noted(action="answered different"))) == 1


@pytest.mark.parametrize(("times", "noted"), [(1, 1), (2, 0)])
def test_an_act_stands_though_its_note_waits(
    desk: Opened, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, times: int, noted: int
) -> None:
    """The audit log is tried twice; then the desk's log says what is missing, without whose it was."""
    taken(monkeypatch, Audit, "note", times)
    with caplog.at_level(logging.ERROR):
        desk.store.note_act("stella", "answered same", "sales:1 sales:2")
    assert len(desk.store.noted(Noted())) == noted
    told = caplog.text
    assert ("answered same" in told) is (noted == 0)
    assert "stella" not in told
    assert "sales:1" not in told
