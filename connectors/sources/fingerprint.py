"""A digest of what a source would give: equal digests, equal rows, nothing to read."""

import hashlib
import json

import pyarrow as pa

from connectors.sources.places.arrivals import Arrival
from rules.schema import Source

READER = "2"
"""Raised whenever the readers give other rows for the same files, so that everything is read anew once."""
SAID_ONLY = {"owner", "essential", "duplicate_free", "trust", "patience"}
"""Settings that say something about a source and change none of its records."""


def settings(source: Source) -> str:
    """A digest of the declaration."""
    said = source.model_dump(mode="json", exclude=SAID_ONLY)
    return _digest(json.dumps([READER, said], sort_keys=True).encode())


def of_files(arrival: Arrival) -> str | None:
    """Settings and content of every file; None where only reading tells (a database). Raises SourceFailed."""
    source = arrival.source
    if arrival.hands is None:
        return None
    digests = arrival.digests()
    if source.files == "new":  # whatever was ever landed, and what is landed now
        seen = sorted({*arrival.known.digests, *digests.values()})
    else:
        seen = [f"{name}\0{digest}" for name, digest in digests.items()]
    return f"{settings(source)}:{_digest(chr(10).join(seen).encode())}"


def of_rows(source: Source, raw: pa.Table) -> str:
    """Settings and content of the rows, whatever their order."""
    hashes = sorted(raw["_hash"].to_pylist())
    return f"{settings(source)}:{_digest(chr(10).join(hashes).encode())}"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]
