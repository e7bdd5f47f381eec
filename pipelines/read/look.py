"""One file, looked at: its tables as they would be landed, and what each of their columns seems to mean."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from connectors.sources import any_table, sniff, tables
from connectors.sources.base import Grid, Reject, Seen, SourceFailed
from connectors.sources.places import local
from pipelines.read import records
from rules import schema
from rules.vocabulary import FACTS

if TYPE_CHECKING:
    from rules.meaning import Meaning  # brings lists of names: not needed to write a copy


LOOKED: Final = 50_000
"""Rows from which meanings and examples are taken."""
LONGEST: Final = 5_000
"""Characters of a cell that are looked at."""
EXAMPLES: Final = 3


@dataclass(frozen=True)
class Column:
    """A column of a table: what it seems to mean, and some of its values."""

    name: str
    meaning: "Meaning | None"
    """None: it could not be told."""
    examples: tuple[str, ...]
    filled: int
    """Rows that have a value."""


@dataclass(frozen=True)
class Table:
    """One table of a file: empty rows, repeated headers, totals and notes are out of it."""

    grid: Grid
    facts: pa.Table = field(default_factory=FACTS.empty_table)
    """The invoices among its rows, as they will land."""

    @property
    def seen(self) -> Seen:
        return self.grid.seen

    @property
    def rows(self) -> int:
        """Rows of data, those included that have more cells than the header."""
        return len(self.grid.table) + len(self.surplus)

    @property
    def surplus(self) -> tuple[Reject, ...]:
        """Rows of data that do not fit the columns."""
        return tuple(r for r in self.grid.rejects if r.cells)

    @property
    def below(self) -> tuple[Reject, ...]:
        """Totals and notes below the rows, and whatever else is no row of data."""
        return tuple(r for r in self.grid.rejects if not r.cells)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Every column with its meaning and examples, from the first LOOKED rows."""
        head = self._head
        meanings = _meanings(head, {"preset": self.preset} if self.preset else {"kind": self.kind})
        return tuple(
            Column(name, meanings.get(name), examples(head[name]), len(column) - column.null_count)
            for name, column in zip(self.grid.table.column_names, self.grid.table.columns, strict=True)
        )

    @cached_property
    def _head(self) -> pa.Table:
        """The first rows, with as much of their cells as is needed to see what they are."""
        head = self.grid.table.slice(0, LOOKED)
        return pa.table([_begun(column) for column in head.columns], names=head.column_names)

    @property
    def is_of_records(self) -> bool:
        """Whether it was made of records (payloads, cards, invoices), so that it has no lines above or below."""
        return self.kind in records.TOGETHER

    @property
    def kind(self) -> str:
        """The kind of source that reads such a file."""
        return sniff.KIND_FOR.get(self.seen.format, "csv")

    @cached_property
    def apostrophes(self) -> tuple[str, ...]:
        """Columns whose numbers carry the apostrophe by which an export protects them from a spreadsheet."""
        from rules import apostrophes

        with suppress(Exception):
            return apostrophes.carried(self._head)
        return ()

    @cached_property
    def choices(self) -> dict[str, tuple[str, ...]]:
        """Questions of several answers that stand in one column an answer."""
        from rules import choices

        with suppress(Exception):
            return choices.find(self._head)
        return {}

    @cached_property
    def preset(self) -> str | None:
        """The known product of whose export this is the header."""
        from rules import presets

        with suppress(Exception):  # looking goes on without it, whatever it was
            return presets.matching(self.grid.table.column_names)
        return None


@dataclass(frozen=True)
class Looked:
    """What was found in one file, or in files that are read together: the tables, or why it could not be read."""

    path: Path
    """The file, or the folder of several."""
    format: str
    """A key of sniff.WORDS; empty where the file could not even be opened."""
    tables: tuple[Table, ...] = ()
    failure: SourceFailed | None = None
    several: tuple[Path, ...] = ()
    """The files, where they were read together."""

    @property
    def files(self) -> tuple[Path, ...]:
        return self.several or (self.path,)

    @property
    def is_empty(self) -> bool:
        """A file of 0 bytes: it was looked at, and there is nothing in it."""
        return self.format == "empty"


