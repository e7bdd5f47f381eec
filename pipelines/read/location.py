"""Where the files of a source are, as its declaration says it: one path, or a pattern that names these files."""

import glob
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from itertools import takewhile
from pathlib import Path
from typing import Final

MAGIC: Final = "*?["


def pattern(folder: Path, wanted: Sequence[Path], allowed: Iterable[Path], *, narrow: bool = False) -> str | None:
    """A pattern for names that matches every wanted file of a folder and none but those allowed; None: there is none.

    By the ending, all files, or how their names begin; `narrow`: first how they begin.
    """
    names, others = [path.name for path in wanted], {path.name for path in allowed}
    there = [p.name for p in folder.iterdir() if p.is_file() and not p.name.startswith((".", "~$"))]
    candidates = list(_candidates(names))
    for one in reversed(candidates) if narrow else candidates:
        found = {name for name in there if fnmatchcase(name, one)}
        if found.issuperset(names) and found <= others:
            return one
    return None


def _candidates(names: Sequence[str]) -> Iterator[str]:
    endings = {Path(name).suffix for name in names}
    ending = glob.escape(endings.pop()) if len(endings) == 1 else ""
    if ending:
        yield f"*{ending}"
    yield "*"
    stems = sorted(Path(name).stem for name in names)
    begun = "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(stems[0], stems[-1], strict=False)))
    for start in dict.fromkeys((begun, begun.rstrip("0123456789"))):
        if start:
            yield f"{glob.escape(start)}*{ending}"


def commonest(wanted: Sequence[Path]) -> str:
    """The pattern of the most frequent ending, where no pattern names all of the files."""
    endings = [path.suffix for path in wanted]
    return f"*{glob.escape(max(dict.fromkeys(endings), key=endings.count))}"


def of_folder(folder: Path, wanted: Sequence[Path], allowed: Iterable[Path]) -> tuple[Path, list[Path]]:
    """The pattern of a folder's files, and those of them that it does not name."""
    name = pattern(folder, wanted, allowed) or commonest(wanted)
    place = Path(glob.escape(str(folder.resolve()))) / name
    return place, [path for path in wanted if not fnmatchcase(path.name, name)]


def of_files(wanted: Sequence[Path], allowed: Iterable[Path]) -> Path | None:
    """The pattern of files that were named one by one; None where no pattern names these and no others."""
    folders = {path.parent.resolve() for path in wanted}
    if len(folders) != 1:
        return None
    folder = folders.pop()
    name = pattern(folder, wanted, allowed, narrow=True)
    return Path(glob.escape(str(folder))) / name if name else None
