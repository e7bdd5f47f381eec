"""What a declaration adds to the rows as read: one name a column, columns from file names, folded choices.

Done once for every kind of source, after its reader; a source that asks for none of it passes untouched.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from connectors.sources.base import Landed, SourceFailed, wanted_columns
from rules import choices
from rules.keys import hashed, own_columns
from rules.presets import plain
from rules.schema import Source

NAMED = 5
"""Files that are named one by one in a note."""


def settle(landed: Landed, source: Source) -> Landed:
    """The rows with `aliases`, `from_name` and `choices` of the declaration applied. Raises SourceFailed."""
    if not (source.aliases or source.from_name or source.choices):
        return landed
    raw = with_one_name(landed.raw, source.aliases, wanted_columns(source))
    notes: tuple[str, ...] = ()
    if source.from_name:
        raw, notes = with_file_names(raw, source.from_name)
    raw = with_choices(raw, source.choices)
    if raw.column_names == landed.raw.column_names:
        return landed
    return replace(landed, raw=hashed(raw), notes=(*landed.notes, *notes))


def with_one_name(raw: pa.Table, aliases: Mapping[str, Sequence[str]], named: Collection[str] = ()) -> pa.Table:
    """Columns that come under another header, under the declared one: the files of a source may differ in language.

    Where one row fills both, they are two columns and stay so; so does a header that the declaration itself names.
    """
    for column, others in aliases.items():
        wanted = {plain(other) for other in others if other not in named}
        for other in [name for name in own_columns(raw) if plain(name) in wanted and name != column]:
            if column not in raw.column_names:
                raw = raw.rename_columns([column if name == other else name for name in raw.column_names])
            elif not pc.any(pc.and_(pc.is_valid(raw[column]), pc.is_valid(raw[other]))).as_py():
                whole = pc.coalesce(raw[column], raw[other])
                raw = raw.set_column(raw.column_names.index(column), column, whole).drop_columns(other)
    return raw


def with_file_names(raw: pa.Table, pattern: str) -> tuple[pa.Table, tuple[str, ...]]:
    """The named groups of a pattern over each file's name as columns; what a row says itself stands.

    Also what is to be said: the files whose names do not fit.
    """
    names = pc.unique(raw["_file"]).to_pylist()
    found = {name: re.search(pattern, name or "") for name in names}
    positions = pc.index_in(raw["_file"], value_set=pa.array(names, pa.string())).combine_chunks()
    for group in re.compile(pattern).groupindex:
        texts = pa.array([(match[group] or None) if match else None for match in found.values()], pa.string())
        cells = texts.take(positions)
        if group in raw.column_names:
            raw = raw.set_column(raw.column_names.index(group), group, pc.coalesce(raw[group], cells))
        else:
            raw = raw.append_column(group, cells)
    strange = [str(name) for name, match in found.items() if not match]
    if not strange:
        return raw, ()
    more = " …" if len(strange) > NAMED else ""
    files = "1 file has a name" if len(strange) == 1 else f"{len(strange)} files have names"
    said = f"{files} that `from_name` does not fit, so their rows lack what it tells"
    return raw, (f"{said}: {', '.join(strange[:NAMED])}{more}",)


def with_choices(raw: pa.Table, declared: Mapping[str, Sequence[str]]) -> pa.Table:
    """The folded columns of `choices`, after the source's own. Raises SourceFailed where a name is taken."""
    for name in declared:
        if name in raw.column_names:
            reason = f"`choices` makes a column {name!r}, but the source has one of that name"
            raise SourceFailed(reason, "Give it another name there", column=name)
    return choices.fold(raw, declared)
