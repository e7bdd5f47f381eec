"""Files behind an address (SFTP, S3-compatible, HTTP, and what else fsspec knows), fetched to a temporary folder.

Credentials come from the environment (`env:NAME` holds the whole address) or from the usual places of each protocol
(SSH agent and ~/.ssh, the AWS variables and files). No message holds a password.
"""

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from connectors.sources.base import SourceFailed
from connectors.sources.failing import FULL
from connectors.sources.places import Listed, Listing, shown
from connectors.sources.places.patience import Sign

MOST_BYTES: Final = 4 << 30
"""Of one file; a larger one is refused before it fills the disk."""
BLOCK: Final = 1 << 20
LONGEST: Final = 60
"""Times its patience that one file may take: a server that sends for ever gives signs of life as well."""
YOUNG: Final = 2.0
"""Seconds for which a time of change says nothing: the file may change again within the same second."""
MAGIC: Final = "*["
"""Wildcards in the path of an address, in which ? begins the query."""
EXTRAS: Final = {"sftp": "sftp", "ssh": "sftp", "s3": "s3", "s3a": "s3", "http": "http", "https": "http"}
"""Protocol -> the extra of Goldseam that brings its library."""
VERSIONS: Final = ("ETag", "etag", "Content-MD5", "Digest", "checksum", "md5Hash", "content_md5")
MODIFIED: Final = ("mtime", "LastModified", "Last-Modified", "last_modified", "modified", "updated")
"""How fsspec's file systems call what we ask for."""


