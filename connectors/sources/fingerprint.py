"""A digest of what a source would give: equal digests, equal rows, nothing to read."""

import hashlib
import json
from pathlib import Path

import pyarrow as pa

from connectors.sources import places
from rules.schema import Source

READER = "1"
"""Raised whenever the readers give other rows for the same files, so that everything is read anew once."""
SAID_ONLY = {"owner", "essential", "duplicate_free", "trust"}
"""Settings that say something about a source and change none of its records."""


def settings(source: Source) -> str:
    """A digest of the declaration."""
    said = source.model_dump(mode="json", exclude=SAID_ONLY)
    return _digest(json.dumps([READER, said], sort_keys=True).encode())


def of_files(source: Source, root: Path) -> str | None:
    """Settings and content of every file; None where only reading tells (a database). Raises SourceFailed."""
    if source.kind == "sql":
        return None
    seen = hashlib.sha256()
    for place in places.files(source.location, root):
        with place.path.open("rb") as file:
            seen.update(f"{place.name}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode())
    return f"{settings(source)}:{seen.hexdigest()[:32]}"


def of_rows(source: Source, raw: pa.Table) -> str:
    """Settings and content of the rows, whatever their order."""
    hashes = sorted(raw["_hash"].to_pylist())
    return f"{settings(source)}:{_digest(chr(10).join(hashes).encode())}"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]
