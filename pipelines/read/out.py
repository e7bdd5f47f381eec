"""A clean copy of what was read: UTF-8, RFC 4180, one file a table.

It is the data as read and nothing else: cells are neither trimmed nor changed, so a cell that begins with `=` stays
as it is. A guard against formulas would be a change of data, and whoever compares the copy with its original would
find it; what people open in a spreadsheet (exports of quarantine, packs for review) has that guard where it is written.
"""

import csv
import os
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Final

from pipelines.read.look import Looked, Table

BATCH: Final = 20_000


def targets(looked: Sequence[Looked], out: Path) -> list[tuple[Looked, Table | None, Path]]:
    """Which table goes to which file: `clean.csv`, `clean-2.csv`, …; into a folder, each under its own name.

    An empty file gives an empty copy. Raises FileExistsError where a copy would replace a file that was read.
    """
    tables: list[tuple[Looked, Table | None]] = []
    for one in looked:
        tables += [(one, None)] if one.is_empty else [(one, table) for table in one.tables]
    names = _in_folder(tables, out) if out.is_dir() else _numbered(out, len(tables))
    read = {path.resolve() for one in looked for path in one.files}
    for name in names:
        if name.resolve() in read:
            raise FileExistsError(f"{name} is the file that is read, and is never overwritten: name another with --out")
    return [(one, table, name) for (one, table), name in zip(tables, names, strict=True)]


def _numbered(out: Path, count: int) -> list[Path]:
    return [out if n == 1 else out.with_name(f"{out.stem}-{n}{out.suffix}") for n in range(1, count + 1)]


def _in_folder(tables: Sequence[tuple[Looked, Table | None]], folder: Path) -> list[Path]:
    taken: dict[str, int] = {}
    names = []
    for one, table in tables:
        sheet = table.grid.sheet if table and len(one.tables) > 1 else None
        stem = f"{one.path.stem}-{sheet}" if sheet else one.path.stem
        stem = "".join("-" if c in '/\\:*?"<>|' or not c.isprintable() else c for c in stem)
        taken[stem.casefold()] = number = taken.get(stem.casefold(), 0) + 1
        names.append(folder / (f"{stem}-{number}.csv" if number > 1 else f"{stem}.csv"))
    return names


def write(path: Path, table: Table | None) -> int:
    """A table as CSV, or an empty file for none; -> its rows. The file is there whole or not at all.

    Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with draft.open("x", encoding="utf-8", errors="surrogatepass", newline="") as file:
            if table:
                csv.writer(file).writerows(chain(table.seen.header_cells, rows(table)))
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return table.rows if table else 0


def rows(table: Table) -> Iterator[Sequence[str | None]]:
    """All rows of data in the order of their lines: those that fit the columns, and the longer ones whole.

    Empty cells behind the last column stand there too: they are cells of the file.
    """
    longer = sorted((r.line, r.cells) for r in table.surplus)
    beyond = dict(table.grid.beyond)
    lines, data = table.grid.lines, table.grid.table
    at = 0
    for start in range(0, len(data), BATCH):
        batch = data.slice(start, BATCH)
        fitting: Iterator[Sequence[str | None]] = zip(*(c.to_pylist() for c in batch.columns), strict=True)
        if not beyond and (at == len(longer) or longer[at][0] > lines[start + len(batch) - 1].as_py()):
            yield from fitting
            continue
        for line, row in zip(lines.slice(start, len(batch)).to_pylist(), fitting, strict=True):
            while at < len(longer) and longer[at][0] < line:
                yield longer[at][1]
                at += 1
            yield (*row, *[""] * beyond[line]) if line in beyond else row
    yield from (cells for _, cells in longer[at:])
