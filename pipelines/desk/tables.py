"""The tables of a published run in which the desk looks up single records.

At once they are views of the run's files. `settle` copies them into a file with an index by record: then a record is
found as quickly among a million as among a hundred.
"""

import os
import shutil
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

import duckdb
import pyarrow as pa

from connectors.private import private
from connectors.store.parts import Part, joined
from connectors.store.runs import RunFolder
from rules import vocabulary as words
from rules.record_key import split_key

OF: Final = {
    "match": {"features": words.FEATURES}, "validate": words.STANDARD_TABLES,
    "survive": {"provenance": words.PROVENANCE},
}  # fmt: skip
"""Tables by stage, with their schemas: one that the stage did not write is empty."""
FEW: Final = 1_000
"""Of more records a table is read through: that is quicker than to find each of them."""
STALE: Final = 3_600
"""Seconds after which nobody copies any more."""
SETTINGS: Final[dict[str, str | bool | int | float | list[str]]] = {"threads": 2, "memory_limit": "1GB"}


class Tables:
    """Of one run. May be asked from several threads."""

    def __init__(self, folder: RunFolder) -> None:
        self._raw = {source: f"raw_{n}" for n, source in enumerate(sorted(folder.parts("land", "raw")))}
        self._con = duckdb.connect(config=SETTINGS)
        self._by: dict[str, str] = {}
        """The column that rows of a table are found by."""
        for stage, tables in OF.items():
            for table, schema in tables.items():
                parts = folder.parts(stage, table)
                self._view(table, parts.values(), "golden_id" if table == "provenance" else "record_id", schema)
        for source, part in folder.parts("land", "raw").items():
            self._view(self._raw[source], [part], "_record_id")
        self.settled = False
        """Whether the file is there."""

    def _view(self, table: str, parts: Collection[Part], by: str, schema: pa.Schema | None = None) -> None:
        if schema is not None and not parts:
            nothing = schema.empty_table()  # noqa: F841 - DuckDB reads it by its name
            self._con.execute(f"create table {table} as from nothing")
        else:
            self._con.sql(joined(parts)).create_view(table)
        self._by[table] = by

    def settle(self, under: Path) -> None:
        """Copy the tables to where single rows are found at once; the file goes with this object, or the process."""
        _clear(under)
        folder = Path(mkdtemp(prefix=f"{os.getpid()}-", dir=under))
        try:
            file = folder / "tables.duckdb"
            self._con.execute(f"attach '{str(file).replace(chr(39), chr(39) * 2)}' as kept")
            for table, by in self._by.items():
                self._con.execute(f"create table kept.{table} as select * from {table}")  # noqa: S608 - our own names
                self._con.execute(f'create index "by_{table}" on kept.{table}("{by}")')
            self._con.execute("detach kept")
            self._con = duckdb.connect(str(file), read_only=True, config=SETTINGS)
            self.settled = True
        finally:
            shutil.rmtree(folder, ignore_errors=True)  # whoever has the file open keeps it

    def rows(self, table: str, keys: Sequence[str], columns: str = "*") -> pa.Table:
        """The rows of some records in a table of OF."""
        split = dict.fromkeys(map(split_key, keys))
        if len(split) > FEW:
            return self._of_many(table, list(split), columns)
        rows = self._found(table, "record_id", list({record for _, record in split}), columns)
        mine = [key in split for key in zip(rows["source"].to_pylist(), rows["record_id"].to_pylist(), strict=True)]
        return rows.filter(pa.array(mine, pa.bool_()))

    def _of_many(self, table: str, keys: list[tuple[str, str]], columns: str) -> pa.Table:
        with self._con.cursor() as con:
            con.register("wanted", pa.table({"source": [s for s, _ in keys], "record_id": [r for _, r in keys]}))
            query = f"select {columns} from {table} semi join wanted using (source, record_id)"  # noqa: S608 - our own names
            return con.sql(query).to_arrow_table()

    def provenance(self, golden_id: str) -> pa.Table:
        """Where each field of a customer came from, as published (schema PROVENANCE)."""
        return self._found("provenance", "golden_id", [golden_id]).sort_by("field")

    def raw(self, keys: Sequence[str]) -> list[dict[str, Any]]:
        """The rows of some records as they stood, with `_source`."""
        of: dict[str, list[str]] = {}
        for source, record in map(split_key, keys):
            if source in self._raw:
                of.setdefault(source, []).append(record)
        return [
            {"_source": source, **row}
            for source, records in of.items()
            for row in self._found(self._raw[source], "_record_id", records).to_pylist()
        ]

    def _found(self, table: str, by: str, ids: list[str], columns: str = "*") -> pa.Table:
        """The rows of a few ids, through the index where there is one: a join would read all of the table."""
        query = f"select {columns} from {table} where {by} in ({', '.join('?' for _ in ids)})"  # noqa: S608 - our own names
        with self._con.cursor() as con:
            return con.sql(query, params=ids).to_arrow_table()


def _clear(under: Path) -> None:
    """The folder, without what a process left there that was killed while it copied."""
    for left in private(under).iterdir():
        if not _is_alive(left.name.partition("-")[0]) or left.stat().st_mtime < time.time() - STALE:
            shutil.rmtree(left, ignore_errors=True)


def _is_alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)  # asks only
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
