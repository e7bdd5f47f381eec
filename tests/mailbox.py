"""A mail server and a web server of this process, that keep what they are sent."""

import datetime
import socketserver
import ssl
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "localhost"
USER, PASSWORD = "goldseam", "open sesame"


@dataclass
class Mailbox:
    """A mail server: its port and the mails that it took."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    logged_in: list[str] = field(default_factory=list)
    refused: frozenset[str] = frozenset()
    """Addresses that it takes no mail for."""
    tls: ssl.SSLContext | None = None
    """Of STARTTLS."""


@contextmanager
def smtp(
    tls: ssl.SSLContext | None = None, at_once: bool = False, refused: frozenset[str] = frozenset()
) -> Iterator[Mailbox]:
    """As much of SMTP (RFC 5321) as a client needs to hand in a mail; `at_once`: TLS from the first byte."""
    box = Mailbox(tls=None if at_once else tls, refused=refused)
    handler = type("Handler", (_Smtp,), {"box": box})

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

        def get_request(self) -> Any:
            connection, client = super().get_request()
            return (tls.wrap_socket(connection, server_side=True) if tls and at_once else connection), client

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that hangs up in the middle."""

    with Server(("127.0.0.1", 0), handler) as server:
        box.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield box
        server.shutdown()


class _Smtp(socketserver.StreamRequestHandler):
    box: Mailbox

    def handle(self) -> None:
        self.encrypted = False
        self.say("220 test")
        while line := self.rfile.readline().decode().strip():
            verb, _, rest = line.partition(" ")
            answers = {"STARTTLS": self.starttls, "AUTH": self.auth, "RCPT": self.rcpt, "DATA": self.data}
            self.say({"EHLO": self.offers, "QUIT": _bye, **answers}.get(verb.upper(), _ok)(rest))

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())
        if line.startswith("220 go") and self.box.tls:
            self.connection = self.box.tls.wrap_socket(self.connection, server_side=True)
            self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)

    def offers(self, _: str) -> str:
        offers = ["test", *(["STARTTLS"] if self.box.tls and not self.encrypted else []), "AUTH PLAIN"]
        return "\r\n".join(f"250{' ' if offer == offers[-1] else '-'}{offer}" for offer in offers)

    def starttls(self, _: str) -> str:
        self.encrypted = True
        return "220 go"

    def auth(self, rest: str) -> str:
        _, user, password = b64decode(rest.split()[1]).decode().split("\0")
        if (user, password) != (USER, PASSWORD):
            return "535 no"
        self.box.logged_in.append(user)
        return "235 welcome"

    def rcpt(self, rest: str) -> str:
        return "550 nobody here" if rest.partition("<")[2].partition(">")[0] in self.box.refused else "250 ok"

    def data(self, _: str) -> str:
        self.say("354 send")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        self.box.mails.append(message_from_bytes(b"".join(lines), policy=policy.default))  # type: ignore[arg-type]
        return "250 taken"


def _ok(_: str) -> str:
    return "250 ok"


def _bye(_: str) -> str:
    return "221 bye"


@dataclass
class Called:
    """A web server: its address, and each call as (path, content type, body)."""

    url: str = ""
    calls: list[tuple[str, str, bytes]] = field(default_factory=list)
    answer: int = 200

    @property
    def paths(self) -> list[str]:
        return [path for path, _, _ in self.calls]


@contextmanager
def web() -> Iterator[Called]:
    """Takes whatever is posted to it."""
    called = Called()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            called.calls.append((self.path, self.headers["Content-Type"], body))
            self.send_response(called.answer)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        called.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield called
        server.shutdown()


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate for localhost (PEM) and the context of a server that shows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    public, private = folder / "cert.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context
