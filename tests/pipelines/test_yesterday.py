"""What a run builds on may have been changed, moved or removed since the last night: ids live on all the same."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors import workspace as workspaces
from connectors.store.state import Store
from pipelines.runner import Summary
from rules.schema import Mistakes
from tests.pipelines.example import KEYLESS, add_source, crosswalk, last_run, latest, rows

Go = Callable[[Path], Summary]
PEOPLE = ["Anna Schmidt,anna@post.example", "Bob Stone,bob@post.example", "Zoe Finch,zoe@post.example"]


def sheet(root: Path, people: list[str]) -> None:
    (root / "inbox" / "second.csv").write_text("\n".join(["name,mail", *people, ""]), "utf-8")


def ids_by_name(root: Path) -> dict[str, str]:
    return {row["display_name"]: row["golden_id"] for row in rows(latest(root, "golden.csv"))}


def remove_database(root: Path) -> None:
    for path in (root / "var").glob("goldseam.db*"):
        path.unlink()


def test_a_source_that_is_declared_no_more_retires_its_customers_and_they_come_back(running_two: Path, go: Go) -> None:
    """No file changed, yet the run notices; named again, the source finds its old golden ids."""
    before = crosswalk(running_two)
    declaration = running_two / "sources" / "second.yml"
    away = declaration.rename(running_two / "second.yml")
    summary = go(running_two)
    assert (summary.status, summary.changes["retired"]) == ("published", 1)
    away.rename(declaration)
    assert go(running_two).status == "published"
    assert crosswalk(running_two) == before


def test_a_changed_trust_is_worked_on_though_no_record_changed(firm: Path, go: Go) -> None:
    """Trust decides which value survives: it is no reason to read a source again, but to choose again."""
    text = "no,name,mail\n1,Marco Rossi,marco.rossi@posta.example\n"
    add_source(firm, table=text)
    go(firm)
    with (firm / "sources" / "second.yml").open("a", encoding="utf-8") as file:
        file.write("trust: 0.95\n")
    summary = go(firm)
    assert "survive" in [stage.name for stage in summary.stages]


def test_a_lost_state_database_holds_everything(running: Path, go: Go) -> None:
    """Golden ids live in it: a new one would rename every customer and take the published files away."""
    before = latest(running, "golden.csv").read_bytes()
    remove_database(running)
    with pytest.raises(Mistakes, match="golden ids would begin anew"):
        go(running)
    assert latest(running, "golden.csv").read_bytes() == before
    shutil.rmtree(running / "published")
    assert go(running).status == "published"


def test_a_state_database_from_an_old_backup_is_refused(running: Path, go: Go, tmp_path: Path) -> None:
    """It knows less than what is published."""
    shutil.copyfile(running / "var" / "goldseam.db", tmp_path / "backup.db")
    add_source(running)
    go(running)
    remove_database(running)
    shutil.copyfile(tmp_path / "backup.db", running / "var" / "goldseam.db")
    with pytest.raises(Mistakes, match="knows only 1"):
        go(running)


def test_a_removed_run_folder_costs_time_and_nothing_else(running_two: Path, go: Go) -> None:
    """The next run works everything anew and says so; the one after it builds on that."""
    before = crosswalk(running_two)
    shutil.rmtree(running_two / "var" / "runs" / last_run(running_two))
    again = go(running_two)
    assert again.status == "unchanged"
    assert len(again.stages) == 8
    assert "gone" in again.warnings[0]
    assert crosswalk(running_two) == before
    third = go(running_two)
    assert (third.status, len(third.stages), third.warnings) == ("unchanged", 1, [])


def test_one_missing_file_of_the_last_run_is_noticed(running: Path, go: Go) -> None:
    """Somebody cleared a part of the folder: nothing breaks."""
    (running / "var" / "runs" / last_run(running) / "land" / "raw" / "customers.parquet").unlink()
    assert go(running).status == "unchanged"


def test_a_sheet_without_ids_keeps_its_keys_though_every_run_folder_is_gone(firm: Path, go: Go) -> None:
    """Sorted the other way round and with no run to compare with, each row finds its own key, not its neighbour's."""
    add_source(firm, KEYLESS, None)
    sheet(firm, PEOPLE)
    go(firm)
    before = ids_by_name(firm)
    shutil.rmtree(firm / "var" / "runs")
    sheet(firm, PEOPLE[::-1])
    go(firm)
    assert ids_by_name(firm) == before


def test_a_new_row_of_an_appended_sheet_never_takes_the_place_of_another(firm: Path, go: Go) -> None:
    """In a source to which only new rows come, one that resembles an earlier row is another customer."""
    add_source(firm, KEYLESS + "mode: append\n", None)
    sheet(firm, PEOPLE)
    go(firm)
    before = ids_by_name(firm)
    sheet(firm, ["Bella Stone,bella@post.example", "Zora Finch,zora@post.example"])
    summary = go(firm)
    after = ids_by_name(firm)
    assert before.items() <= after.items()
    assert {"Bella Stone", "Zora Finch"} <= set(after)
    assert summary.changes["created"] == 2


def test_the_published_folder_is_written_again_when_it_is_gone(running: Path, go: Go) -> None:
    """The state database has it all."""
    before = {
        name: latest(running, name).read_bytes() for name in ("golden.csv", "crosswalk.csv", "contact_points.csv")
    }
    shutil.rmtree(running / "published")
    assert go(running).status == "unchanged"
    assert {name: latest(running, name).read_bytes() for name in before} == before


def test_a_published_customer_whose_record_is_quarantined_stays_as_it_was(running_two: Path, go: Go) -> None:
    """Its last good version stands, its id lives on, and the record is marked; mended, it is active again."""
    before = crosswalk(running_two)
    table = running_two / "inbox" / "second.csv"
    good = table.read_text("utf-8")
    table.write_text("no,name,mail\n1,,\n", "utf-8")
    summary = go(running_two)
    assert summary.changes["retired"] == 0
    assert crosswalk(running_two) == before
    assert "second,1" in [f"{r['source']},{r['record_id']}" for r in rows(latest(running_two, "crosswalk.csv"))
                          if r["state"] == "quarantined"]  # fmt: skip
    assert "Anna Schmidt" in latest(running_two, "golden.csv").read_text("utf-8")
    unchanged = go(running_two)
    assert (unchanged.status, unchanged.quarantined) == ("unchanged", summary.quarantined)
    table.write_text(good, "utf-8")
    go(running_two)
    assert crosswalk(running_two) == before


def test_a_killed_run_is_on_record_as_failed_when_the_next_begins(running: Path, go: Go) -> None:
    """A run that died says nothing itself; it must not look as if it were still under way."""
    with Store.open(workspaces.read(running).database_url) as store:
        store.begin_run("99999999T000000Z-dead", "2026-01-01T00:00:00+00:00")
    go(running)
    with Store.open(workspaces.read(running).database_url) as store:
        status = {row["run_id"]: (row["status"], json.loads(row["summary"])) for row in store.runs().to_pylist()}
    assert status["99999999T000000Z-dead"] == ("failed", {"reasons": ["the run was killed"]})
