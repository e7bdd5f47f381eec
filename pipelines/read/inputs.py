"""Which files were meant: names, patterns that the shell left alone, and folders."""

import glob
from collections.abc import Sequence
from pathlib import Path

from connectors.sources.base import SourceFailed

MAGIC = "*?["


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


def _of_folder(folder: Path) -> list[Path]:
    files = sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith((".", "~$")))
    if not files:
        raise SourceFailed("there is no file in this folder", "Name another, or put the files there", file=str(folder))
    return files


def _matching(pattern: str) -> list[Path]:
    files = [p for p in map(Path, sorted(glob.glob(pattern, recursive=True))) if p.is_file()]
    if not files:
        raise SourceFailed("no file matches", "Correct the pattern", file=pattern)
    return files
