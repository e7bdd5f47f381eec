"""Dry runs and held runs: the difference that they tell, and publishing one after all."""

import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from connectors import workspace as workspaces
from connectors.store.publication import Conflict
from connectors.store.state import Store
from pipelines import init, runner
from pipelines.again import NoSuchRun
from pipelines.cli import app
from pipelines.cli.errors import explain
from pipelines.context import RunFailed
from pipelines.publish_run import publish_run
from pipelines.rollback import rollback
from pipelines.runner import Summary
from tests.pipelines.example import NIGHT, copied

Step = Callable[..., Summary]


@pytest.fixture
def step() -> Step:
    """One run of a workspace, each a day after the one before."""
    days = iter(range(2, 100))

    def run(root: Path, *, dry: bool = False) -> Summary:
        return runner.run(workspaces.read(root), now=NIGHT + timedelta(days=next(days)), dry=dry)

    return run


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Summary]:
    """The example workspace after a dry run, its first run of all."""
    root = tmp_path_factory.mktemp("dry") / "firm"
    init.write(root)
    return root, runner.run(workspaces.read(root), now=NIGHT + timedelta(days=1), dry=True)


@pytest.fixture
def waiting(template: tuple[Path, Summary], tmp_path: Path) -> tuple[Path, Summary]:
    """A copy of it, and what the dry run came to."""
    return copied(template[0], tmp_path), template[1]


def rewrite(firm: Path, old: str, new: str) -> None:
    path = firm / "inbox" / "customers.csv"
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


def state(firm: Path) -> tuple[list[str], dict[str, bytes]]:
    """All that is in the state database, and all published files."""
    with sqlite3.connect(firm / "var" / "goldseam.db") as base:
        rows = list(base.iterdump())
    published = (
        sorted(p for p in (firm / "published").rglob("*") if p.is_file()) if (firm / "published").exists() else []
    )
    return rows, {str(p): p.read_bytes() for p in published}


def told(*words: str) -> tuple[int, dict[str, Any]]:
    """A command's exit code and its JSON."""
    found = CliRunner().invoke(app, [*words, "--json"])
    return found.exit_code, json.loads(found.stdout)


def store(firm: Path) -> Store:
    return Store.open(workspaces.read(firm).database_url)


def test_a_dry_run_changes_nothing_and_can_be_published(running: Path) -> None:
    """State and published files stay byte for byte; its difference is told; published, it is as if it had run so."""
    rewrite(running, "Via Roma 8", "Via Milano 9")
    before, page = state(running), (running / "scorecard.html").read_bytes()
    code, dry = told("run", "-w", str(running), "--plain", "--dry-run")
    assert (code, dry["dry_run"], dry["would_be"], dry["status"]) == (0, True, "published", "held")
    seen = dry["difference"]
    assert (seen["since"], seen["fields"]["street"], seen["merged"], seen["retired"]) == (1, 1, 0, 0)
    assert state(running) == before
    assert (running / "scorecard.html").read_bytes() == page
    code, done = told("publish", dry["run_id"], "-w", str(running), "--user", "maria", "--reason", "looked at")
    assert (code, done["status"], done["changes"]["changed"]) == (0, "published", seen["changed"])
    assert "Via Milano" in (running / "published" / "latest" / "golden.csv").read_text("utf-8")
    assert told("run", "-w", str(running), "--plain")[1]["status"] == "unchanged"
    with pytest.raises(NoSuchRun, match="is published already, as publication 2"):
        publish_run(workspaces.read(running), dry["run_id"], "maria")


def test_a_dry_run_of_what_is_published_would_change_nothing(waiting: tuple[Path, Summary], step: Step) -> None:
    """It ends well, and is no run that waits; a name that no run has is answered with those that wait."""
    firm, dry = waiting
    assert step(firm).status == "published"
    assert step(firm, dry=True).as_json()["would_be"] == "unchanged"
    with pytest.raises(NoSuchRun, match=f"Runs that wait: {dry.run_id}$"):
        publish_run(workspaces.read(firm), "run-9", "maria")


