"""One run from files to the published table, and what must never happen on the way."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors import workspace as workspaces
from connectors.store.lock import Busy, held
from pipelines import init, runner
from pipelines.cli import app
from pipelines.context import RunFailed
from pipelines.runner import Summary
from tests.pipelines.example import SECOND, add_source, crosswalk, latest, rows

Go = Callable[[Path], Summary]


def test_one_file_goes_through_all_eight_stages(firm: Path, go: Go) -> None:
    """The example of `init` is published: duplicates joined, a bare row quarantined, every record accounted for."""
    summary = go(firm)
    assert summary.status == "published"
    assert [s.name for s in summary.stages] == [
        "land", "standardise", "validate", "match", "identify", "survive", "publish", "report",
    ]  # fmt: skip
    assert summary.golden == len(rows(latest(firm, "golden.csv"))) == 4
    who = crosswalk(firm)
    assert len(who) == 7
    assert who["customers:1001"] == who["customers:1002"]
    assert who["customers:1004"] == who["customers:1005"]
    assert who["customers:1003"] not in (who["customers:1001"], "")
    assert who["customers:1007"] == ""
    assert sum(summary.quarantined.values()) == 1


def test_the_published_files_are_those_of_the_contract(running: Path) -> None:
    """Every file is there, and the manifest's hashes are those of the files."""
    manifest = json.loads(latest(running, "manifest.json").read_text("utf-8"))
    names = {
        "golden.csv",
        "golden.parquet",
        "contact_points.csv",
        "relations.csv",
        "crosswalk.csv",
        "provenance.parquet",
    }
    assert names <= set(manifest["files"])
    for name in names:
        digest = hashlib.sha256(latest(running, name).read_bytes()).hexdigest()
        assert digest in json.dumps(manifest["files"][name])


def test_text_survives_exactly_as_it_stood(running: Path) -> None:
    """A postcode with leading zeros reaches the golden table with them."""
    postcodes = {r["display_name"]: r["postcode"] for r in rows(latest(running, "golden.csv"))}
    assert postcodes["Marco Rossi"] == "00184"


def test_a_second_run_with_nothing_changed_publishes_nothing(running: Path, go: Go) -> None:
    """Status unchanged, every count zero, only landing was worked on, the published folder is the same."""
    before = latest(running, "").resolve()
    summary = go(running)
    assert summary.status == "unchanged"
    assert set(summary.changes.values()) == {0}
    assert [s.name for s in summary.stages] == ["land"]
    assert latest(running, "").resolve() == before


def test_ids_live_on_when_a_record_changes(running: Path, go: Go) -> None:
    """A corrected spelling changes the customer, not its golden id."""
    before = crosswalk(running)
    path = running / "inbox" / "customers.csv"
    path.write_text(path.read_text("utf-8").replace("Via Roma 8", "Via Milano 9"), "utf-8")
    summary = go(running)
    assert summary.status == "published"
    assert summary.changes["changed"] == 1
    assert crosswalk(running) == before
    assert "Via Milano" in latest(running, "golden.csv").read_text("utf-8")


def test_an_essential_source_that_fails_holds_the_run(running: Path, go: Go) -> None:
    """Nothing is published, what was published stays, and the reason names the source."""
    before = latest(running, "golden.csv").read_bytes()
    (running / "inbox" / "customers.csv").unlink()
    add_source(running)
    summary = go(running)
    assert summary.status == "held"
    assert "customers" in summary.reasons[0]
    assert latest(running, "golden.csv").read_bytes() == before


def test_a_source_that_vanishes_retires_nobody(running_two: Path, go: Go) -> None:
    """A source that failed carries its last good snapshot: its customers stay."""
    before = crosswalk(running_two)
    (running_two / "inbox" / "second.csv").unlink()
    path = running_two / "inbox" / "customers.csv"
    path.write_text(path.read_text("utf-8").replace("Via Roma 8", "Via Milano 9"), "utf-8")
    summary = go(running_two)
    assert summary.status == "published"
    assert summary.changes["retired"] == 0
    assert crosswalk(running_two) == before


def test_when_every_source_fails_the_run_fails(firm: Path, go: Go) -> None:
    """There is nothing to publish, and it says why."""
    (firm / "inbox" / "customers.csv").unlink()
    summary = go(firm)
    assert summary.status == "failed"
    assert "customers" in summary.reasons[0]
    assert not latest(firm, "golden.csv").exists()


