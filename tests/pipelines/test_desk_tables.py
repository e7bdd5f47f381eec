"""Single records of a published run: the same out of the run's files as out of the file that is made of them."""

import logging
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from connectors.store.runs import RunFolder
from pipelines.desk import serve
from pipelines.desk.tables import FEW, STALE, Tables
from rules.vocabulary import FEATURES, PROVENANCE, STANDARD_TABLES


def rows(schema: pa.Schema, *cells: dict[str, str]) -> pa.Table:
    return pa.Table.from_pylist([{name: cell.get(name) for name in schema.names} for cell in cells], schema)


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """A run of two sources that know a record by one id; a part of layers; of consents nothing was written."""
    run = RunFolder.open(tmp_path / "runs", "20260101T000000Z-0000")
    people = STANDARD_TABLES["records"]
    for source, name in (("crm", "Ada"), ("shop", "Ido")):
        cells = [{"source": source, "record_id": str(n), "full_name": f"{name} {n}"} for n in range(3)]
        run.write("validate", "records", rows(people, *cells), source)
        raw = pa.table({"_record_id": ["0", "1", "2"], f"Name of {source}": [f"{name}{n}" for n in range(3)]})
        run.write("land", "raw", raw, source)
    later = rows(people, {"source": "crm", "record_id": "1", "full_name": "Ada the first"})
    run.amend(
        "validate", "records", later, pa.table({"record_id": ["1"]}), run.parts("validate", "records")["crm"], "crm"
    )
    points = STANDARD_TABLES["points"]
    mails = [{"source": "crm", "record_id": "1", "kind": "email", "value": f"{n}@post.example"} for n in "ab"]
    run.write("validate", "points", rows(points, *mails), "crm")
    run.write("match", "features", rows(FEATURES, {"source": "shop", "record_id": "2", "given_name": "ido"}))
    run.write("survive", "provenance", rows(PROVENANCE, {"golden_id": "gs-1", "field": "surname", "value": "O'Neill"}))
    return run


@pytest.fixture(params=["views", "settled"])
def tables(request: pytest.FixtureRequest, folder: RunFolder, tmp_path: Path) -> Tables:
    made = Tables(folder)
    if request.param == "settled":
        made.settle(tmp_path / "it's here")
        assert made.settled
        assert list((tmp_path / "it's here").iterdir()) == []
    return made


def test_rows_of_some_records(tables: Tables) -> None:
    """Those that are asked for, of the source that is asked for, as the last layer has them; others are left out."""
    found = tables.rows("records", ["crm:1", "shop:2", "crm:9", "crm:1"], "source, record_id, full_name").to_pylist()
    names = {f"{row['source']}:{row['record_id']}": row["full_name"] for row in found}
    assert (names, len(found)) == ({"crm:1": "Ada the first", "shop:2": "Ido 2"}, 2)
    assert tables.rows("points", ["shop:1", "crm:1"])["value"].to_pylist() == ["a@post.example", "b@post.example"]
    assert tables.rows("features", ["shop:2", "crm:2"])["given_name"].to_pylist() == ["ido"]
    assert tables.rows("consents", ["crm:1"]).num_rows == 0
    assert tables.rows("records", []).num_rows == 0


def test_very_many_records_are_the_same(tables: Tables) -> None:
    """Above a number of records the table is read through."""
    several = [*(f"crm:{n}" for n in range(FEW)), "shop:0"]
    assert len(several) > FEW
    found = tables.rows("records", several)
    assert sorted(found["full_name"].to_pylist()) == ["Ada 0", "Ada 2", "Ada the first", "Ido 0"]


def test_rows_as_they_stood_and_where_fields_came_from(tables: Tables) -> None:
    """By the source's own headers; of a source that the run did not read, nothing."""
    found = tables.raw(["shop:1", "crm:2", "gone:1", "crm:7"])
    assert sorted(found, key=lambda row: row["_source"]) == [
        {"_source": "crm", "_record_id": "2", "Name of crm": "Ada2"},
        {"_source": "shop", "_record_id": "1", "Name of shop": "Ido1"},
    ]
    assert tables.provenance("gs-1")["value"].to_pylist() == ["O'Neill"]
    assert tables.provenance("gs-2").num_rows == 0


def test_what_a_killed_process_left_goes(folder: RunFolder, tmp_path: Path) -> None:
    """What a dead process began is removed at once, what a living one began an hour ago, too; else it stays."""
    under, dead = tmp_path / "desk", subprocess.Popen(["true"])
    dead.wait()
    for name, age in (("1-old", STALE + 60), ("1-new", 0), (f"{os.getpid()}-x", 0), (f"{dead.pid}-x", 0), ("x", 0)):
        (under / name).mkdir(parents=True)
        os.utime(under / name, (time.time() - age,) * 2)
    Tables(folder).settle(under)
    assert {left.name for left in under.iterdir()} == {"1-new", f"{os.getpid()}-x"}


def test_a_desk_that_cannot_be_made_ready_is_served(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A full disk is told in the log; the next look for a publication comes all the same."""
    monkeypatch.setattr(serve, "EVERY", 0.01)
    asked: list[float] = []

    class Full:
        def make_ready(self) -> None:
            asked.append(time.monotonic())
            raise OSError("no space left on device")

    with caplog.at_level(logging.ERROR), serve.kept_ready(Full()):
        _until(lambda: len(asked) > 2)
    assert "no space left on device" in caplog.text
    many = len(asked)
    time.sleep(0.05)
    assert len(asked) == many  # it ended with the desk


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)