def test_a_held_run_is_kept_and_published_by_somebody(firm: Path, step: Step) -> None:
    """It is held with the number, the limit and the setting; publishing it is on record with what was passed over."""
    (firm / "goldseam.yml").write_text("firm: F\ncountry: IT\ngates: {cluster: 1}\n", "utf-8")
    held = step(firm)
    assert (held.status, held.golden, held.changes["created"]) == ("held", 4, 0)
    assert "would hold 2 records, not published before" in held.reasons[0]
    assert "`gates.cluster` in goldseam.yml" in held.reasons[0]
    assert not (firm / "published" / "latest").exists()
    done = publish_run(workspaces.read(firm), held.run_id, "maria", "they are duplicates")
    assert (done.status, done.golden) == ("published", 4)
    with store(firm) as opened:
        (row,) = [r for r in opened.runs().to_pylist() if r["run_id"] == held.run_id]
        with opened.engine.connect() as connection:
            audit = connection.exec_driver_sql('select "user", action, subject, detail from audit').all()
    assert [tuple(a) for a in audit] == [("maria", "publish", held.run_id, "they are duplicates")]
    record = json.loads(row["summary"])
    assert (row["status"], row["version"], record["status"]) == ("published", 1, "published")
    assert record["passed_over"]["user"] == "maria"
    assert record["passed_over"]["gates"] == held.reasons
    assert step(firm).status == "unchanged"


def test_a_run_that_others_overtook_is_refused(waiting: tuple[Path, Summary], step: Step) -> None:
    """After another publication, or a decision, it would undo what came since: run again."""
    firm, dry = waiting
    with store(firm) as opened:
        seq = opened.decide("different", "customers:1001", "customers:1002", user="maria")
    with pytest.raises(Conflict, match=r"people decided .* Run again"):
        publish_run(workspaces.read(firm), dry.run_id, "maria")
    with store(firm) as opened:
        opened.undo(seq, user="maria")
    step(firm)
    with pytest.raises(Conflict, match=r"against publication 0, and 1 is in force.* Run again"):
        publish_run(workspaces.read(firm), dry.run_id, "maria")


def test_a_publication_that_breaks_leaves_the_run_waiting(
    waiting: tuple[Path, Summary], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk in the middle: nothing is published, and the same run is published once there is room."""
    firm, dry = waiting

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("connectors.sinks.files.settle", full)
        with pytest.raises(RunFailed, match="The disk is full"):
            publish_run(workspaces.read(firm), dry.run_id, "maria")
    assert publish_run(workspaces.read(firm), dry.run_id, "maria").status == "published"


def test_one_that_is_killed_once_it_is_published_is_brought_to_its_end(
    waiting: tuple[Path, Summary], step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next command finds it in force without an end on record, and puts that right, with what it changed."""
    firm, dry = waiting
    with monkeypatch.context() as patch:
        patch.setattr("pipelines.publish_run.runner.finish", lambda *_: 1 / 0)
        patch.setattr("pipelines.publish_run._still_held", lambda *_: "killed")
        with pytest.raises(RunFailed, match="killed"):
            publish_run(workspaces.read(firm), dry.run_id, "maria")
    assert step(firm).status == "unchanged"
    with store(firm) as opened:
        (row,) = [r for r in opened.runs().to_pylist() if r["run_id"] == dry.run_id]
    record = json.loads(row["summary"])
    assert (row["status"], record["status"], bool(row["finished"])) == ("published", "published", True)
    assert record["difference"] == dry.difference


NEW = """
kind: csv
location: inbox/new-*.csv
files: new
mode: append
id: [no]
columns: {name: full_name, mail: email}
"""


@pytest.mark.soak
def test_what_was_taken_back_is_read_again_and_does_not_come_back_unseen(firm: Path, step: Step) -> None:
    """A file of `files: new` that the run had read is news again; the run that would publish it waits for somebody."""
    (firm / "sources" / "arrivals.yml").write_text(NEW, "utf-8")
    (firm / "inbox" / "new-1.csv").write_text("no,name,mail\n1,Anna Schmidt,anna@post.example\n", "utf-8")
    step(firm)
    (firm / "inbox" / "new-2.csv").write_text("no,name,mail\n2,Otto Berg,otto@post.example\n", "utf-8")
    second = step(firm)
    assert second.changes["created"] == 1
    later = datetime(2026, 1, 20, tzinfo=UTC)
    rollback(workspaces.read(firm), second.run_id, "maria", "sent by mistake", now=later)
    assert "Otto Berg" not in (firm / "published" / "latest" / "golden.csv").read_text("utf-8")
    held = runner.run(workspaces.read(firm), now=later + timedelta(days=1))
    assert held.status == "held"
    assert f"run {second.run_id} was taken back, and this run would do 1 of 1" in held.reasons[0]
    publish_run(workspaces.read(firm), held.run_id, "maria", "it was right")
    assert "Otto Berg" in (firm / "published" / "latest" / "golden.csv").read_text("utf-8")


def test_the_commands_say_what_they_cannot_do(waiting: tuple[Path, Summary]) -> None:
    """Exit code 2 and a sentence for a run that is not there, or cannot be taken back."""
    firm, _ = waiting
    for command in ("publish", "rollback"):
        found = CliRunner().invoke(app, [command, "run-9", "-w", str(firm)])
        assert isinstance(found.exception, NoSuchRun)
        assert explain(found.exception) == 2
