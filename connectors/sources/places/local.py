"""The files of a path or glob on this machine. What is no file is never opened, and no link leads out of the inbox."""

import fnmatch
import os
import re
import stat
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import unquote

from connectors.sources.base import SourceFailed
from connectors.sources.places import MAGIC, Listed, Listing

NO_FILES: Final = (
    (stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a named pipe"), (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"), (stat.S_ISBLK, "a device"),
)  # fmt: skip


def look(where: str, root: Path) -> Listing:
    """The files of a path or glob (or file:// address), by name; relative ones start at `root`.

    Raises SourceFailed where a file or folder is missing or may not be read, and where a link leads out of the
    folder that is trusted: of a relative location the first folder below the workspace, of an absolute glob the
    folder that it searches. The path of a single absolute file is the user's own word.
    """
    where = unquote(where.removeprefix("file://")) if where.startswith("file://") else os.path.normpath(where)
    path = Path(os.path.normpath(root / where))
    try:
        if any(c in where for c in MAGIC) and not os.path.exists(path):
            return _matching(root, where)
        return Listing((_single(path, where, _trusted(root, where)),))
    except PermissionError as error:
        name = str(error.filename or where)
        what = "folder" if os.path.isdir(name) else "file"
        raise SourceFailed(f"the {what} may not be read", "Give this user the right to read it", file=name) from error


def _single(path: Path, where: str, trusted: str | None) -> Listed:
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SourceFailed("there is no such file", _near(path), file=where) from error
    if stat.S_ISDIR(found.st_mode):
        remedy = f"Name the files in it, for example `location: {where.rstrip('/')}/*.csv`"
        raise SourceFailed("this is a folder, not a file", remedy, file=where)
    if what := no_file(found):
        raise SourceFailed(f"this is {what}, not a file", "Put the file itself there", file=where)
    if trusted is not None:
        _demand_inside(os.path.realpath(path), trusted, where)
    with path.open("rb"):
        pass
    return Listed(path.name, str(path), found.st_size, found.st_mtime, found.st_ctime)


def no_file(found: os.stat_result) -> str | None:
    """What it is instead of a file, to be told before it is opened: a pipe waits for ever, a device has no end."""
    if stat.S_ISREG(found.st_mode):
        return None
    return next((words for is_kind, words in NO_FILES if is_kind(found.st_mode)), "something else")


def _near(path: Path) -> str:
    """The likeliest other file of the folder."""
    from rapidfuzz import fuzz, process

    if not path.parent.is_dir():
        return f"There is no folder {path.parent.name!r} either: correct `location`"
    names = sorted(p.name for p in path.parent.iterdir() if p.is_file() and not p.name.startswith("."))
    stems = {name: name.rpartition(".")[0].casefold() for name in names}
    near = process.extractOne(path.stem.casefold(), stems, scorer=fuzz.ratio, score_cutoff=60)
    return f"Did you mean {near[2]!r}?" if near else "Correct `location`, or put the file there"


# --- globs --------------------------------------------------------------------------------------------------


def _matching(root: Path, where: str) -> Listing:
    base, pattern = _divided(where)
    folder = os.path.normpath(root / base)
    if not os.path.isdir(folder):
        raise SourceFailed(f"there is no folder {str(base)!r}", "Correct `location`", file=where)
    trusted = _trusted(root, where) or os.path.realpath(folder)
    real_folder = cache(os.path.realpath)
    found: dict[str, Listed] = {}
    notes: list[str] = []
    for path in sorted(_walk(folder, pattern)):
        name = os.fsencode(PurePosixPath(os.path.relpath(path, folder))).decode("utf-8", "replace")
        parent, last = os.path.split(path)
        real = os.path.realpath(path) if os.path.islink(path) else os.path.join(real_folder(parent), last)
        _demand_inside(real, trusted, name)
        if (state := _regular(path, name, notes)) is None:
            continue
        if real in found:
            notes.append(f"{name} is {found[real].name} again, by a link: it is read once")
            continue
        found[real] = Listed(name, path, state.st_size, state.st_mtime, state.st_ctime)
    return Listing(tuple(sorted(found.values(), key=lambda f: f.name)), tuple(notes))


def _regular(path: str, name: str, notes: list[str]) -> os.stat_result | None:
    """The state of a file; None for a folder, and, with a note, for what is no file."""
    try:
        state = os.stat(path)
    except FileNotFoundError:
        notes.append(f"{name} leads nowhere and was left out")
        return None
    if stat.S_ISDIR(state.st_mode):
        return None
    if what := no_file(state):
        notes.append(f"{name} is {what}, not a file, and was left out")
        return None
    return state


def _divided(where: str) -> tuple[Path, tuple[str, ...]]:
    """The folder above the first part with a wildcard, and the parts from there on."""
    parts = Path(where).parts
    first = next(n for n, part in enumerate(parts) if any(c in part for c in MAGIC))
    return Path(*parts[:first]), parts[first:]


def _walk(folder: str, pattern: Sequence[str]) -> Iterator[str]:
    """Paths that match the parts of a pattern, hidden ones aside; `**` enters no linked folder, so it ends.

    Unlike glob.glob it raises PermissionError for a folder that may not be read: its files would be taken for gone.
    """
    part, rest = pattern[0], pattern[1:]
    if part == "**":
        yield from _walk(folder, rest or ("*",))
        for entry in _entries(folder):
            if entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
                yield from _walk(entry.path, pattern)
    elif not any(c in part for c in MAGIC):
        path = os.path.join(folder, part)
        if os.path.isdir(path) if rest else os.path.lexists(path):
            yield from _walk(path, rest) if rest else [path]
    else:
        matches = re.compile(fnmatch.translate(part)).match
        for entry in _entries(folder):
            if matches(entry.name) and (part.startswith(".") or not entry.name.startswith((".", "~$"))):
                if not rest:
                    yield entry.path
                elif entry.is_dir():
                    yield from _walk(entry.path, rest)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return list(entries)


# --- links --------------------------------------------------------------------------------------------------


def _trusted(root: Path, where: str) -> str | None:
    """The real folder that no link may lead out of; None where the path is the user's own word."""
    first = Path(where).parts[0]
    if os.path.isabs(where) or first == "..":
        return None
    inbox = len(Path(where).parts) > 1 and not any(c in first for c in MAGIC)
    return os.path.join(os.path.realpath(root), first if inbox else "").rstrip(os.sep)


def _demand_inside(real: str, trusted: str, name: str) -> None:
    if real != trusted and not real.startswith(trusted + os.sep):
        remedy = "Put the file itself there, or write the path that the link leads to as `location`"
        raise SourceFailed("this link leads out of the folder and was refused", remedy, file=name)
