"""The last stage: a scorecard of as far as the run got."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from connectors.store.runs import RunFolder
from connectors.workspace import Workspace
from pipelines.context import Run
from pipelines.report import file, report
from rules import schema, vocabulary

SOURCES = {"shop": schema.Source(kind="csv", location="inbox/*.csv", department="sales", essential=True)}


class Published:
    """A state database that knows one thing."""

    def __init__(self, run_id: str | None) -> None:
        self.run_id = run_id

    def last_published(self) -> str | None:
        return self.run_id


def run_of(root: Path, published: str | None = None, stages: int = 3, state: str = "landed") -> Run:
    """A run that reached so many of three stages."""
    folder = RunFolder.open(root / "var" / "runs", "run-2")
    key = {"source": "shop", "record_id": "1"}
    parts: list[tuple[str, str, pa.Schema, dict[str, Any]]] = [
        (
            "land",
            "sources",
            vocabulary.SOURCES,
            {"source": "shop", "state": state, "rows": 1, "rejected": 0, "facts": 0},
        ),
        ("standardise", "records", vocabulary.RECORDS, {**key, "full_name": "Ελένη <i>Θ.</i>", "department": "sales"}),
        ("survive", "golden", vocabulary.GOLDEN, {"golden_id": "G1", "display_name": "Ελένη", "party_type": "person"}),
    ]
    for stage, table, table_schema, row in parts[:stages]:
        folder.write(stage, table, pa.Table.from_pylist([row], schema=table_schema))
    workspace = Workspace(root, schema.Firm(firm="Pelagos <& Co>"), SOURCES)
    return Run(workspace, folder, Published(published), datetime(2026, 11, 22, tzinfo=UTC))


def test_the_page_lies_in_the_run_folder(tmp_path: Path) -> None:
    """One file, named by `file`, that says how the run ended; the stage counts records and customers."""
    run = run_of(tmp_path, published="run-2")
    result = report(run)
    html = file(run).read_text("utf-8")
    assert (result.name, result.rows_in, result.rows_out) == ("report", 1, 1)
    assert file(run) == tmp_path / "var/runs/run-2/report/scorecard.html"
    assert ">published</span>" in html
    assert "Pelagos &lt;&amp; Co&gt;" in html


def test_a_run_that_is_held_says_why(tmp_path: Path) -> None:
    """An essential source that was only carried holds the run, and the page gives that reason."""
    run = run_of(tmp_path, published="run-1", state="carried")
    report(run)
    assert "Not published: the essential source shop did not land" in file(run).read_text("utf-8")


def test_a_run_with_nothing_new_is_unchanged(tmp_path: Path) -> None:
    """Another run is the last published one, and no gate holds this one."""
    run = run_of(tmp_path, published="run-1")
    report(run)
    assert ">unchanged</span>" in file(run).read_text("utf-8")


@pytest.mark.parametrize("stages", [0, 1, 2])
def test_a_run_that_stopped_early_still_has_its_page(tmp_path: Path, stages: int) -> None:
    """Missing tables are no error: the page tells where the run stopped."""
    run = run_of(tmp_path, stages=stages)
    report(run)
    assert ">stopped</span>" in file(run).read_text("utf-8")


def test_the_next_run_is_compared_with_this_one(tmp_path: Path) -> None:
    """Scores are kept in the run folder, and the page of a later run shows the difference."""
    first = run_of(tmp_path, published="run-2")
    report(first)
    first.folder.save()
    later = Run(
        first.workspace, RunFolder.open(first.folder.runs, "run-3"), Published("run-2"), first.started,
        before=RunFolder.open(first.folder.runs, "run-2"),
    )  # fmt: skip
    for stage, table in (("standardise", "records"), ("land", "sources")):
        later.folder.write(stage, table, first.folder.read(stage, table))
    report(later)
    assert "as before" in file(later).read_text("utf-8")


def test_a_workspace_sets_its_own_targets(tmp_path: Path) -> None:
    """`rules/scorecard.yml` is read, and a mistake in it names the file."""
    run = run_of(tmp_path)
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "scorecard.yml").write_text("targets: {completeness: 0.123}\n", "utf-8")
    report(run)
    assert "target 12" in file(run).read_text("utf-8")
    (tmp_path / "rules" / "scorecard.yml").write_text("target: {}\n", "utf-8")
    with pytest.raises(schema.Mistakes, match=r"rules/scorecard\.yml:1: target"):
        report(run)
