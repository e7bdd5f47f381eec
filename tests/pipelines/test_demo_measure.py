"""Measuring a published crosswalk against the demo's truth, on five records that fit on a hand."""

import csv
import json
from pathlib import Path

import pyarrow as pa
import pytest

from connectors.store.runs import RunFolder
from pipelines import demo

TRUTH = """source,record_id,file,sheet,line,entity_id
shop,1,s.csv,,,anna
shop,2,s.csv,,,anna
sales,A,x.xlsx,N,5,anna
diary,,d.ods,2026,2,anna
shop,3,s.csv,,,boris
sales,A/contact,x.xlsx,N,5,boris
diary,,d.ods,2026,3,nobody-1
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace whose diary has carried keys."""
    (tmp_path / "truth").mkdir()
    (tmp_path / "truth" / "records.csv").write_text(TRUTH, "utf-8")
    folder = RunFolder.open(tmp_path / "var" / "runs", "r1")
    diary = {
        "_record_id": ["k000001", "k000002"], "_file": ["d.ods"] * 2, "_sheet": ["2026"] * 2, "_line": [2, 3],
        "_hash": ["", ""],
    }  # fmt: skip
    folder.write("land", "raw", pa.table(diary), "diary")
    folder.save()
    (tmp_path / "published" / "latest").mkdir(parents=True)
    (tmp_path / "published" / "latest" / "manifest.json").write_text(json.dumps({"run_id": "r1"}), "utf-8")
    return tmp_path


def _publish(root: Path, golden: dict[tuple[str, str], str]) -> None:
    with (root / "published" / "latest" / "crosswalk.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["source", "record_id", "golden_id", "state"])
        writer.writerows([*key, value, "active" if value else "quarantined"] for key, value in golden.items())


PERFECT = {
    ("shop", "1"): "g1", ("shop", "2"): "g1", ("sales", "A"): "g1", ("diary", "k000001"): "g1",
    ("shop", "3"): "g2", ("sales", "A/contact"): "g2", ("diary", "k000002"): "",
}  # fmt: skip


def test_a_perfect_crosswalk(workspace: Path) -> None:
    """All pairs found and no other, contacts and carried keys among them."""
    _publish(workspace, PERFECT)
    measured = demo.measure(workspace)
    assert (measured.precision, measured.recall, measured.f1) == (1.0, 1.0, 1.0)
    assert (measured.pairs, measured.records, measured.missing, measured.unknown) == (7, 7, 0, 0)


def test_quarantined_records_count_as_singles(workspace: Path) -> None:
    """Two records without golden id are not joined by having none."""
    _publish(workspace, PERFECT | {("diary", "k000001"): "", ("shop", "3"): ""})
    measured = demo.measure(workspace)
    assert measured.precision == 1.0
    assert measured.right == measured.found == 3
    assert measured.recall == 3 / 7


def test_false_merges_lower_precision(workspace: Path) -> None:
    """One customer swallowed by another: every pair across the two is wrong."""
    _publish(workspace, PERFECT | {("shop", "3"): "g1", ("sales", "A/contact"): "g1"})
    measured = demo.measure(workspace)
    assert measured.recall == 1.0
    assert measured.precision == 7 / 15


def test_missing_and_unknown_records_are_counted(workspace: Path) -> None:
    """A record that was lost on the way counts as missing and alone; one that nobody knows is left out."""
    lost = {k: v for k, v in PERFECT.items() if k != ("shop", "2")}
    _publish(workspace, lost | {("shop", "99"): "g1"})
    measured = demo.measure(workspace)
    assert (measured.missing, measured.unknown) == (1, 1)
    assert measured.precision == 1.0
    assert measured.recall == 4 / 7


def test_nothing_published(tmp_path: Path) -> None:
    """Without a crosswalk there is nothing to measure, and the error names the file."""
    with pytest.raises(FileNotFoundError, match="crosswalk"):
        demo.measure(tmp_path)
