"""Which of the files that were found are read: all, the newest or the new ones; none that is still being written."""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from connectors.sources.base import SourceFailed
from connectors.sources.places import Listed, Listing
from connectors.sources.places.hands import Hands
from connectors.sources.places.known_files import Known

UNFINISHED: Final = (".part", ".partial", ".tmp", ".crdownload", ".filepart", ".opdownload", ".download")
"""How programs call a file that they are still writing or fetching."""
YOUNG: Final = 2.0
"""Seconds after which a file on this machine that did not change is believed to be whole."""
PAUSE = 0.25
"""Seconds between the two looks at files that may still grow: one pause a source, however many files."""
SHOWN: Final = 5
"""Files that a note names one by one."""


@dataclass(frozen=True)
class Choice:
    """The files to read, and what is to be said about the others."""

    files: tuple[Listed, ...] = ()
    notes: tuple[str, ...] = ()
    again: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Of `files: new`, files landed before and read again -> the names they had then."""
    landed: Mapping[str, str] = field(default_factory=dict)
    """Of `files: new`, files that are not read, since their content was landed before: name -> SHA-256."""


def settled(listing: Listing, hands: Hands, *, full: bool) -> Choice:
    """The files that are whole.

    Raises SourceFailed where none is, and, with `full`, where one that the last run had is being written anew: left
    out, its records would be taken for gone.
    """
    # A file that is named one by one is read whatever it is called.
    parts = {f.name for f in listing.files if f.name.lower().endswith(UNFINISHED) and not hands.where.endswith(f.name)}
    growing = _growing([file for file in listing.files if file.name not in parts], hands)
    if full and (had := sorted(name for name in growing if name in hands.known)):
        reason = "it is still being written, and without it the records it had would be taken for gone"
        raise SourceFailed(reason, "The next run reads it", file=had[0], passing=True)
    left = sorted(parts | growing)
    files = tuple(file for file in listing.files if file.name not in left)
    if left and not files:
        reason = f"{_are(left)} still being written"
        raise SourceFailed(reason, "The next run reads it", file=hands.location, passing=True)
    return Choice(files, (f"{_are(left)} still being written: left for the next run",) if left else ())


def _growing(files: Collection[Listed], hands: Hands) -> set[str]:
    """Names of files that change between two looks, taken only where a file may: it is young, or far away and new."""
    now = time.time()
    if hands.far:  # its clock may be another
        doubtful = [file for file in files if hands.known.as_it_was(file) is None]
    else:
        doubtful = [file for file in files if now - (file.modified or now) < YOUNG]
    if not doubtful:
        return set()
    time.sleep(PAUSE)
    second = {file.name: _measure(file, hands) for file in hands.look().files}
    return {file.name for file in doubtful if second.get(file.name) != _measure(file, hands)}


def _measure(file: Listed, hands: Hands) -> tuple[int | None, float | None]:
    """What grows while a file is written; a page made anew for each who asks has another time at every look."""
    return (file.size, None if hands.far else file.modified)


def newest(files: Collection[Listed]) -> Choice:
    """The file that was changed last, by name among those of one time."""
    one = max(files, key=lambda f: (f.modified or 0.0, f.name))
    passed = [file.name for file in files if file is not one]
    if not passed:
        return Choice((one,))
    by = "by its time" if one.modified else "by name, since the place says no times"
    return Choice((one,), (f"{one.name} is the newest of {len(files)} files ({by}); passed over: {_some(passed)}",))


def new(files: Collection[Listed], digests: Mapping[str, str], known: Known, *, anew: bool) -> Choice:
    """Files whose content (`digests`: name -> SHA-256) was not landed before; with `anew` those landed before too."""
    chosen: dict[str, Listed] = {}
    again: dict[str, frozenset[str]] = {}
    notes = []
    landed: dict[str, str] = {}
    for file in files:
        digest = digests[file.name]
        if digest in chosen:
            notes.append(f"{file.name} is a copy of {chosen[digest].name}: it is read once")
        elif digest in known.digests and not anew:
            landed[file.name] = digest
        else:
            chosen[digest] = file
            if before := known.names(file.name, digest):
                again[file.name] = before
    if changed := [name for name in again if digests[name] not in known.digests]:
        notes.append(f"{_some(changed)} changed after being landed: read again")
    if chosen and landed:
        what = "1 file landed before was" if len(landed) == 1 else f"{len(landed)} files landed before were"
        notes.append(f"{what} not read again")
    return Choice(tuple(chosen.values()), tuple(notes), again, landed)


def _are(names: Collection[str]) -> str:
    """`a.csv is`, `a.csv, b.csv are`."""
    return f"{_some(names)} {'is' if len(names) == 1 else 'are'}"


def _some(names: Collection[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(list(names)[:SHOWN]) + more
