"""Where a source's files are: a path, a glob, `env:NAME`, or an fsspec URL."""

import glob
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from connectors.sources.base import SourceFailed

MAGIC = "*?["


@dataclass(frozen=True)
class Place:
    """One file: where it lies now and how people call it (its path from the folder that is searched)."""

    path: Path
    name: str


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


def files(location: str, root: Path) -> list[Place]:
    """The files of a location, sorted by name; relative paths start at `root`. Raises SourceFailed if there is none."""
    where = expand(location)
    if "://" in where:
        return _remote(where)
    path = root / where
    if not any(c in where for c in MAGIC):
        _demand_file(path, where)
        return [Place(path, path.name)]
    return _matching(root, where)


def _demand_file(path: Path, where: str) -> None:
    try:
        if path.is_dir():
            remedy = f"Name the files in it, for example `location: {where.rstrip('/')}/*.csv`"
            raise SourceFailed("this is a folder, not a file", remedy, file=where)
        if not path.exists():
            raise SourceFailed("there is no such file", _near(path), file=where)
        with path.open("rb"):
            pass
    except PermissionError as error:
        raise SourceFailed("the file may not be read", "Give this user the right to read it", file=where) from error


def _near(path: Path) -> str:
    """The likeliest other file of the folder."""
    from rapidfuzz import fuzz, process

    if not path.parent.is_dir():
        return f"There is no folder {path.parent.name!r} either: correct `location`"
    names = sorted(p.name for p in path.parent.iterdir() if p.is_file() and not p.name.startswith("."))
    stems = {name: name.rpartition(".")[0].casefold() for name in names}
    near = process.extractOne(path.stem.casefold(), stems, scorer=fuzz.ratio, score_cutoff=60)
    return f"Did you mean {near[2]!r}?" if near else "Correct `location`, or put the file there"


def _matching(root: Path, where: str) -> list[Place]:
    base = root / _fixed_part(where)
    inside = base.resolve()
    found = []
    for match in sorted(glob.glob(where, root_dir=root, recursive=True)):
        file = root / match
        if not file.is_file() or file.name.startswith(("~$", ".")):
            continue
        if not file.resolve().is_relative_to(inside):
            reason = "this link points out of the folder and was refused"
            raise SourceFailed(reason, "Put the file itself there", file=str(file.relative_to(base)))
        found.append(Place(file, PurePosixPath(file.relative_to(base)).as_posix()))
    if not found:
        raise SourceFailed("no file matches", "Correct `location`, or put the files there", file=where)
    return found


def _fixed_part(where: str) -> Path:
    """The folder above the first part with a wildcard."""
    parts = []
    for part in Path(where).parts:
        if any(c in part for c in MAGIC):
            break
        parts.append(part)
    return Path(*parts)


def _remote(url: str) -> list[Place]:
    """Files behind an fsspec URL, copied to a temporary folder that ends with the process."""
    import fsspec

    try:
        system, path = fsspec.core.url_to_fs(url)
        found = sorted(system.glob(path)) if any(c in path for c in MAGIC) else [path]
        target = Path(tempfile.mkdtemp(prefix="goldseam-"))
        places = []
        for number, name in enumerate(found):
            local = target / f"{number:06d}-{PurePosixPath(name).name}"
            system.get_file(name, str(local))
            places.append(Place(local, PurePosixPath(name).name))
    except (OSError, ValueError, ImportError) as error:
        reason = f"the place could not be read: {error or type(error).__name__}"
        raise SourceFailed(reason, "Check the address, the network and the rights", file=url) from error
    if not places:
        raise SourceFailed("no file matches", "Correct `location`", file=url)
    return places
