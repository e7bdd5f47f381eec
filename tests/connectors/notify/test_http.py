"""Webhooks and heartbeats, against a real web server of this process."""

import json

import pytest

from connectors.notify import Message, tell
from connectors.notify.heartbeat import beat
from connectors.notify.message import LONGEST, MOST
from rules.nights import Notify
from tests.mailbox import web

MESSAGE = Message("Goldseam, A & B: failed", ("crm: <no such file>",), "https://x.example/s")


def notify(shape: str) -> Notify:
    return Notify.model_validate({"webhook": {"url": "env:HOOK", "shape": shape}})


def test_slack_reads_text_in_its_own_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    """`{"text": …}`, with &, < and > as Slack wants them."""
    with web() as called:
        monkeypatch.setenv("HOOK", f"{called.url}/services/T/B/x")
        assert tell(notify("slack"), MESSAGE) == []
    ((path, kind, body),) = called.calls
    assert (path, kind) == ("/services/T/B/x", "application/json; charset=utf-8")
    assert json.loads(body) == {
        "text": "*Goldseam, A &amp; B: failed*\n• crm: &lt;no such file&gt;\nhttps://x.example/s"
    }


def test_teams_reads_an_adaptive_card(monkeypatch: pytest.MonkeyPatch) -> None:
    """A message with one card: the headline, the lines, and the link as a button; a path is shown as text."""
    with web() as called:
        monkeypatch.setenv("HOOK", called.url)
        assert tell(notify("teams"), MESSAGE) == []
        assert tell(notify("teams"), Message("h", (), "/srv/firm/scorecard.html")) == []
    first, second = (json.loads(body) for _, _, body in called.calls)
    (card,) = [a["content"] for a in first["attachments"]]
    assert first["type"] == "message"
    assert card["type"] == "AdaptiveCard"
    assert [block["text"] for block in card["body"]] == [MESSAGE.headline, *MESSAGE.lines]
    assert card["actions"] == [{"type": "Action.OpenUrl", "title": "Scorecard", "url": MESSAGE.link}]
    assert second["attachments"][0]["content"]["body"][-1]["text"] == "/srv/firm/scorecard.html"


def test_a_heartbeat_begins_ends_and_fails_at_three_addresses() -> None:
    """The shape of healthchecks.io; a query stays where it belongs; without an address nothing is called."""
    with web() as called:
        for what in ("start", "", "fail"):
            assert beat(f"{called.url}/ping/uuid?rid=1", what, "said") == []  # type: ignore[arg-type]  # of a loop
        assert beat(None, "start") == []
    assert called.paths == ["/ping/uuid/start?rid=1", "/ping/uuid?rid=1", "/ping/uuid/fail?rid=1"]
    assert called.calls[0][2] == b"said"


def test_what_went_wrong_is_said_without_the_address_which_is_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal, nobody there, no variable, no address: each a sentence, none raised."""
    with web() as called:
        called.answer = 410
        monkeypatch.setenv("HOOK", f"{called.url}/secret")
        assert tell(notify("slack"), MESSAGE) == ["the webhook was not called: it answered 410 Gone"]
    assert tell(notify("slack"), MESSAGE) == [
        "the webhook was not called: it could not be reached (Connection refused)"
    ]
    monkeypatch.setenv("HOOK", "file:///etc/passwd")
    assert "neither with https:// nor with http://" in tell(notify("slack"), MESSAGE)[0]
    monkeypatch.delenv("HOOK")
    assert tell(notify("slack"), MESSAGE) == ["the webhook was not called: the environment variable HOOK is not set"]


def test_a_message_is_cut_where_it_goes_on_and_on() -> None:
    """Nobody reads ten thousand reasons in a chat, and chats refuse them."""
    told = Message("h", ("x" * 5000, *map(str, range(100)))).told()
    assert len(told[0]) == LONGEST
    assert told[-1] == f"… and {101 - MOST} more"
