"""The files of a publication, written whole or out of those of the publication in force.

What each customer has in them is kept in the run's folder (`publish/lines`), with the size and the time of each file:
the next publication builds on files that nobody wrote to since, and that this very program made.
"""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from connectors.sinks import customers, files
from connectors.sinks.customers import Order, Share
from connectors.store.parts import Part
from connectors.store.runs import RunFolder
from pipelines.context import Run
from rules import fingerprint
from rules.vocabulary import PROVENANCE

STAGE: Final = "publish"
LINES: Final = "lines"
NOTE: Final = b"goldseam"
FEW: Final = ("field", "source", "rule")
"""Columns of the provenance that hold the same few texts again and again."""
BY_CUSTOMER: Final = ("golden", "contact_points", "relations")
"""Tables whose CSV is in order of golden id."""


@dataclass(frozen=True)
class Earlier:
    """The files of the publication in force, as they were written."""

    folder: Path
    ids: pa.Array
    """Golden ids of all customers in them, in order."""
    shares: dict[str, Share]


@dataclass(frozen=True)
class Over:
    """Earlier files, and the customers that are not as in them."""

    earlier: Earlier
    touched: pa.Array


@dataclass(frozen=True)
class Provenance:
    """Where a publication's provenance comes from: files, and rows of customers that stay as they were."""

    parts: list[Part]
    kept: pa.Table | None = None

    def write(self, path: Path) -> int:
        if self.parts:
            return files.copy_parquet(path, self.parts, self.kept, FEW)
        rows = PROVENANCE.empty_table() if self.kept is None else self.kept
        files.write_parquet(path, rows)
        return int(rows.num_rows)


@dataclass(frozen=True)
class Tables:
    """The tables that are published as files, whole; with `over` but the crosswalk only the customers touched."""

    golden: pa.Table
    contact_points: pa.Table
    relations: pa.Table
    crosswalk: pa.Table
    provenance: Provenance
    over: Over | None = None


def write(tables: Tables, folder: Path, run_id: str, version: int) -> pa.Table | None:
    """The files of the contract, each as it is defined there; -> what each customer has in them (None: not known)."""
    work = _Work(tables, folder)
    jobs: dict[str, Callable[[], Any]] = {
        "provenance.parquet": partial(tables.provenance.write, folder / "provenance.parquet"),
        "golden.parquet": work.parquet,
        **{f"{name}.csv": partial(work.csv, name) for name in BY_CUSTOMER},
        "crosswalk.csv": partial(files.write_csv, folder / "crosswalk.csv", tables.crosswalk),
    }
    with ThreadPoolExecutor(files.AT_ONCE) as pool:
        waiting = {name: pool.submit(job) for name, job in jobs.items()}
    done = {name: job.result() for name, job in waiting.items()}
    shares = {name: done[f"{name}.csv"] for name in BY_CUSTOMER}
    rows = {f"{name}.csv": work.rows(name, share) for name, share in shares.items()}
    rows |= {"crosswalk.csv": tables.crosswalk.num_rows, "golden.parquet": len(work.ids)}
    rows["provenance.parquet"] = done["provenance.parquet"]
    states = {row["values"]: row["counts"] for row in pc.value_counts(tables.crosswalk["state"]).to_pylist()}
    counts = {"golden": len(work.ids), "records": tables.crosswalk.num_rows}
    counts |= {state: states.get(state, 0) for state in ("active", "retired", "quarantined")}
    files.write_manifest(folder, run_id, version, counts, rows)
    return _lines(work.ids, shares) if all(shares.values()) else None


class _Work:
    """The files of customers, of all of them or over earlier ones."""

    def __init__(self, tables: Tables, folder: Path) -> None:
        self.tables, self.folder = tables, folder
        self.new = tables.golden["golden_id"].combine_chunks()
        self.order = None
        if over := tables.over:
            self.order = Order.merged(over.earlier.ids, over.touched, self.new)
        self.ids = self.order.ids if self.order else self.new

    def csv(self, name: str) -> Share | None:
        path, table, over = self.folder / f"{name}.csv", _sorted(getattr(self.tables, name)), self.tables.over
        if over is None or self.order is None:
            return customers.write_csv(path, table, self.ids)
        old = over.earlier
        return customers.splice_csv(path, old.folder / path.name, old.shares[name], table, self.new, self.order)

    def rows(self, name: str, share: Share | None) -> int:
        return int(share.rows.sum()) if share else len(getattr(self.tables, name))

    def parquet(self) -> None:
        path, table, over = self.folder / "golden.parquet", self.tables.golden, self.tables.over
        if over is None or self.order is None:
            files.write_parquet(path, table)
        else:
            customers.splice_parquet(path, over.earlier.folder / path.name, over.earlier.ids, table, self.order)


def _sorted(table: pa.Table) -> pa.Table:
    """By golden id; the rows of one customer as they stand."""
    ids = table["golden_id"].combine_chunks()
    if pc.all(pc.less_equal(ids[:-1], ids[1:])).as_py() in (True, None):
        return table
    return table.take(pc.sort_indices(ids))


def _lines(ids: pa.Array, shares: dict[str, Share]) -> pa.Table:
    columns = {"golden_id": ids}
    for name, share in shares.items():
        columns |= {f"{name}_bytes": pa.array(share.bytes), f"{name}_rows": pa.array(share.rows)}
    return pa.table(columns)


def keep(run: Run, folder: Path, lines: pa.Table) -> None:
    """Keep what the next publication must know of these files; `folder`: where they are to stay."""
    told = {"run_id": run.id, "program": _program(), "files": files.stamps(folder)}
    run.folder.write(STAGE, LINES, lines.replace_schema_metadata({NOTE: json.dumps(told)}))


def earlier(run: Run) -> Earlier | None:
    """The files of the publication in force; None where they are not as the run before wrote them, or nobody knows."""
    before, last = run.before, run.store.last_published()
    if before is None or before.id != last or not before.parts(STAGE, LINES):
        return None
    lines = before.read(STAGE, LINES)
    told = json.loads((lines.schema.metadata or {}).get(NOTE, b"{}"))
    folder = run.workspace.root / "published" / last
    if told.get("run_id") != last or told["program"] != _program() or not folder.exists():
        return None
    if files.stamps(folder) != told["files"]:
        return None
    ids = lines["golden_id"].combine_chunks()
    return Earlier(folder, ids, {name: _share(lines, name) for name in BY_CUSTOMER})


def _share(lines: pa.Table, name: str) -> Share:
    return Share(*(lines[f"{name}_{what}"].combine_chunks().to_numpy() for what in ("bytes", "rows")))


def _program() -> str:
    """Other releases may write other lines, or tell changes by other digests."""
    return fingerprint.packages("connectors", "pipelines", "rules")


def provenance_of(run: RunFolder) -> list[Part]:
    """A run's provenance, as far as its files are still there."""
    return [part for part in run.parts("survive", "provenance").values() if part.whole()]
