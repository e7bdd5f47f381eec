"""Run folders: what each stage of a run wrote, as Parquet, never changed by a later run.

A table of a stage is written in parts, one a source (or the part `all`). A part that need not be worked on again is
*taken over* from an earlier run: the manifest then names the earlier files. One of which a few rows changed is
*amended*: over its files comes a layer that takes rows away by their key and puts others in their place. `parts` is
what counts for this run, wherever it lies; `parts.py` reads it.
"""

import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from connectors.store.parts import Layer, Part, from_manifest, joined, to_manifest

ALL = "all"
RECORD = (("record_id",),)
"""What a layer takes rows away by, where nothing else is said."""


@dataclass
class RunFolder:
    """`var/runs/<run id>/`: `<stage>/<table>/<part>.parquet` and `manifest.json`."""

    runs: Path
    id: str
    _parts: dict[str, Part] = field(default_factory=dict)

    @classmethod
    def open(cls, runs: Path, run_id: str) -> "RunFolder":
        """An earlier run's folder, or a new one."""
        manifest = runs / run_id / "manifest.json"
        told = json.loads(manifest.read_text("utf-8")) if manifest.exists() else {}
        return cls(runs, run_id, {key: from_manifest(runs, value) for key, value in told.items()})

    @property
    def root(self) -> Path:
        return self.runs / self.id

    def path(self, stage: str, table: str, part: str = ALL) -> Path:
        """Where this run writes a part; register it with `keep` when it is whole."""
        path = self.root / stage / table / f"{part}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def keep(self, stage: str, table: str, part: str = ALL, found: Part | None = None) -> None:
        """Register a part: the file that is at `path` now, or one that another stage or run wrote."""
        self._parts[f"{stage}/{table}/{part}"] = found or Part((Layer(self.path(stage, table, part)),))

    def write(self, stage: str, table: str, data: pa.Table, part: str = ALL) -> None:
        """Write a part whole (temporary file, then rename) and register it."""
        self._write(self.path(stage, table, part), data)
        self.keep(stage, table, part)

    def amend(
        self,
        stage: str,
        table: str,
        data: pa.Table,
        gone: pa.Table,
        earlier: Part,
        part: str = ALL,
        by: tuple[tuple[str, ...], ...] = RECORD,
    ) -> None:
        """An earlier run's part without the rows that `gone` names, and with `data`.

        `by`: columns of the part, as many as `gone` has; a row whose values in them are those of a row of `gone` goes.
        Several groups of columns: a row goes if any of them is named (both ends of a pair). A part of many layers is
        written whole. Raises ValueError where this run wrote the part itself: its file would be written over.
        """
        if not gone.num_rows and not data.num_rows:
            self.keep(stage, table, part, earlier)
            return
        if earlier.worn(data.num_rows):
            rest = earlier.without(gone, by)
            self.write(stage, table, pa.concat_tables([rest, data], promote_options="permissive"), part)
            return
        path = self.path(stage, table, part)
        if path in earlier.files:
            raise ValueError(f"run {self.id}: {stage}/{table}/{part} was written in this run already")
        taken = path.with_suffix(".gone.parquet")
        self._write(taken, gone)
        self._write(path, data)
        self.keep(stage, table, part, earlier.under(Layer(path, taken, by)))

    def _write(self, path: Path, data: pa.Table) -> None:
        draft = path.with_suffix(".tmp")
        pq.write_table(data, draft, compression="zstd", compression_level=1)
        draft.rename(path)

    def take_over(self, stage: str, part: str | None, earlier: "RunFolder") -> None:
        """Count an earlier run's parts of a stage as this run's; None: all of them."""
        for key, found in earlier._parts.items():
            if key.startswith(f"{stage}/") and (part is None or key.endswith(f"/{part}")):
                self._parts[key] = found

    def stage(self, stage: str) -> dict[str, Part]:
        """Every part of a stage, as `TABLE/PART`."""
        prefix = f"{stage}/"
        return {k.removeprefix(prefix): v for k, v in self._parts.items() if k.startswith(prefix)}

    def stand_for(self, earlier: "RunFolder") -> None:
        """Count all of an earlier run's parts as this run's."""
        self._parts = dict(earlier._parts)

    def files(self) -> list[Path]:
        """Every file that counts for this run, whichever run wrote it."""
        return [file for part in self._parts.values() for file in part.files]

    def copy(self, path: Path, earlier: "RunFolder") -> None:
        """A file of an earlier run that is no table (the model, say), at the same place in this one."""
        to = self.root / path.relative_to(earlier.root)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, to)

    def whole(self) -> bool:
        """Whether every file that counts for this run is there."""
        return bool(self._parts) and all(part.whole() for part in self._parts.values())

    def parts(self, stage: str, table: str) -> dict[str, Part]:
        """A table by part, in order of part."""
        prefix = f"{stage}/{table}/"
        found = {k.removeprefix(prefix): v for k, v in self._parts.items() if k.startswith(prefix)}
        return dict(sorted(found.items()))

    def read(self, stage: str, table: str, part: str | None = None, columns: list[str] | None = None) -> pa.Table:
        """A table of a stage, all its parts or one, columns that some parts lack filled with null.

        Raises FileNotFoundError where the stage wrote no such table.
        """
        found = [p for name, p in self.parts(stage, table).items() if part is None or name == part]
        if not found:
            raise FileNotFoundError(f"run {self.id}: stage {stage} wrote no table {table}")
        return pa.concat_tables([p.read(columns) for p in found], promote_options="permissive")

    def view(self, con: duckdb.DuckDBPyConnection, stage: str, table: str, name: str | None = None) -> None:
        """Make a table of a stage a view of a DuckDB connection, named like the table."""
        found = list(self.parts(stage, table).values())
        if not found:
            raise FileNotFoundError(f"run {self.id}: stage {stage} wrote no table {table}")
        con.execute(f"create or replace temp view {name or table} as {joined(found)}")

    def save(self) -> None:
        """Write the manifest: from here on the run is whole as far as it got."""
        path = self.root / "manifest.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        told = {key: to_manifest(self.runs, part) for key, part in self._parts.items()}
        path.with_suffix(".tmp").write_text(json.dumps(told, indent=1, sort_keys=True), "utf-8")
        os.replace(path.with_suffix(".tmp"), path)
