"""The quarantine as a queue: list, export, correct, release."""

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest

from connectors.store.runs import RunFolder
from connectors.workspace import Workspace
from pipelines import quarantine
from pipelines.quarantine import Refused
from rules import schema

ITEM = pa.schema([
    ("source", pa.string()), ("record_id", pa.string()), ("reasons", pa.list_(pa.string())), ("raw", pa.string()),
    ("file", pa.string()), ("sheet", pa.string()), ("line", pa.int64()), ("hash", pa.string()),
    ("first_run", pa.string()), ("state", pa.string()), ("owner", pa.string()),
])  # fmt: skip


class FakeStore:
    """The state database, as far as the quarantine asks it."""

    def __init__(self) -> None:
        self.done: list[tuple[Any, ...]] = []

    def quarantine_items(self, state: str | None = None) -> pa.Table:
        rows = [
            item("crm", "3", "ana", Name="=1+2", source="fair"),
            item("crm", "a:b/contact", "ana", Name="+30 210", Tel=None),
            item("shop", "3", "bo", "released", Name="Ελένη, «x»"),
        ]
        return pa.Table.from_pylist([r for r in rows if state in (None, r["state"])], ITEM)

    def correct(self, *args: Any, seen: int | None = None) -> None:  # noqa: ARG002 - it has seen nothing
        self.done.append(("correct", *args))

    def release(self, *args: Any) -> None:
        self.done.append(("release", *args))


def item(source: str, record: str, owner: str, state: str = "open", /, **raw: str | None) -> dict[str, Any]:
    return {
        "source": source, "record_id": record, "reasons": ["nobody", "Tel '12': no number"], "raw": json.dumps(raw),
        "file": "x.csv", "line": 9, "hash": "h", "first_run": "run1", "state": state, "owner": owner,
    }  # fmt: skip


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


def test_the_list_is_narrowed(store: FakeStore) -> None:
    """By state, by source, and by owner, who may want a list of what to mend at the source."""
    assert quarantine.list_items(store).num_rows == 3
    assert quarantine.list_items(store, state="open", source="crm").num_rows == 2
    assert quarantine.list_items(store, owner="bo")["source"].to_pylist() == ["shop"]


def test_an_exported_csv_runs_no_formula(store: FakeStore, tmp_path: Path) -> None:
    """Every column of the rows is there, and what a spreadsheet would run as a formula begins with an apostrophe."""
    path = tmp_path / "out" / "q.csv"
    assert quarantine.export(quarantine.list_items(store), path) == 3
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [r["Name"] for r in rows] == ["'=1+2", "'+30 210", "Ελένη, «x»"]
    assert (rows[0]["source"], rows[0]["source (row)"]) == ("crm", "fair")
    assert rows[0]["reasons"] == "nobody; Tel '12': no number"


@pytest.mark.parametrize("value", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_formulas_are_guarded(value: str) -> None:
    """Each of the ways in which a formula may begin is guarded; other text is not touched."""
    assert quarantine.guarded(value) == f"'{value}"
    assert quarantine.guarded(f"a{value}") == f"a{value}"


def test_an_exported_workbook_holds_text(store: FakeStore, tmp_path: Path) -> None:
    """In a workbook every cell is text as it stood, and none is a formula."""
    path = tmp_path / "q.xlsx"
    quarantine.export(quarantine.list_items(store), path)
    sheet = openpyxl.load_workbook(path).active
    rows = list(sheet.iter_rows())
    name = [c.value for c in rows[0]].index("Name")
    assert [r[name].value for r in rows[1:]] == ["=1+2", "+30 210", "Ελένη, «x»"]
    assert {c.data_type for r in rows for c in r if c.value is not None} == {"s"}
    assert all(r[name].quotePrefix for r in rows[1:])


def test_an_export_has_a_kind(store: FakeStore, tmp_path: Path) -> None:
    """Another ending than .csv and .xlsx is refused, with the remedy."""
    with pytest.raises(Refused, match=r"exported as \.csv or \.xlsx"):
        quarantine.export(quarantine.list_items(store), tmp_path / "q.pdf")


def test_a_correction_is_of_the_row(store: FakeStore) -> None:
    """A cell is set by its own column name, on the row that the record was read from; the id may hold colons."""
    quarantine.correct(store, "crm:a:b/contact", {"Tel": "210 3221234"}, "ana", "asked her")
    assert store.done == [("correct", "crm", "a:b", {"Tel": "210 3221234"}, "ana", "asked her")]


@pytest.mark.parametrize(
    ("key", "values", "expected"),
    [
        ("crm:3", {"Nmae": "x"}, "has no column 'Nmae'. Did you mean 'Name'?"),
        ("crm:3", {}, "nothing to correct"),
        ("crm:4", {"Name": "x"}, "crm:4 is not in quarantine"),
        ("crm", {"Name": "x"}, "Write SOURCE:ID"),
    ],
)
def test_wrong_corrections_are_refused(store: FakeStore, key: str, values: dict[str, str], expected: str) -> None:
    """A misspelt column, an unknown record or no record at all is refused with a remedy, and nothing is stored."""
    with pytest.raises(Refused) as caught:
        quarantine.correct(store, key, values, "ana")
    assert expected in str(caught.value)
    assert store.done == []


def test_a_release_is_of_the_record(store: FakeStore) -> None:
    """A record is let through by its key; one that is not in quarantine is not."""
    quarantine.release(store, "crm:3", "ana", "an old friend")
    assert store.done == [("release", "crm", "3", "ana", "an old friend")]
    with pytest.raises(Refused):
        quarantine.release(store, "crm:99", "ana")


def test_what_a_held_run_would_set_aside(tmp_path: Path) -> None:
    """A run that is not in force has its own list, so that whoever decides on it sees the records; without such a run
    the last ones are named."""
    folder = RunFolder.open(tmp_path / "var" / "runs", "20260101T000000Z-aa")
    rows = [{"source": s, "record_id": s[0], "reasons": ["unnamed"], "raw": "{}", "file": "f"} for s in ("crm", "shop")]
    folder.write("validate", "quarantine", pa.Table.from_pylist(rows))
    folder.save()
    space = Workspace(tmp_path, schema.Firm(firm="x"), {})
    (found,) = quarantine.of_run(space, folder.id, "shop").to_pylist()
    assert (found["record_id"], found["reasons"], found["state"]) == ("s", ["unnamed"], "held")
    assert quarantine.of_run(space, folder.id).num_rows == 2
    with pytest.raises(quarantine.Refused, match=folder.id):
        quarantine.of_run(space, "nowhere")
