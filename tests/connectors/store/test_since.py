"""What of a table is not as in an earlier run: told by its layers, else by what both hold."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from connectors.store.runs import RunFolder
from connectors.store.since import differing

A, B, C = {"id": "a", "v": "1"}, {"id": "b", "v": "2"}, {"id": "c", "v": None}


def folder(root: Path, name: str, *rows: dict[str, Any], part: str = "all") -> RunFolder:
    found = RunFolder(root, name)
    found.write("s", "t", table(*rows), part)
    return found


def table(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), pa.schema([("id", pa.string()), ("v", pa.string()), ("w", pa.string())]))


def keys(now: RunFolder, then: RunFolder, columns: list[str] | None = None) -> list[str] | None:
    found = differing(now, then, "s", "t", ("id",), columns or ["id", "v"])
    return None if found is None else sorted(found["id"].to_pylist())


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([A, B, C], []),
        ([C, B, A], []),
        ([{**A, "w": "not compared"}, B, C], []),
        ([A, B], ["c"]),
        ([A, {**B, "v": None}, {**C, "v": ""}], ["b", "c"]),
        ([A, A, B, C, {"id": "d"}], ["a", "d"]),
    ],
)
def test_tables_written_whole(tmp_path: Path, rows: list[dict[str, Any]], expected: list[str]) -> None:
    """Rows that came, went, changed or stand there once more; order and other columns are no difference."""
    assert keys(folder(tmp_path, "now", *rows), folder(tmp_path, "then", A, B, C)) == expected


def test_an_amended_table_is_told_by_its_layers(tmp_path: Path) -> None:
    """Nothing is compared: what the layer names is the answer, though it stayed as it was."""
    then = folder(tmp_path, "then", *({"id": str(n)} for n in range(20)))
    now = RunFolder(tmp_path, "now")
    now.amend("s", "t", table({"id": "3"}), pa.table({"id": ["3"]}), then.parts("s", "t")["all"], by=(("id",),))
    assert keys(now, then) == ["3"]
    assert keys(then, then) == []


def test_layers_by_another_key_are_compared(tmp_path: Path) -> None:
    """A layer that names rows by another column says nothing of these keys."""
    then = folder(tmp_path, "then", A, B, *({"id": str(n), "v": "x"} for n in range(20)))
    now = RunFolder(tmp_path, "now")
    now.amend("s", "t", table({"id": "b", "v": "9"}), pa.table({"v": ["2"]}), then.parts("s", "t")["all"], by=(("v",),))
    assert keys(now, then) == ["b"]


def test_parts_that_come_and_go(tmp_path: Path) -> None:
    """The rows of a source that is new, or gone, all differ."""
    now, then = folder(tmp_path, "now", A, part="crm"), folder(tmp_path, "then", B, part="shop")
    assert keys(now, then) == ["a", "b"]


def test_nobody_knows(tmp_path: Path) -> None:
    """An earlier run without the table, or with other columns, cannot be compared with."""
    now = folder(tmp_path, "now", A)
    assert keys(now, RunFolder(tmp_path, "then")) is None
    assert keys(now, folder(tmp_path, "then", A), ["id", "new"]) is None
