"""A backup as a file: a ZIP whose `manifest.json` knows the SHA-256 of everything in it."""

import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from connectors.private import private

MANIFEST: Final = "manifest.json"
PACKED: Final = (".parquet", ".png", ".gz")
"""Endings of what is not made smaller by packing it once more."""
BLOCK: Final = 1 << 20


class Damaged(Exception):
    """A file that is no backup, or not a whole one; the message says which."""


class Hashed(io.RawIOBase):
    """Writes on, and knows the SHA-256 of what it wrote."""

    def __init__(self, to: IO[bytes]) -> None:
        self._to, self._digest = to, hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._digest.update(data)
        return self._to.write(data)

    def sha256(self) -> str:
        return self._digest.hexdigest()


class Writer:
    """A backup being written. It gets its name in `finish`, when it is whole."""

    def __init__(self, path: Path) -> None:
        self.path, self._draft = path, path.with_name(path.name + ".tmp")
        self._zip = zipfile.ZipFile(self._draft, "w")
        self._files: dict[str, str] = {}

    @contextmanager
    def file(self, name: str) -> Iterator[Hashed]:
        """A file of the backup, to be written."""
        info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        info.compress_type = zipfile.ZIP_STORED if name.endswith(PACKED) else zipfile.ZIP_DEFLATED
        with self._zip.open(info, "w", force_zip64=True) as to:
            hashed = Hashed(to)
            yield hashed
        self._files[name] = hashed.sha256()

    def copy(self, name: str, path: Path) -> None:
        """A file as it lies there."""
        with path.open("rb") as source, self.file(name) as to:
            shutil.copyfileobj(source, to, BLOCK)

    def finish(self, told: dict[str, Any]) -> None:
        """The manifest, and then the name."""
        self._zip.writestr(MANIFEST, json.dumps({**told, "files": self._files}, indent=1, ensure_ascii=False))
        self._zip.close()
        self._draft.replace(self.path)

    def give_up(self) -> None:
        """Leave nothing behind."""
        self._zip.close()
        self._draft.unlink(missing_ok=True)


class Reader:
    """A backup, every file of which is what its manifest says. Raises Damaged."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
            self.manifest = self._zip.read(MANIFEST)
            self.told: dict[str, Any] = json.loads(self.manifest)
            self._files: dict[str, str] = self.told["files"]
            wrong = [name for name in self._files if self._sha256(name) != self._files[name]]
        except (zipfile.BadZipFile, KeyError, ValueError, EOFError) as error:
            message = f"{path} is no whole backup of Goldseam. Take another one"
            raise Damaged(message) from error
        if wrong:
            raise Damaged(f"{path} is damaged ({wrong[0]} is not what was written). Take another backup")

    def names(self, under: str) -> list[str]:
        """Its files whose name begins with this."""
        return [name for name in self._files if name.startswith(under)]

    def extract(self, name: str, to: Path) -> Path:
        """A file of the backup, laid down at a path."""
        private(to.parent)
        with self._zip.open(name) as source, to.open("wb") as file:
            shutil.copyfileobj(source, file, BLOCK)
        return to

    def _sha256(self, name: str) -> str:
        with self._zip.open(name) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # it has what is asked for
