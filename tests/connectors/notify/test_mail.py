"""Mail, handed in at a real SMTP server of this process."""

from pathlib import Path

import pytest

from connectors.notify import Message, mail
from rules.nights import Mail
from tests.mailbox import HOST, PASSWORD, USER, certificate, smtp

MESSAGE = Message(
    "Goldseam, Ström & Söhne: held", ("2 sources failed", "12 records in quarantine"), "https://x.example/s"
)


def settings(port: int, **more: object) -> Mail:
    said = {"to": ["a@firm.example", "b@firm.example"], "sender": "goldseam@firm.example", "server": HOST, "port": port}
    return Mail.model_validate({"security": "none", **said, **more})


@pytest.fixture
def password(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MAIL_PASSWORD", PASSWORD)
    return "env:MAIL_PASSWORD"


def test_a_mail_says_the_headline_the_lines_and_the_link_to_everybody() -> None:
    """Subject, both receivers, text; marked as automatic, so that no holiday answers it."""
    with smtp() as box:
        assert mail.send(settings(box.port), MESSAGE) == []
    (letter,) = box.mails
    assert letter["Subject"] == MESSAGE.headline
    assert letter["To"] == "a@firm.example, b@firm.example"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content().splitlines() == [MESSAGE.headline, "", *MESSAGE.lines, "", MESSAGE.link]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_password_goes_over_tls_and_comes_from_the_environment(
    security: str, password: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both ways of TLS, with the server's certificate checked."""
    public, context = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    with smtp(context, at_once=security == "tls") as box:
        assert mail.send(settings(box.port, security=security, user=USER, password=password), MESSAGE) == []
    assert box.logged_in == [USER]
    assert len(box.mails) == 1


def test_a_certificate_that_nobody_vouches_for_gets_no_mail(tmp_path: Path, password: str) -> None:
    """Whoever stands between us and the server reads nothing."""
    _, context = certificate(tmp_path)
    with smtp(context) as box:
        (said,) = mail.send(settings(box.port, security="starttls", user=USER, password=password), MESSAGE)
    assert said.startswith(f"no mail was sent by {HOST}:{box.port}:")
    assert "certificate" in said.lower()
    assert box.logged_in == box.mails == []


def test_a_server_without_tls_gets_neither_password_nor_mail(password: str) -> None:
    """STARTTLS that a server does not offer is no reason to send in the clear."""
    with smtp() as box:
        (said,) = mail.send(settings(box.port, security="starttls", user=USER, password=password), MESSAGE)
    assert "STARTTLS" in said
    assert box.logged_in == box.mails == []


def test_what_went_wrong_is_said_and_never_raised(
    password: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong password, a variable that is not set, no server, an unknown receiver: each a sentence."""
    public, context = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(public))
    with smtp(context, refused=frozenset({"b@firm.example"})) as box:
        secret = {"security": "starttls", "user": USER, "password": password}
        assert mail.send(settings(box.port, **secret), MESSAGE) == [
            f"{HOST}:{box.port} refused b@firm.example; the others were sent the mail"
        ]
        monkeypatch.setenv("MAIL_PASSWORD", "wrong")
        (wrong,) = mail.send(settings(box.port, **secret), MESSAGE)
        monkeypatch.delenv("MAIL_PASSWORD")
        (unset,) = mail.send(settings(box.port, **secret), MESSAGE)
    (gone,) = mail.send(settings(box.port), MESSAGE)
    assert wrong == f"no mail was sent: {HOST}:{box.port} refused the user {USER} or the password"
    assert unset == "no mail was sent: the environment variable MAIL_PASSWORD is not set"
    assert "Connection refused. Check `server`, `port` and `security`" in gone
