"""A firm's own golden ids become the first crosswalk: `goldseam adopt FILE`.

The file says of each record, `source` and `record_id`, which `golden_id` it has. Ids are kept as they are written.
They hold for records that were never published; what the firm says of an id that already stands for a customer is
evidence only. Nothing is adopted unless every line can be.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from connectors import sources
from connectors.store import lock
from connectors.store.state import Store
from connectors.workspace import Workspace
from pipelines.context import counted
from pipelines.quarantine import Refused
from reports.format import listing
from rules.near import meant
from rules.vocabulary import RAW_PREFIX

COLUMNS: Final = ("source", "record_id", "golden_id")
SHOWN: Final = 20
"""Mistakes that are told one by one."""

Key = tuple[str, str]
Mistake = tuple[int, str]
"""The number of a line, and what is wrong with it."""


@dataclass(frozen=True)
class Line:
    """One line of the file."""

    number: int
    source: str
    record_id: str
    golden_id: str

    @property
    def key(self) -> Key:
        return self.source, self.record_id


@dataclass(frozen=True)
class Result:
    """What was adopted, and what is to be said about it."""

    records: int
    customers: int
    notes: tuple[str, ...]


def adopt(
    workspace: Workspace, store: Store, file: Path, *, user: str, columns: Mapping[str, str], source: str | None = None
) -> Result:
    """Adopt the ids of a file. `columns`: word of COLUMNS -> header; `source`: of all lines, where no column says it.

    Raises Refused with every line that cannot be adopted, connectors.SourceFailed where the file cannot be read.
    """
    lines, left_out = _lines(file, columns, source)
    with lock.held(workspace.var / "run.lock"):
        published = _published(store, lines)
        alive = {r["golden_id"]: r["alive"] for r in store.known_ids().to_pylist()}
        problems = sorted((
            *_incomplete(lines), *_undeclared(lines, workspace), *_contradictory(lines),
            *_given(lines, published), *_used_up(lines, alive),
        ))  # fmt: skip
        if problems:
            raise Refused(_refusal(file, problems))
        first = {line.key: line for line in reversed(lines)}
        earlier = {(r["source"], r["record_id"]): r["golden_id"] for r in store.adopted().to_pylist()}
        new = [n for k, n in sorted(first.items()) if k not in published and earlier.get(k) != n.golden_id]
        store.adopt(((n.source, n.record_id, n.golden_id) for n in new), user=user, file=file.name)
    replaced, known = (sum(found) for found in ((n.key in earlier for n in new), (n.golden_id in alive for n in new)))
    notes = _notes(lines, first, replaced, len(published), known)
    return Result(len(new), len({line.golden_id for line in new}), (*left_out, *notes))


def _lines(file: Path, columns: Mapping[str, str], source: str | None) -> tuple[list[Line], tuple[str, ...]]:
    """The lines that name a golden id, and what is to be said of the others."""
    landed = sources.open_table(file)
    raw = landed.raw
    headers = {word: columns.get(word, word) for word in COLUMNS if word != "source" or source is None}
    for word, header in headers.items():
        if header not in raw.column_names:
            own = [c for c in raw.column_names if c not in RAW_PREFIX]
            remedy = meant(header, own, f"Its columns: {', '.join(own)}")
            instead = f"Write --columns {word}=COLUMN{', or --source NAME' if word == 'source' else ''}"
            raise Refused(f"{file.name} has no column {header!r}. {remedy} {instead}")
    cells = {word: _cells(raw, headers.get(word), source) for word in COLUMNS}
    lines = [Line(*row) for row in zip(raw["_line"].to_pylist(), *(cells[word] for word in COLUMNS), strict=True)]
    named = [line for line in lines if line.golden_id]
    without = [str(line.number) for line in lines if not line.golden_id]
    return named, (*landed.notes, *_some("without a golden id left out", without))


def _cells(raw: pa.Table, header: str | None, otherwise: str | None) -> list[str]:
    if header is None:
        return [otherwise or ""] * raw.num_rows
    cells: list[str] = pc.fill_null(pc.utf8_trim_whitespace(raw[header].cast(pa.string())), "").to_pylist()
    return cells


def _published(store: Store, lines: list[Line]) -> dict[Key, str]:
    """Golden ids of the file's records that are published already."""
    keys = {line.key for line in lines}
    found = {(r["source"], r["record_id"]): r["golden_id"] for r in store.crosswalk().to_pylist() if r["golden_id"]}
    return {key: found[key] for key in keys & found.keys()}


def _incomplete(lines: list[Line]) -> Iterator[Mistake]:
    for line in lines:
        if not (line.source and line.record_id):
            yield line.number, f"{'record_id' if line.source else 'source'} is empty"


def _undeclared(lines: list[Line], workspace: Workspace) -> Iterator[Mistake]:
    first = {line.source: line.number for line in reversed(lines) if line.source}
    for name, number in sorted(first.items(), key=lambda item: item[1]):
        if name not in workspace.sources:
            known = meant(name, workspace.sources, f"There are: {', '.join(sorted(workspace.sources))}")
            yield number, f"no source {name!r} is declared. {known}"


def _contradictory(lines: list[Line]) -> Iterator[Mistake]:
    first: dict[Key, Line] = {}
    for line in lines:
        other = first.setdefault(line.key, line)
        if other.golden_id != line.golden_id and line.record_id:
            said = f"{line.source}:{line.record_id} is {line.golden_id}, but line {other.number} says {other.golden_id}"
            yield line.number, said


def _given(lines: list[Line], published: Mapping[Key, str]) -> Iterator[Mistake]:
    for line in lines:
        if published.get(line.key, line.golden_id) != line.golden_id:
            already = f"{line.source}:{line.record_id} is published as {published[line.key]} already"
            yield line.number, f"{already}, and a golden id is never exchanged for another"


def _used_up(lines: list[Line], alive: Mapping[str, bool]) -> Iterator[Mistake]:
    for line in lines:
        if not alive.get(line.golden_id, True):
            yield line.number, f"{line.golden_id} stood for a customer that is no more, and is never used again"


def _refusal(file: Path, problems: Iterable[Mistake]) -> str:
    told = [f"line {number}: {what}" for number, what in problems]
    more = [f"and {len(told) - SHOWN:,} more"] if len(told) > SHOWN else []
    what = "1 line cannot be" if len(told) == 1 else f"{len(told):,} lines cannot be"
    return "\n  ".join([f"{file.name}: nothing was adopted, since {what}:", *told[:SHOWN], *more])


def _some(what: str, numbers: list[str]) -> Iterator[str]:
    """`2 lines said twice: 7, 9`."""
    if numbers:
        yield f"{counted(len(numbers), 'line')} {what}: {listing(numbers, SHOWN)}"


def _notes(lines: list[Line], first: Mapping[Key, Line], replaced: int, published: int, known: int) -> Iterator[str]:
    yield from _some("said twice", [str(line.number) for line in lines if first[line.key] is not line])
    if replaced:
        yield f"{counted(replaced, 'record')} that another file gave another id: this one counts"
    if published:
        yield f"{counted(published, 'record')} published under this id already"
    if known:
        what = "under an id that stands for a customer already: people are asked where the data keep them apart"
        yield f"{counted(known, 'record')} {what}"
