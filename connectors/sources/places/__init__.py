"""Where a source's files are: a path, a glob, `env:NAME`, or an address that fsspec understands.

`local.py` looks on this machine, `remote.py` behind an address; `arrivals.py` says which of the files are read.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from connectors.sources.base import SourceFailed

MAGIC: Final = "*?["


@dataclass(frozen=True)
class Place:
    """One file: where it lies now and how people call it (its path from the folder that is searched)."""

    path: Path
    name: str


@dataclass(frozen=True)
class Listed:
    """A file as its place lists it, before anything of it is read."""

    name: str
    address: str
    """How the place itself calls it."""
    size: int | None = None
    """Bytes; None where the place does not say."""
    modified: float | None = None
    """Seconds since 1970 (UTC); None where the place does not say."""
    touched: float | None = None
    """When a file on this machine, its name or its rights were last changed (ctime): nobody can set it back."""
    version: str | None = None
    """What changes whenever the content does (an ETag); None: only the content tells."""


@dataclass(frozen=True)
class Listing:
    """What a place holds, by name; and what it holds that was left out, with the reason."""

    files: tuple[Listed, ...]
    notes: tuple[str, ...] = ()


class Fetched(str):
    """A location whose files are at hand: readers need not look for them again."""

    places: tuple[Place, ...]

    @classmethod
    def at(cls, location: str, places: tuple[Place, ...]) -> "Fetched":
        fetched = cls(location)
        fetched.places = places
        return fetched


def files(location: str, root: Path) -> list[Place]:
    """The files of a location, sorted by name; relative paths start at `root`.

    What is behind an address is at hand only while its source is read (arrivals.gather). Raises SourceFailed.
    """
    if isinstance(location, Fetched):
        return list(location.places)
    from connectors.sources.places import local

    found = local.look(expand(location), root).files
    if not found:
        raise SourceFailed("no file matches", "Correct `location`, or put the files there", file=location)
    return [Place(Path(file.address), file.name) for file in found]


def expand(location: str) -> str:
    """The location itself, or what the environment holds where it says `env:NAME`. Raises SourceFailed."""
    if not location.startswith("env:"):
        return location
    name = location.removeprefix("env:")
    if not os.environ.get(name):
        raise SourceFailed(
            f"the environment variable {name} is not set", f"Set it, for example: export {name}=…", file=location
        )
    return os.environ[name]


def is_address(where: str) -> bool:
    """Whether an expanded location is for fsspec; a file:// address is a path."""
    return "://" in where and not where.startswith("file://")


def shown(location: str) -> str:
    """A location for messages: without user, password and signed query of an address."""
    return re.sub(r"\?\S*", "?…", re.sub(r"(?<=://)[^/\s]*@", "", location)) if "://" in location else location
