"""`goldseam read --save`: a declaration in a workspace, tried out before it is written."""

import glob
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from connectors import sources
from connectors import workspace as workspaces
from connectors.sources.base import SourceFailed
from connectors.sources.sniff import KIND_FOR
from pipelines.read import declaration, location
from pipelines.read.declaration import Wanted
from pipelines.read.look import Looked, Table
from rules import presets, schema
from rules.keys import own_columns


class Refused(Exception):
    """What was asked for cannot be saved; the words say why and what to do."""


def save(
    looked: Sequence[Looked], path: Path, words: Sequence[str], given: Mapping[str, Any], force: bool
) -> list[str]:
    """Write the declaration of what was read to `sources/NAME.yml`; -> what a person should know about it.

    `words` are the files as they were named, `given` the settings that were. Raises Refused and OSError.
    """
    root = _workspace(path)
    if path.exists() and not force:
        raise Refused(f"{path} is there already: name another, or replace it with --force")
    wanted, left = _wanted(looked, root, words, given)
    for attempt in _attempts(wanted):
        text = declaration.text(attempt)
        problems, same = _tried(text, path, root, wanted.table)
        if same and not problems:
            break
    _write(path, text)
    unnamed = [f"not in this source, for its pattern does not name it: {path.name}" for path in left]
    return [*unnamed, *_left(looked, wanted), *map(str, problems)]


def _workspace(path: Path) -> Path:
    """The folder of the workspace in whose `sources/` a declaration is to be."""
    folder = path.absolute().parent
    if path.suffix not in workspaces.ENDINGS:
        raise Refused(f"a declaration's name ends in .yml: {path.with_suffix('.yml')}")
    if folder.name != "sources" or not (folder.parent / "goldseam.yml").is_file():
        root = path.parent.parent if path.parent.name == "sources" and path.parent.parent != Path() else "my-firm"
        remedy = f"make one with: goldseam init {root}, then --save {root}/sources/{path.name}"
        raise Refused(f"{path} would stand in no workspace: {remedy}")
    if path.name.startswith("."):
        raise Refused(
            f"a file whose name begins with a dot is no source: --save {folder}/{path.name.lstrip('.') or 'NAME.yml'}"
        )
    if ":" in path.stem or path.stem == "all":
        raise Refused(
            f"a source cannot be called {path.stem!r}: records are called SOURCE:ID, and `all` is all of them"
        )
    return folder.parent


def _wanted(
    looked: Sequence[Looked], root: Path, words: Sequence[str], given: Mapping[str, Any]
) -> tuple[Wanted, list[Path]]:
    """The source that was read: the table with the most rows, and all that have its columns; and files left out."""
    tables = [(one, table) for one in looked for table in one.tables]
    if not tables or not tables[0][1].grid.table.num_columns:
        raise Refused("there is no table in it, so there is nothing to declare")
    one, table = max(tables, key=lambda t: t[1].rows)
    if strange := [o.path.name for o, t in tables if o is not one and not _alike(t, table)]:
        raise Refused(
            f"one declaration is for files of the same columns, and {strange[0]} has others: save it by itself"
        )
    sheets = tuple(dict.fromkeys(t.grid.sheet for t in one.tables if t.grid.sheet and _alike(t, table)))
    named = "sheets" in given or len(sheets) < len({t.grid.sheet for t in one.tables})
    where, left = _location(looked, one, root, words)
    own = workspaces.look(root)[0].own_presets
    preset = presets.matching(table.grid.table.column_names, own)
    settings = _settings(preset, one, own)
    alike = tuple(t for _, t in tables if _alike(t, table))
    names = tuple(path.name for o in looked if o.tables for path in o.files)
    wanted = Wanted(one, table, where, sheets if named else (), given, {}, preset, settings, alike, names)
    return wanted, left


def _alike(one: Table, other: Table) -> bool:
    names = [{name.casefold() for name in t.grid.table.column_names} for t in (one, other)]
    return names[0] == names[1]


def _settings(preset: str | None, one: Looked, own: presets.Own) -> Mapping[str, Any]:
    """What a preset, or a kind of fixed columns, says by itself."""
    data = {"preset": preset} if preset else {"kind": KIND_FOR[one.format]}
    try:
        return dict(presets.apply(data, {}, "", own))
    except schema.Mistakes:
        return {}


def _location(looked: Sequence[Looked], one: Looked, root: Path, words: Sequence[str]) -> tuple[str, list[Path]]:
    """Where the files are, from the workspace where they are in it; and the files that this does not name."""
    wanted = [path for each in looked if each.tables for path in each.files]
    read = [path for each in looked for path in each.files]
    place, left = Path(glob.escape(str(wanted[0].resolve()))), list[Path]()
    word = Path(words[0])
    if len(words) == 1 and word.is_dir():
        place, left = location.of_folder(word, wanted, read)
    elif len(words) == 1 and any(c in words[0] for c in location.MAGIC) and not word.exists():
        place = Path(os.path.abspath(word))
    elif len(wanted) > 1:
        found = location.of_files(wanted, read)
        if not found:
            remedy = "name the files by a pattern in quotes, or put them into a folder of their own"
            raise Refused(f"one declaration names one file, one folder or one pattern: {remedy}")
        place = found
    elif one.format == "sqlite":
        place = wanted[0].resolve()
    base = root.resolve()
    where = place.relative_to(base).as_posix() if place.is_relative_to(base) else place.as_posix()
    return f"sqlite:///{where}" if one.format == "sqlite" else where, left


def _attempts(wanted: Wanted) -> Iterator[Wanted]:
    """The declaration as short as it can be, and then with the header fixed, should it be read otherwise."""
    yield wanted
    seen = wanted.table.seen
    if "header" not in wanted.given and (seen.header or not seen.header_cells):
        yield replace(wanted, fixed={"header": seen.header[0] if seen.header else 0})


def _tried(text: str, path: Path, root: Path, table: Table) -> tuple[list[schema.Problem], bool]:
    """What `goldseam check` would say of a declaration, and whether it reads the table that was looked at."""
    file = f"sources/{path.name}"
    try:
        data, lines = schema.load(text, file)
        own = workspaces.look(root)[0].own_presets
        source = schema.parse(presets.apply(data, lines, file, own), lines, schema.Source, file)
    except schema.Mistakes as mistakes:
        return mistakes.problems, False
    problems = sources.inspect(path.stem, source, root, lines)
    if problems:
        return problems, False
    try:
        raw = sources.read(path.stem, source, root).raw
    except SourceFailed:
        return [], False
    return [], set(table.grid.table.column_names) <= set(own_columns(raw))


def _left(looked: Sequence[Looked], wanted: Wanted) -> list[str]:
    """What of the files is not in this source."""
    others = [t.grid.place for one in looked for t in one.tables if not _alike(t, wanted.table)]
    return [f"not in this source, for it has other columns: {place}" for place in others]


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        draft.write_text(text, "utf-8")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