class Remote:
    """One address. Connects when it is first looked at; `close` removes what was fetched."""

    def __init__(self, url: str, location: str, patience: float) -> None:
        self.url, self.place, self.patience = url, shown(location), patience
        self._system: Any = None
        self._path = ""
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._fetched = 0
        self._closed = False

    def look(self, sign: Sign) -> Listing:
        """The files of the address, by name. Raises SourceFailed."""
        with self._in_words():
            system = self._connected()
            path = urlsplit(self._path).path if "://" in self._path else self._path
            if any(c in path for c in MAGIC):
                return self._matching(system, sign)
            entry = system.info(self._path)
            if entry.get("type") == "directory":
                remedy = "Name the files in it, for example with /*.csv at the end"
                raise SourceFailed("this is a folder, not a file", remedy)
            return Listing((self._listed(entry, ""),))

    def _matching(self, system: Any, sign: Sign) -> Listing:
        base = self._path[: min(self._path.index(c) for c in MAGIC if c in self._path)].rpartition("/")[0] + "/"
        files: list[Listed] = []
        notes: list[str] = []
        for address, entry in system.glob(self._path, detail=True).items():
            sign()
            try:
                whole = entry if entry["type"] != "link" and entry.get("size") is not None else system.info(address)
            except FileNotFoundError:
                notes.append(f"{address.removeprefix(base)} leads nowhere and was left out")
                continue
            file = self._listed({**whole, "name": address}, base)
            if whole["type"] == "file" and not PurePosixPath(file.name).name.startswith((".", "~$")):
                files.append(file)
        for error in getattr(system, "refused", ()):
            raise error
        return Listing(tuple(sorted(files, key=lambda f: f.name)), tuple(notes))

    def bring(self, file: Listed, sign: Sign) -> Path:
        """Fetch a file. Raises SourceFailed where it is too large, changed meanwhile, or does not fit the disk."""
        if (file.size or 0) > MOST_BYTES:
            raise _too_large(file)
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="goldseam-", ignore_cleanup_errors=True)
        self._fetched += 1
        target = Path(self._folder.name) / f"{self._fetched:06d}-{PurePosixPath(file.name).name[-100:]}"
        with self._in_words(file.name):
            size = self._copied(file, target, sign)
        if file.size is not None and size != file.size:
            reason = f"{size:,} bytes came where {file.size:,} were listed: it is still being written, or was cut off"
            raise SourceFailed(reason, "The next run fetches it again", file=file.name, passing=True)
        return target

    def close(self) -> None:
        """Remove what was fetched; a thread that was given up and comes back to life fetches no more."""
        self._closed = True
        if self._folder is not None:
            self._folder.cleanup()
        if hasattr(self._system, "shut"):
            self._system.shut()

    def _connected(self) -> Any:
        if self._system is None:
            scheme = urlsplit(self.url).scheme
            if EXTRAS.get(scheme) == "sftp":
                from connectors.sources.places import sftp

                self._system, self._path = sftp.opened(self.url, self.patience)
                return self._system
            import fsspec

            # Neither connections nor listings of an earlier run: they may be dead or out of date. No compression on
            # the way, so that the size listed is the size that comes.
            options: dict[str, Any] = {"skip_instance_cache": True, "use_listings_cache": False}
            if EXTRAS.get(scheme) == "http":
                options["headers"] = {"Accept-Encoding": "identity"}
            self._system, self._path = fsspec.core.url_to_fs(self.url, **options)
        return self._system

    def _copied(self, file: Listed, target: Path, sign: Sign) -> int:
        """Copy a file block by block; -> its bytes."""
        size, until = 0, time.monotonic() + LONGEST * self.patience
        how = {"block_size": 0} if urlsplit(self.url).scheme in ("http", "https") else {}  # as one stream
        with self._system.open(file.address, "rb", **how) as incoming, target.open("wb") as out:
            if hasattr(incoming, "prefetch"):
                incoming.prefetch(file.size)  # SFTP answers block by block; asked ahead, ten times as fast
            while not self._closed and (block := incoming.read(BLOCK)):
                sign()
                size += len(block)
                if size > MOST_BYTES:
                    raise _too_large(file)
                if time.monotonic() > until:
                    raise _endless(file, LONGEST * self.patience)
                out.write(block)
        return size

    def _listed(self, entry: dict[str, Any], base: str) -> Listed:
        address = str(entry["name"])
        name = address.removeprefix(base) if base else PurePosixPath(urlsplit(address).path).name
        modified = next((_seconds(entry[key]) for key in MODIFIED if entry.get(key)), None)
        version = next((str(entry[key]) for key in VERSIONS if entry.get(key)), None)
        if version is None and modified is not None and time.time() - modified > YOUNG:
            version = f"modified {modified}"
        return Listed(
            unquote(name) if "://" in address else name, address, entry.get("size"), modified, version=version
        )

    @contextlib.contextmanager
    def _in_words(self, file: str = "") -> Iterator[None]:
        try:
            yield
        except SourceFailed as failure:
            failure.file = failure.file or file or self.place
            raise
        except ImportError as error:
            raise self._missing_library(error) from error
        except FileNotFoundError as error:
            if _another_cause(error.__cause__):
                raise self._unreadable(error.__cause__, file) from error
            raise SourceFailed("there is no such file", "Correct `location`", file=file or self.place) from error
        except OSError as error:
            raise (_no_room(error) if error.errno in FULL else self._unreadable(error, file)) from error
        except Exception as error:  # each protocol has a library of its own, with errors of its own
            raise self._unreadable(error, file) from error

    def _unreadable(self, error: BaseException | None, file: str) -> SourceFailed:
        reason = f"the place could not be read: {self._said(error)}"
        remedy = "Check the address, the network and the rights"
        return SourceFailed(reason, remedy, file=file or self.place)

    def _missing_library(self, error: ImportError) -> SourceFailed:
        scheme = urlsplit(self.url).scheme
        extra = EXTRAS.get(scheme)
        remedy = (
            f"Install it: pip install 'goldseam[{extra}]'" if extra else f"Install the library: {self._said(error)}"
        )
        return SourceFailed(f"the library for {scheme}:// is not installed", remedy, file=self.place)

    def _said(self, error: BaseException | None) -> str:
        """What a library says, without what is secret in the address."""
        said = f"{error}".splitlines()[0] if str(error) else type(error).__name__
        parts = urlsplit(self.url)
        secrets = {self.url, parts.password or "", parts.query, unquote(parts.password or "")}
        for secret in sorted(filter(None, secrets), key=len, reverse=True):
            said = said.replace(secret, "…")
        return shown(said)


def _another_cause(cause: BaseException | None) -> bool:
    """fsspec calls whatever goes wrong by HTTP a missing file: a refusal, a server that is not there."""
    status = getattr(cause, "status", None)
    return status != 404 if status else isinstance(cause, OSError) and not isinstance(cause, FileNotFoundError)


def _no_room(error: OSError) -> SourceFailed:
    reason = f"no room for what is fetched in {tempfile.gettempdir()}: {os.strerror(error.errno or 0).lower()}"
    return SourceFailed(reason, "Make room there, or set TMPDIR to a folder on a larger disk")


def _too_large(file: Listed) -> SourceFailed:
    reason = f"it is larger than {MOST_BYTES >> 20:,} MB and was refused"
    return SourceFailed(reason, "Ask its sender for a smaller export", file=file.name)


def _endless(file: Listed, seconds: float) -> SourceFailed:
    reason = f"it still came after {seconds:,.0f} seconds and was given up"
    return SourceFailed(
        reason, "Check the address; a large file from a slow place needs more `patience`", file=file.name
    )


def _seconds(value: Any) -> float | None:
    """A time as file systems give it, in seconds since 1970."""
    if isinstance(value, str):
        try:
            value = parsedate_to_datetime(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    return float(value) if isinstance(value, int | float) else None