BAD = {
    "missing": (None, "missing.csv: there is no such file"),
    "blank": ("", "empty"),
    "headed": ("no,name,mail\n", "header"),
    "changed": ("no,title,mail\n1,Anna,a@post.example\n", "name"),
}


@pytest.fixture(scope="module")
def run_on_bad_files(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    """A run of the example with four more sources, each with a bad file."""
    root = tmp_path_factory.mktemp("bad") / "firm"
    init.write(root)
    for name, (table, _) in BAD.items():
        (root / "sources" / f"{name}.yml").write_text(SECOND.replace("second", name), "utf-8")
        if table is not None:
            (root / "inbox" / f"{name}.csv").write_text(table, "utf-8")
    return runner.run(workspaces.read(root))


def test_bad_files_stop_their_sources_and_no_other(run_on_bad_files: Summary) -> None:
    """The good source is published, every customer of it."""
    assert run_on_bad_files.status == "published"
    assert run_on_bad_files.golden == 4


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_named_with_its_remedy(run_on_bad_files: Summary, name: str) -> None:
    """A file that is not there, an empty one, a header alone and a vanished column stop their source, in words."""
    said = [note for stage in run_on_bad_files.stages for note in stage.warnings if note.startswith(f"{name}: ")]
    assert any(BAD[name][1] in note.removeprefix(f"{name}: ") for note in said), said


def test_a_second_run_of_a_workspace_is_refused_while_one_is_under_way(firm: Path, go: Go) -> None:
    """Two runs never write at once; the message says who holds the lock."""
    with held(firm / "var" / "run.lock"), pytest.raises(Busy, match="process"):
        go(firm)


def test_exit_codes_and_json_are_those_of_the_contract(firm: Path) -> None:
    """0 published, 0 unchanged, 3 held, 2 wrong configuration; the JSON has the agreed keys and nothing beside it."""
    runner = CliRunner()
    first = runner.invoke(app, ["run", "-w", str(firm), "--plain", "--json"])
    assert first.exit_code == 0
    told = json.loads(first.stdout)
    agreed = {"run_id", "status", "stages", "quarantined", "rejected", "golden", "changes"}
    assert set(told) == agreed | {"started", "difference"}
    assert set(told["changes"]) == {"created", "merged", "split", "changed", "retired"}
    assert all(set(s) == {"name", "rows_in", "rows_out", "seconds"} for s in told["stages"])
    again = runner.invoke(app, ["run", "-w", str(firm), "--plain", "--json"])
    assert (again.exit_code, json.loads(again.stdout)["status"]) == (0, "unchanged")
    (firm / "inbox" / "customers.csv").unlink()
    held_run = runner.invoke(app, ["run", "-w", str(firm), "--plain", "--json"])
    assert (held_run.exit_code, json.loads(held_run.stdout)["status"]) == (3, "held")
    (firm / "goldseam.yml").write_text("firm: [", "utf-8")
    wrong = runner.invoke(app, ["check", "-w", str(firm)])
    assert wrong.exit_code == 2


def test_check_reports_every_mistake_of_every_file_at_once(firm: Path) -> None:
    """One look names the mistakes of two files, each with its line, and a file that is not there."""
    (firm / "goldseam.yml").write_text("frim: X\n", "utf-8")
    add_source(firm, SECOND.replace("full_name", "ful_name"), table=None)
    found = CliRunner().invoke(app, ["check", "-w", str(firm)])
    assert found.exit_code == 2
    assert "goldseam.yml:1" in found.output
    assert "sources/second.yml:5" in found.output
    assert "full_name" in found.output


def test_check_names_a_missing_file_and_an_unknown_column(firm: Path) -> None:
    """Sources are looked at too, without running them."""
    add_source(firm, table=None)
    found = CliRunner().invoke(app, ["check", "-w", str(firm)])
    assert found.exit_code == 2
    assert "second" in found.output
    assert not (firm / "var" / "runs").exists()


def test_a_stage_that_breaks_publishes_nothing_and_says_where(firm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 1, the stage named, the traceback in the run's folder, the JSON still whole."""

    def breaks(_run: object) -> None:
        raise RuntimeError("disk on fire")

    monkeypatch.setattr("pipelines.survive.survive", breaks)
    found = CliRunner().invoke(app, ["run", "-w", str(firm), "--plain", "--json"])
    assert isinstance(found.exception, RunFailed)
    assert "survive" in str(found.exception)
    told = json.loads(found.stdout)
    assert told["status"] == "failed"
    assert "disk on fire" in next(firm.glob("var/runs/*/error.txt")).read_text("utf-8")
    assert not latest(firm, "golden.csv").exists()
