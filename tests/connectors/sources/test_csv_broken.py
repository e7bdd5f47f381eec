"""Broken CSV files: each damage costs no other cell, as a careful person would read it."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from connectors.sources import csv
from connectors.sources.delimited.csv_dialect import Dialect
from connectors.sources.delimited.csv_guess import dialect_of
from pipelines.read import look, out
from rules.schema import Source
from tests.tools import broken_csv

SPEC = Path(__file__).parents[2] / "spec"
CASES = yaml.safe_load((SPEC / "broken_csv.yml").read_text("utf-8"))
DIALECTS = yaml.safe_load((SPEC / "csv_dialects.yml").read_text("utf-8"))


def mark(path: Path, file: broken_csv.Broken) -> float:
    """What `goldseam read --out` would write, marked."""
    path.write_bytes(file.data)
    looked = look.look(path, Source.model_validate({"kind": "form", "location": str(path)}))
    if not looked.tables:
        return 0.0
    table = looked.tables[0]
    header = [list(row) for row in table.seen.header_cells]
    return broken_csv.mark(header, [[cell or "" for cell in row] for row in out.rows(table)], file)


@pytest.mark.parametrize("make", broken_csv.TABLES)
def test_whole_files_are_read_without_fault(make: Callable[[], broken_csv.Table], tmp_path: Path) -> None:
    """Every dialect, line end, preamble, second table and missing header: all cells, all rows, all headers."""
    marks = {file.name: mark(tmp_path / "in.csv", file) for file in broken_csv.whole_files(make())}
    assert {name: points for name, points in marks.items() if points < 10} == {}


@pytest.mark.parametrize("make", broken_csv.TABLES)
def test_one_broken_row_in_each_way(make: Callable[[], broken_csv.Table], tmp_path: Path) -> None:
    """A delimiter or quote too many or too few in the header, the first, the last and another row spoils nothing."""
    table = make()
    for number in (-1, 0, 17, len(table.rows) - 1):
        marks = {file.name: mark(tmp_path / "in.csv", file) for file in [*broken_csv.one_row(table, number)][::3]}
        assert {name: points for name, points in marks.items() if points < 10} == {}


@pytest.mark.soak
@pytest.mark.parametrize("make", broken_csv.TABLES)
def test_every_broken_file(make: Callable[[], broken_csv.Table], tmp_path: Path) -> None:
    """All damages of all rows and columns: above 9.99 of 10 on average, and no file far below.

    A quote too many between two quoted cells (`"a"","b"`) can be read in two ways that both keep RFC 4180.
    """
    marks = [mark(tmp_path / "in.csv", file) for file in broken_csv.broken(make())]
    assert sum(marks) / len(marks) > 9.99
    assert min(marks) > 9.7


@pytest.mark.parametrize("case", CASES, ids=[case["what"] for case in CASES])
def test_a_broken_text(case: dict[str, object], tmp_path: Path) -> None:
    """Each text of tests/spec/broken_csv.yml gives its rows, its rejects and its words."""
    path = tmp_path / "in.csv"
    path.write_bytes(str(case["text"]).encode())
    settings = dict(case.get("settings") or {})  # type: ignore[call-overload]  # YAML
    grid = csv.grid(path, "in.csv", Source.model_validate({"kind": "csv", "location": "in.csv", **settings}))
    assert [[*row.values()] for row in grid.table.to_pylist()] == case["rows"]
    assert [[*reject.cells] for reject in grid.rejects] == case.get("rejects", [])
    if "header" in case:
        assert [[*row] for row in grid.seen.header_cells] == case["header"]
    if "lines" in case:
        assert grid.lines.to_pylist() == case["lines"]
    for word in case.get("said", []):  # type: ignore[attr-defined]  # YAML
        assert word in " ".join(grid.notes)
    if not case.get("said"):
        assert grid.notes == ()


@pytest.mark.parametrize("case", DIALECTS, ids=[case["what"] for case in DIALECTS])
def test_the_dialect_is_found(case: dict[str, str], tmp_path: Path) -> None:
    """Each text of tests/spec/csv_dialects.yml is read by the delimiter, quote and escape that it is written in."""
    del tmp_path
    found = dialect_of(case["text"].encode())
    assert found == Dialect(
        case["delimiter"], case.get("quote"), bool(case.get("backslash", False)), bool(case.get("blank", False))
    )
