"""Real exports with known truth, where they are at hand: how well a firm's own spreadsheets come together.

The data lie outside the repository (`GOLDSEAM_SHARED`, or `shared` beside the checkout); without them these tests skip.
"""

import csv
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.dedupe import Request, dedupe
from pipelines.runner import Summary

SHARED = Path(os.environ.get("GOLDSEAM_SHARED") or Path(__file__).parents[3] / "shared") / "data"
pytestmark = pytest.mark.skipif(not SHARED.exists(), reason="the shared data are not at hand")


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def f1(cluster: dict[str, str], truth: Path) -> float:
    """Cluster F1 over all pairs of records (Christen 2012, chapter 7)."""
    entity = {row["rec_id"]: row["entity_id"] for row in read(truth)}
    assert cluster.keys() == entity.keys()

    def pairs(groups: Counter[tuple[str, ...]]) -> int:
        return sum(n * (n - 1) // 2 for n in groups.values())

    both = pairs(Counter((cluster[r], entity[r]) for r in entity))
    return 2 * both / (pairs(Counter((c,) for c in cluster.values())) + pairs(Counter((e,) for e in entity.values())))


@pytest.mark.parametrize(("name", "at_least"), [("febrl3", 0.99), ("chicago_childcare", 0.80)])
def test_dedupe_without_configuration(tmp_path: Path, name: str, at_least: float) -> None:
    """Cluster F1 reaches the mark on a table of which nothing is known but its header."""
    dedupe(Request([SHARED / name / "records.csv"], tmp_path, id_column="rec_id"))
    found = {row["record_id"]: row["cluster_id"] for row in read(tmp_path / "clusters.csv")}
    assert f1(found, SHARED / name / "truth.csv") >= at_least


def nine_sources(root: Path) -> None:
    """The exports of one table as a workspace: a file and a declaration for each."""
    rows = read(SHARED / "chicago_childcare" / "records.csv")
    (root / "sources").mkdir(parents=True)
    (root / "inbox").mkdir()
    (root / "goldseam.yml").write_text("firm: Sites\ncountry: US\n", "utf-8")
    for name in sorted({row["Source"] for row in rows}):
        mine = [row for row in rows if row["Source"] == name]
        with (root / "inbox" / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(mine[0]))
            writer.writeheader()
            writer.writerows(mine)
        columns = "{Site name: organisation_name, Address: address.street, Zip: address.postcode, Phone: phone}"
        text = f"kind: csv\nlocation: inbox/{name}\nid: [rec_id]\nparty_type: organisation\ncolumns: {columns}\n"
        (root / "sources" / f"{Path(name).stem}.yml").write_text(text, "utf-8")


def test_nine_real_exports_as_a_workspace(tmp_path: Path, go: Callable[[Path], Summary]) -> None:
    """Nine sources with columns of their own are published; the clusters reach the mark of the single table."""
    nine_sources(tmp_path)
    assert go(tmp_path).status == "published"
    rows = read(tmp_path / "published" / "latest" / "crosswalk.csv")
    found = {row["record_id"]: row["golden_id"] or f"alone {row['record_id']}" for row in rows}
    assert len(rows) == len(found)
    assert f1(found, SHARED / "chicago_childcare" / "truth.csv") >= 0.80


@pytest.mark.parametrize(("folder", "files"), [("ubl", 4), ("fatturapa", 10)])
def test_sample_invoices_yield_buyer_and_total(
    tmp_path: Path, go: Callable[[Path], Summary], folder: str, files: int
) -> None:
    """Every invoice of the two kinds is published as a customer, with its total among the facts."""
    (tmp_path / "sources").mkdir()
    (tmp_path / "goldseam.yml").write_text("firm: Invoices\n", "utf-8")
    text = f"kind: e_invoice\nlocation: {SHARED / 'samples' / folder}/*.xml\n"
    (tmp_path / "sources" / "invoices.yml").write_text(text, "utf-8")
    summary = go(tmp_path)
    assert summary.status == "published"
    rows = read(tmp_path / "published" / "latest" / "crosswalk.csv")
    assert len([row for row in rows if "/contact" not in row["record_id"]]) == files
    assert all(row["golden_id"] for row in rows)
