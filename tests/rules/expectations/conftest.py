"""Tables for tests of validation. Great Expectations is imported once, by the first test that needs it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pyarrow as pa
import pytest

from rules.expectations import checking, columns, suites

SETTING = checking.Setting("2026-11-22", ("ours.example",), ("+302109990000",))


def table(name: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows of one of the standard tables; what is not given is empty, and of record `s:1`."""
    schema = columns.TABLES[name]
    filled = [{"source": "s", "record_id": "1", **row} for row in rows]
    return pa.Table.from_pylist([{n: row.get(n) for n in schema.names} for row in filled], schema)


@pytest.fixture
def make() -> Callable[[str, Iterable[Mapping[str, Any]]], pa.Table]:
    return table


@pytest.fixture
def check() -> Callable[..., checking.Checked]:
    """Check tables of rows with the default suites, or with those that a workspace's files make of them."""

    def run(
        tables: Mapping[str, Iterable[Mapping[str, Any]]],
        files: Mapping[str, str] | None = None,
        setting: checking.Setting = SETTING,
    ) -> checking.Checked:
        made = {name: table(name, rows) for name, rows in tables.items()}
        sources = {s: () for t in made.values() for s in t["source"].to_pylist()} or {"s": ()}
        return checking.check(made, suites.load(files or {}, sources), setting)

    return run
