"""Servers of files for tests, on this machine and in this process: HTTP, S3, SFTP, and one that never answers."""

import hashlib
import os
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import paramiko

HOST = "127.0.0.1"
PASSWORD = "p@ss/word"  # noqa: S105 - of a server that lives for one test


@dataclass
class Served:
    """A server: its port, the files it gives (path -> content), and how often each was fetched."""

    port: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    fetched: Counter[str] = field(default_factory=Counter)
    versions: bool = True
    """Whether it says ETag and Last-Modified."""


@contextmanager
def http() -> Iterator[Served]:
    """Files by HTTP, folders as pages of links; /refused answers 403."""
    with _web(_Web) as served:
        yield served


@contextmanager
def s3() -> Iterator[Served]:
    """As much of the S3 protocol as reading needs: ListObjectsV2, HEAD and GET of `/bucket/key`."""
    with _web(_S3) as served:
        yield served


@contextmanager
def _web(handler: type[BaseHTTPRequestHandler]) -> Iterator[Served]:
    served = Served()
    server = ThreadingHTTPServer((HOST, 0), type("Handler", (handler,), {"served": served}))
    served.port = server.server_port
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()


class _Web(BaseHTTPRequestHandler):
    served: Served

    def log_message(self, *_: Any) -> None:
        """Quiet."""

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def do_GET(self) -> None:
        self.answer(body=True)

    def answer(self, body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        if path == "/refused":
            return self.say(403, b"", body)
        if path in self.served.files:
            self.served.fetched[path] += body
            return self.say(200, self.served.files[path], body)
        inside = [name for name in self.served.files if path.endswith("/") and name.startswith(path)]
        page = "".join(f'<a href="{name}">{name}</a>' for name in inside).encode()
        return self.say(200 if inside else 404, page, body, "text/html")

    def say(self, status: int, content: bytes, body: bool, kind: str = "text/csv") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        if self.served.versions and status == 200:
            self.send_header("ETag", f'"{hashlib.md5(content).hexdigest()}"')  # noqa: S324 - as such servers do
            self.send_header("Last-Modified", formatdate(1_700_000_000 + len(content), usegmt=True))
        self.end_headers()
        if body:
            self.wfile.write(content)


class _S3(_Web):
    def answer(self, body: bool) -> None:
        asked = urlsplit(self.path)
        query = parse_qs(asked.query)
        if "list-type" not in query:
            return super().answer(body)
        bucket = asked.path.strip("/")
        prefix = f"/{bucket}/" + query.get("prefix", [""])[0]
        entries = "".join(
            f"<Contents><Key>{name.removeprefix(f'/{bucket}/')}</Key><Size>{len(content)}</Size>"
            f"<LastModified>2026-01-01T00:00:{len(content) % 60:02d}.000Z</LastModified>"
            f"<ETag>&quot;{hashlib.md5(content).hexdigest()}&quot;</ETag></Contents>"  # noqa: S324 - as S3 does
            for name, content in sorted(self.served.files.items())
            if name.startswith(prefix)
        )
        page = f"<ListBucketResult><Name>{bucket}</Name><IsTruncated>false</IsTruncated>{entries}</ListBucketResult>"
        return self.say(200, page.encode(), body, "application/xml")


# --- SFTP ---------------------------------------------------------------------------------------------------


@dataclass
class Sftp:
    """An SFTP server over a folder of this machine, for the user maria with PASSWORD."""

    port: int
    folder: Path
    key: paramiko.PKey
    fetched: Counter[str] = field(default_factory=Counter)
    closed: str = "closed"
    """Name of the folders that nobody may list."""

    def known_as(self, key: paramiko.PKey) -> str:
        """The line of ~/.ssh/known_hosts that says so."""
        return f"[{HOST}]:{self.port} {key.get_name()} {key.get_base64()}\n"


@contextmanager
def sftp(folder: Path) -> Iterator[Sftp]:
    with socket.create_server((HOST, 0)) as listener:
        server = Sftp(listener.getsockname()[1], folder, paramiko.ECDSAKey.generate())
        threading.Thread(target=_serve, args=(listener, server), daemon=True).start()
        yield server


def _serve(listener: socket.socket, server: Sftp) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:  # the test is over
            return
        transport = paramiko.Transport(connection)
        transport.add_server_key(server.key)
        transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _Files, server)
        transport.start_server(server=_Door())


class _Door(paramiko.ServerInterface):
    """Lets maria in."""

    def check_auth_password(self, username: str, password: str) -> int:
        right = (username, password) == ("maria", PASSWORD)
        return int(paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED)

    def check_channel_request(self, kind: str, chanid: int) -> int:  # noqa: ARG002 - the base's
        return int(paramiko.OPEN_SUCCEEDED)


class _Files(paramiko.SFTPServerInterface):
    def __init__(self, door: _Door, served: Sftp) -> None:
        super().__init__(door)
        self.served = served

    def _path(self, path: str) -> str:
        return f"{self.served.folder}/{path.lstrip('/')}"

    def list_folder(self, path: str) -> Any:
        if Path(path).name == self.served.closed:
            return paramiko.SFTP_PERMISSION_DENIED
        try:
            found = []
            for entry in os.scandir(self._path(path)):
                attributes = paramiko.SFTPAttributes.from_stat(entry.stat(follow_symlinks=False))
                attributes.filename = entry.name
                found.append(attributes)
            return found
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    def stat(self, path: str) -> Any:
        try:
            return paramiko.SFTPAttributes.from_stat(os.stat(self._path(path)))
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)

    lstat = stat

    def open(self, path: str, flags: int, attr: Any) -> Any:  # noqa: ARG002 - the base's
        try:
            handle = paramiko.SFTPHandle(flags)
            handle.readfile = Path(self._path(path)).open("rb")  # noqa: SIM115 - the handle closes it
            self.served.fetched[Path(path).name] += 1
            return handle
        except OSError as error:
            return paramiko.SFTPServer.convert_errno(error.errno)


# --- silence ------------------------------------------------------------------------------------------------


@contextmanager
def silent() -> Iterator[int]:
    """The port of a server that accepts and never answers."""
    with socket.create_server((HOST, 0)) as listener:
        yield listener.getsockname()[1]
