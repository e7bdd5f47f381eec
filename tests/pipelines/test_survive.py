"""The stage: what it reads and writes, and what it takes over from the night before."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pyarrow as pa
import pytest

from connectors.store.runs import RunFolder
from connectors.workspace import Workspace
from pipelines.context import Run
from pipelines.survive import survive
from rules import schema
from rules import vocabulary as words


def rows(columns: dict[str, list[str | None]], schema_: pa.Schema) -> pa.Table:
    size = len(next(iter(columns.values())))
    return pa.table([pa.array(columns.get(f.name, [None] * size), f.type) for f in schema_], schema=schema_)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run as validate and identify leave it: two sources, two customers, one household."""
    sources = {
        "crm": schema.Source(kind="csv", location="crm.csv", trust=0.9),
        "web": schema.Source(kind="csv", location="web.csv", trust=0.2),
    }
    folder = RunFolder.open(tmp_path / "var/runs", "r1")
    crm = {"source": ["crm", "crm"], "record_id": ["1", "2"], "given_name": ["Anna", "Nikos"], "segment": ["A", "B"]}
    folder.write("validate", "records", rows(crm, words.RECORDS), "crm")
    web = {"source": ["web"], "record_id": ["9"], "given_name": ["ANNA"], "segment": ["C"]}
    folder.write("validate", "records", rows(web, words.RECORDS).append_column("text.boat", [["Bavaria"]]), "web")
    ids = {"source": ["crm", "crm", "web"], "record_id": ["1", "2", "9"], "golden_id": ["G1", "G2", "G1"]}
    folder.write("identify", "clusters", pa.table(ids))
    folder.write("identify", "households", pa.table({"household_id": ["H1", "H1"], "golden_id": ["G1", "G2"]}))
    store = SimpleNamespace(decisions=words.DECISIONS.empty_table)
    started = datetime(2026, 11, 22, 3, 30, tzinfo=UTC)
    return Run(Workspace(tmp_path, schema.Firm(), sources), folder, store, started)


def test_writes_the_four_tables_of_the_vocabulary(run: Run) -> None:
    """Golden records, contact points, relations and provenance, with the schemas that publish expects."""
    result = survive(run)
    schemas = {"golden": words.GOLDEN, "contact_points": words.CONTACT_POINTS, "relations": words.RELATIONS}
    for name, wanted in {**schemas, "provenance": words.PROVENANCE}.items():
        assert run.folder.read("survive", name).schema.equals(wanted)
    golden = run.folder.read("survive", "golden").to_pylist()
    assert [(g["golden_id"], g["given_name"], g["household_id"], g["sources"]) for g in golden] == [
        ("G1", "Anna", "H1", "crm;web"),
        ("G2", "Nikos", "H1", "crm"),
    ]
    assert (result.rows_in, result.rows_out) == (3, 2)


def test_trust_is_the_sources_own(run: Run) -> None:
    """The segment comes from the source that the firm trusts most."""
    survive(run)
    kept = {(r["golden_id"], r["field"]): r["value"] for r in run.folder.read("survive", "provenance").to_pylist()}
    assert kept["G1", "segment"] == "A"
    assert kept["G1", "text.boat"] == "Bavaria"


def test_a_firms_rules_are_read_and_mistakes_named(run: Run) -> None:
    """The workspace's rules/survivorship.yml counts, and a mistake in it stops the stage with its line."""
    own = run.workspace.root / "rules/survivorship.yml"
    own.parent.mkdir()
    own.write_text("fields:\n  segment: {rules: [longst]}\n", "utf-8")
    with pytest.raises(schema.Mistakes, match=r"rules/survivorship\.yml:2"):
        survive(run)


def test_frequencies_are_taken_over_until_they_are_outgrown(run: Run, tmp_path: Path) -> None:
    """A name must not change because another customer came; a firm that doubled is counted anew."""
    survive(run)
    known = run.folder.read("survive", "frequencies")
    night = Run(run.workspace, RunFolder.open(tmp_path / "var/runs", "r2"), run.store, run.started, before=run.folder)
    for size, same in ((4, True), (5, False)):
        records = {"source": ["crm"] * size, "record_id": [str(n) for n in range(size)], "given_name": ["Anna"] * size}
        night.folder.write("validate", "records", rows(records, words.RECORDS), "crm")
        ids = {**records, "golden_id": [f"G{n}" for n in range(size)]}
        night.folder.write("identify", "clusters", pa.table(ids).drop_columns(["given_name"]))
        survive(night)
        assert (night.folder.read("survive", "frequencies") == known) is same
