"""The stage: corrections first, unchanged rows taken over, the same tables with one process or several."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from connectors.store.runs import RunFolder
from connectors.workspace import Workspace
from pipelines import standardise as stage
from pipelines.context import Run
from rules import schema
from rules import vocabulary as words
from rules.standardise.table import standardise as tables_of

NAMES = ("Γεώργιος Παπαδόπουλος", "Maria Rossi", "Mehmet Yılmaz", "Анна Иванова")
SOURCE = schema.Source(
    kind="csv",
    location="x",
    country="GR",
    columns={"name": "full_name", "firm": "organisation_name", "phone": "phone", "street": "address.street"},
)


@dataclass
class Store:
    """The state database, as far as this stage asks it."""

    found: list[dict[str, str]] = field(default_factory=list)

    def corrections(self) -> pa.Table:
        schema_ = pa.schema([(n, pa.string()) for n in ("source", "record_id", "field", "value")])
        return pa.Table.from_pylist(self.found, schema=schema_)


def raw(size: int, *, changed: tuple[int, ...] = (), start: int = 0) -> pa.Table:
    """Rows as land writes them; every third has a firm and its contact."""
    rows = range(start, start + size)
    return pa.table({
        "_record_id": [f"r{n}" for n in rows],
        "_file": ["file.csv"] * size,
        "_sheet": pa.nulls(size, pa.string()),
        "_line": pa.array(range(2, size + 2), pa.int64()),
        "_hash": [f"h{n}{'*' if n in changed else ''}" for n in rows],
        "name": [NAMES[(n + (n in changed)) % 4] for n in rows],
        "firm": ["Rossi S.r.l." if n % 3 == 0 else None for n in rows],
        "phone": [f"69711{n:05}" for n in rows],
        "street": [f"Ερμού {n}" for n in rows],
    })  # fmt: skip


def run(root: Path, run_id: str, table: pa.Table, before: RunFolder | None = None, store: Store | None = None) -> Run:
    folder = RunFolder(root, run_id)
    folder.write("land", "raw", table, "shop")
    workspace = Workspace(root, schema.Firm(), {"shop": SOURCE})
    return Run(workspace, folder, store or Store(), datetime(2026, 1, 1, tzinfo=UTC), before)


def tables(folder: RunFolder) -> dict[str, pa.Table]:
    return {name: folder.read("standardise", name) for name in words.STANDARD_TABLES}


def test_every_source_gets_its_five_tables(tmp_path: Path) -> None:
    """One part a source and table, of the vocabulary's schema, and the count of records."""
    first = run(tmp_path, "1", raw(12))
    result = stage.standardise(first)
    assert (result.rows_in, result.rows_out) == (12, 16)
    for name, table in tables(first.folder).items():
        assert table.schema.equals(words.STANDARD_TABLES[name]), name
        assert list(first.folder.parts("standardise", name)) == ["shop"]


def test_a_source_without_rows_has_empty_tables(tmp_path: Path) -> None:
    """Later stages find every table, empty."""
    first = run(tmp_path, "1", raw(0))
    assert stage.standardise(first).rows_out == 0
    assert {t.num_rows for t in tables(first.folder).values()} == {0}


def test_corrections_of_stewards_go_over_the_raw_cells(tmp_path: Path) -> None:
    """A corrected cell is read instead of the one that landed; unknown columns and records change nothing."""
    fixes = [
        {"source": "shop", "record_id": "r1", "field": "name", "value": "Ελένη Βλάχου"},
        {"source": "shop", "record_id": "r1", "field": "gone", "value": "x"},
        {"source": "shop", "record_id": "r99", "field": "name", "value": "x"},
        {"source": "other", "record_id": "r2", "field": "name", "value": "x"},
    ]
    first = run(tmp_path, "1", raw(6), store=Store(fixes))
    stage.standardise(first)
    by_id = {r["record_id"]: r["full_name"] for r in first.folder.read("standardise", "records").to_pylist()}
    assert by_id["r1"] == "Ελένη Βλάχου"
    assert by_id["r2"] == NAMES[2]


@pytest.mark.parametrize(
    "fixes", [[], [{"source": "shop", "record_id": "r4", "field": "name", "value": "Ελένη Βλάχου"}]]
)
def test_rows_that_did_not_change_are_not_worked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fixes: list[dict[str, str]]
) -> None:
    """Only new and changed rows reach the readers, and the outcome is as if all had."""
    first = run(tmp_path, "1", raw(30))
    stage.standardise(first)
    later = raw(30, changed=(7,), start=2).take([*range(29, -1, -1)])
    later = later.set_column(3, "_line", pa.array(range(2, 32), pa.int64()))
    worked: list[int] = []

    def watched(table: pa.Table, *args: Any, **kwargs: Any) -> dict[str, pa.Table]:
        worked.append(table.num_rows)
        return tables_of(table, *args, **kwargs)

    monkeypatch.setattr(stage, "tables_of", watched)
    second = run(tmp_path, "2", later, first.folder, Store(fixes))
    result = stage.standardise(second)
    alone = run(tmp_path, "3", later, None, Store(fixes))
    stage.standardise(alone)
    assert result.counts["reused"] == 27 - len(fixes)
    assert worked == [3 + len(fixes), 30]
    for name, table in tables(second.folder).items():
        whole = tables(alone.folder)[name]
        assert sorted(map(str, table.to_pylist())) == sorted(map(str, whole.to_pylist())), name


def test_changed_settings_work_every_row_again(tmp_path: Path) -> None:
    """What was made under other settings is not taken over."""
    first = run(tmp_path, "1", raw(6))
    stage.standardise(first)
    second = run(tmp_path, "2", raw(6), first.folder)
    second.workspace.sources["shop"] = SOURCE.model_copy(update={"country": "IT"})
    assert stage.standardise(second).counts["reused"] == 0


def test_an_unchanged_source_is_taken_over_whole(tmp_path: Path) -> None:
    """Where land took over its rows, no file is written anew."""
    first = run(tmp_path, "1", raw(6))
    stage.standardise(first)
    second = run(tmp_path, "2", raw(6), first.folder)
    second.folder.take_over("land", "shop", first.folder)
    assert stage.standardise(second).counts["reused"] == 6
    for name in words.STANDARD_TABLES:
        assert second.folder.parts("standardise", name) == first.folder.parts("standardise", name)


def test_a_correction_taken_back_is_worked_again(tmp_path: Path) -> None:
    """The row goes back to what landed."""
    fixes = [{"source": "shop", "record_id": "r1", "field": "name", "value": "Ελένη Βλάχου"}]
    first = run(tmp_path, "1", raw(6), store=Store(fixes))
    stage.standardise(first)
    second = run(tmp_path, "2", raw(6), first.folder)
    assert stage.standardise(second).counts["reused"] == 5
    assert NAMES[1] in second.folder.read("standardise", "records")["full_name"].to_pylist()


def test_processes_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same bytes with two processes as with one."""
    alone = run(tmp_path / "a", "1", raw(60))
    stage.standardise(alone)
    monkeypatch.setattr(stage, "ALONE", 1)
    monkeypatch.setattr(stage, "BATCH", 20)
    several = run(tmp_path / "b", "1", raw(60))
    stage.standardise(several)
    for name, table in tables(several.folder).items():
        assert table.equals(tables(alone.folder)[name]), name
