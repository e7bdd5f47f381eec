"""Files of records (webhook payloads, address cards, invoices): those of one folder are read together, as one table."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa

from connectors.sources import KINDS, any_table, sniff
from connectors.sources.base import Grid, SourceFailed
from connectors.sources.places import Fetched, Place
from rules.schema import Source

TOGETHER: Final = frozenset({"webhook", "vcard", "e_invoice"})
"""Kinds of which every file holds a record or a few, all under the same columns."""
DAMAGED: Final = frozenset({"", "text", "empty", "binary"})
"""What a damaged file of records may look like: its reader says what is wrong with it, and the others go on."""


@dataclass(frozen=True)
class Group:
    """Files that are read together; `path` is their folder, or the one file."""

    path: Path
    files: tuple[Path, ...]
    format: str = ""
    """The most frequent format (a key of sniff.WORDS) of files of records; empty where it is a file by itself."""


def groups(paths: Sequence[Path]) -> list[Group]:
    """The files in their order, those of records together by folder and kind; one file stays by itself."""
    if len(paths) < 2:
        return [Group(path, (path,)) for path in paths]
    forms = {path: _form(path) for path in paths}
    kinds = {path: (path.parent, sniff.KIND_FOR.get(form, "")) for path, form in forms.items()}
    endings = {(p.parent, p.suffix.lower()): kind for p, kind in kinds.items() if kind[1] in TOGETHER}
    for path, form in forms.items():
        if form in DAMAGED:
            kinds[path] = endings.get((path.parent, path.suffix.lower()), kinds[path])
    together: dict[tuple[Path, str], list[Path]] = {}
    for path, kind in kinds.items():
        together.setdefault(kind if kind[1] in TOGETHER else (path, ""), []).append(path)
    return [_group(files, forms) for files in together.values()]


def _group(files: Sequence[Path], forms: dict[Path, str]) -> Group:
    if len(files) == 1:
        return Group(files[0], tuple(files))
    known = [forms[path] for path in files if forms[path] not in DAMAGED]
    return Group(files[0].parent, tuple(files), max(dict.fromkeys(known), key=known.count))


def _form(path: Path) -> str:
    try:
        return sniff.sniff(path) if path.is_file() else ""
    except (SourceFailed, OSError):  # which is said when it is read
        return ""


def read(files: Sequence[Path], form: str, source: Source) -> tuple[Grid, pa.Table]:
    """The records of some files as one table, and the facts among them. Raises SourceFailed where there is none."""
    kind = sniff.KIND_FOR[form]
    name = files[0].name if len(files) == 1 else files[0].parent.name
    location = Fetched.at(name, tuple(Place(path, path.name) for path in files))
    landed = KINDS[kind](name, source.model_copy(update={"kind": kind, "location": location}), files[0].parent)
    return any_table.as_grid(landed, name, None, form), landed.facts
