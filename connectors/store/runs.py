"""Run folders: what each stage of a run wrote, as Parquet, never changed by a later run.

A table of a stage is written in parts, one a source (or the part `all`). A part that need not be worked on
again is *taken over* from an earlier run: the manifest then names the earlier file. `parts` is what counts
for this run, wherever it lies.
"""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

ALL = "all"


@dataclass
class RunFolder:
    """`var/runs/<run id>/`: `<stage>/<table>/<part>.parquet` and `manifest.json`."""

    runs: Path
    id: str
    _parts: dict[str, str] = field(default_factory=dict)

    @classmethod
    def open(cls, runs: Path, run_id: str) -> "RunFolder":
        """An earlier run's folder, or a new one."""
        manifest = runs / run_id / "manifest.json"
        parts = json.loads(manifest.read_text("utf-8")) if manifest.exists() else {}
        return cls(runs, run_id, parts)

    @property
    def root(self) -> Path:
        return self.runs / self.id

    def path(self, stage: str, table: str, part: str = ALL) -> Path:
        """Where this run writes a part; register it with `keep` when it is whole."""
        path = self.root / stage / table / f"{part}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def keep(self, stage: str, table: str, part: str = ALL) -> None:
        self._parts[f"{stage}/{table}/{part}"] = f"{self.id}/{stage}/{table}/{part}.parquet"

    def write(self, stage: str, table: str, data: pa.Table, part: str = ALL) -> None:
        """Write a part whole (temporary file, then rename) and register it."""
        path = self.path(stage, table, part)
        pq.write_table(data, path.with_suffix(".tmp"), compression="zstd", compression_level=1)
        path.with_suffix(".tmp").rename(path)
        self.keep(stage, table, part)

    def take_over(self, stage: str, part: str, earlier: "RunFolder") -> None:
        """Count an earlier run's parts of a stage as this run's."""
        for key, path in earlier._parts.items():
            if key.startswith(f"{stage}/") and key.endswith(f"/{part}"):
                self._parts[key] = path

    def whole(self) -> bool:
        """Whether every file that counts for this run is there."""
        return bool(self._parts) and all((self.runs / path).exists() for path in self._parts.values())

    def parts(self, stage: str, table: str) -> dict[str, Path]:
        """The files of a table by part, in order of part."""
        prefix = f"{stage}/{table}/"
        found = {k.removeprefix(prefix): self.runs / v for k, v in self._parts.items() if k.startswith(prefix)}
        return dict(sorted(found.items()))

    def read(self, stage: str, table: str, part: str | None = None, columns: list[str] | None = None) -> pa.Table:
        """A table of a stage, all its parts or one, columns that some parts lack filled with null.

        Raises FileNotFoundError where the stage wrote no such table.
        """
        files = [p for name, p in self.parts(stage, table).items() if part is None or name == part]
        if not files:
            raise FileNotFoundError(f"run {self.id}: stage {stage} wrote no table {table}")
        return pa.concat_tables([pq.read_table(f, columns=columns) for f in files], promote_options="permissive")

    def view(self, con: duckdb.DuckDBPyConnection, stage: str, table: str, name: str | None = None) -> None:
        """Make a table of a stage a view of a DuckDB connection, named like the table."""
        files = [str(p) for p in self.parts(stage, table).values()]
        if not files:
            raise FileNotFoundError(f"run {self.id}: stage {stage} wrote no table {table}")
        con.read_parquet(files, union_by_name=True).create_view(name or table)

    def save(self) -> None:
        """Write the manifest: from here on the run is whole as far as it got."""
        path = self.root / "manifest.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".tmp").write_text(json.dumps(self._parts, indent=1, sort_keys=True), "utf-8")
        os.replace(path.with_suffix(".tmp"), path)
