"""Which files were meant: names, patterns that the shell left alone, and folders."""

import glob
from collections.abc import Sequence
from pathlib import Path

from connectors.sources.base import SourceFailed

MAGIC = "*?["
SHOWN = 5
"""Folders that are named one by one."""


def expand(words: Sequence[str]) -> list[Path]:
    """The files that some names, patterns and folders stand for, each once, in their order.

    Of a folder: its files by name, hidden ones and those that an office program has open (`~$`) left out.
    Raises SourceFailed where a word stands for none.
    """
    found: dict[Path, None] = {}
    for word in words:
        path = Path(word)
        if path.is_dir():
            found.update(dict.fromkeys(_of_folder(path)))
        elif path.exists() or not any(c in word for c in MAGIC):
            found[path] = None  # a name that is wrong is said when it is opened
        else:
            found.update(dict.fromkeys(_matching(word)))
    return list(found)


def passed_over(words: Sequence[str]) -> list[str]:
    """What of the folders among some words was not looked into, in words: the folders in them."""
    said = []
    for folder in (path for path in map(Path, words) if path.is_dir()):
        if inner := _inner(folder):
            named = ", ".join(path.name for path in inner[:SHOWN]) + (" …" if len(inner) > SHOWN else "")
            what = "1 folder in it was" if len(inner) == 1 else f"{len(inner):,} folders in it were"
            said.append(f"{folder}: {what} not looked into: {named}. Name each, or all files as '{folder}/**/*'")
    return said


def _inner(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))


def _of_folder(folder: Path) -> list[Path]:
    files = sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith((".", "~$")))
    if not files:
        inner = ", ".join(path.name for path in _inner(folder)[:SHOWN])
        remedy = f"Its own folders were not looked into ({inner}): name one of them" if inner else ""
        remedy = remedy or "Name another, or put the files there"
        raise SourceFailed("there is no file in this folder", remedy, file=str(folder))
    return files


def _matching(pattern: str) -> list[Path]:
    files = [p for p in map(Path, sorted(glob.glob(pattern, recursive=True))) if p.is_file()]
    if not files:
        raise SourceFailed("no file matches", "Correct the pattern", file=pattern)
    return files