def look(path: Path, source: schema.Source) -> Looked:
    """One file read under the settings of `source`. What goes wrong is in the answer."""
    form = ""
    try:
        if what := local.no_file(path.stat()):
            raise SourceFailed(f"this is {what}, not a file", "Save what comes from it as a file", file=str(path))
        form = sniff.sniff(path)
        if form == "empty":
            return Looked(path, form)
        if sniff.KIND_FOR.get(form) in records.TOGETHER:
            return Looked(path, form, (Table(*records.read((path,), form, source)),))
        found = tuple(map(_table, any_table.grids(path, path.name, source)))
        return Looked(path, found[0].seen.format if found else form, found)
    except GIVEN_UP as error:
        return Looked(path, form, failure=_failure(error, path))


def look_together(group: records.Group, source: schema.Source) -> Looked:
    """Files of records of one folder, read as the one source that they are; a file by itself as any other."""
    if not group.format:
        return look(group.path, source)
    try:
        table = Table(*records.read(group.files, group.format, source))
        return Looked(group.path, group.format, (table,), several=group.files)
    except GIVEN_UP as error:
        return Looked(group.path, group.format, failure=_failure(error, group.path), several=group.files)


GIVEN_UP: Final = (SourceFailed, OSError, pa.ArrowException, ValueError, RecursionError, MemoryError)
"""What ends the reading of a file, and of no other."""


def _failure(error: Exception, path: Path) -> SourceFailed:
    if isinstance(error, SourceFailed):
        return error
    if isinstance(error, OSError):
        reason = f"it could not be read: {(error.strerror or str(error)).lower()}"
        remedy = "Check the name of the file, and whether you may read it"
    else:
        reason = f"the reader gave up ({type(error).__name__})"
        remedy = "Export the file again; if it stays so, report this with the file"
    return SourceFailed(reason, remedy, file=str(path))


def _table(grid: Grid) -> Table:
    return Table(replace(tables.tidy(grid), seen=grid.seen, beyond=grid.beyond))


def _begun(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column without what goes beyond LONGEST characters: a cell may hold a whole book."""
    longest = pc.max(pc.binary_length(column)).as_py() or 0
    return pc.utf8_slice_codeunits(column, 0, LONGEST) if longest > LONGEST else column


def _meanings(table: pa.Table, said: Mapping[str, str]) -> "Mapping[str, Meaning]":
    """What the columns mean, those included that a preset or kind maps by itself.

    Nothing where that cannot be told, for whatever reason: the table is read all the same.
    """
    from rules import meaning, presets

    with suppress(Exception):
        fixed = presets.of_headers(presets.apply(said, {}, ""), table.column_names)
        found = {m.column: m for m in meaning.recognise(table, fixed)}
        why = "as {} {} says".format(*next(iter(said.items())))
        return found | {c: replace(found[c], why=why) for c in fixed}
    return {}


def examples(column: pa.ChunkedArray) -> tuple[str, ...]:
    """Up to three different values: the most frequent ones where few stand in many rows, else of usual length."""
    filled = column.drop_null()
    filled = filled.filter(pc.not_equal(pc.utf8_trim_whitespace(filled), ""))
    counts = pc.value_counts(filled).to_pylist()
    if 2 * len(counts) <= len(filled):
        counts.sort(key=lambda c: -c["counts"])
        return tuple(c["values"] for c in counts[:EXAMPLES])
    values = [c["values"] for c in counts[:1000]]
    usual = sorted(map(len, values))[len(values) // 2]
    chosen = sorted(range(len(values)), key=lambda n: abs(len(values[n]) - usual))[:EXAMPLES]
    return tuple(values[n] for n in sorted(chosen))
