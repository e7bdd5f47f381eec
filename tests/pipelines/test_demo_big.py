"""The clientele for `make bench`: right in size, in shares and in its truth, and the same every time."""

import csv
import hashlib
import sqlite3
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from connectors import workspace
from tests.bench.generate import DISTINCT, generate

ROWS = 3_000


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("big") / "firm"
    generate(out, ROWS, seed=3)
    return out


def _csv(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def _records(firm: Path) -> dict[tuple[str, str], dict[str, str]]:
    rows = {
        "branches": _csv(firm / "inbox/branches.csv"),
        "website": _csv(firm / "inbox/website.csv", ";"),
        "billing": pq.read_table(firm / "inbox/billing.parquet").to_pylist(),
    }
    with sqlite3.connect(firm / "inbox/callcentre.db") as base:
        base.row_factory = sqlite3.Row
        rows["callcentre"] = [dict(row) for row in base.execute("SELECT * FROM customers")]
    return {(source, row["id"]): row for source, found in rows.items() for row in found}


def test_four_sources_hold_all_rows_and_the_truth_knows_each(firm: Path) -> None:
    """As many records as asked for, 70 in 100 of them of different people, each once in the truth."""
    records = _records(firm)
    truth = {(row["source"], row["record_id"]): row["entity_id"] for row in _csv(firm / "truth.csv")}
    assert len(records) == len(truth) == ROWS
    assert records.keys() == truth.keys()
    assert len(set(truth.values())) == round(ROWS * DISTINCT)
    assert set(workspace.read(firm).sources) == {"branches", "website", "billing", "callcentre"}


def test_same_seed_same_bytes(firm: Path, tmp_path: Path) -> None:
    """Two generations with one seed are equal in every file."""
    generate(tmp_path, ROWS, seed=3)
    for path in sorted(p for p in firm.rglob("*") if p.is_file()):
        other = tmp_path / path.relative_to(firm)
        assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(other.read_bytes()).digest(), path.name


def test_nobody_is_left_without_a_value_of_its_own(firm: Path) -> None:
    """Every record has a name and at least one of birth date, e-mail address and mobile; a fifth lacks an address."""
    records = list(_records(firm).values())
    assert all(r["given_name"] and r["surname"] and (r["birth_date"] or r["email"] or r["mobile"]) for r in records)
    assert 0.1 < sum(not r["street"] for r in records) / ROWS < 0.3


def test_names_have_a_long_tail(firm: Path) -> None:
    """The commonest surname is no more than a few in a hundred, and most surnames are rare."""
    counts: dict[str, int] = {}
    for row in _records(firm).values():
        counts[row["surname"]] = counts.get(row["surname"], 0) + 1
    assert 3 < max(counts.values()) < ROWS * 0.04
    assert sum(n == 1 for n in counts.values()) > len(counts) / 3
