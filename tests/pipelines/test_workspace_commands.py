"""init, quarantine, why and report, as a person uses them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors import workspace as workspaces
from pipelines import again
from pipelines.cli import app
from pipelines.runner import Summary
from pipelines.why import UnknownRecord, why
from tests.pipelines.example import last_run

Go = Callable[[Path], Summary]


def say(*words: str) -> str:
    """What a command prints; it must succeed."""
    found = CliRunner().invoke(app, list(words))
    assert found.exit_code == 0, found.output
    return found.output


def test_init_writes_a_workspace_that_check_accepts(tmp_path: Path) -> None:
    """The example is right as it stands, and an existing folder is never written into."""
    root = tmp_path / "new"
    say("init", str(root))
    assert "nothing to correct" in say("check", "-w", str(root))
    again_ = CliRunner().invoke(app, ["init", str(root)])
    assert again_.exit_code == 2
    assert "not empty" in again_.output


def test_the_country_is_asked_for_and_never_assumed(tmp_path: Path) -> None:
    """`init` names none unless told; `check` warns of a source of customers without one, and still accepts it."""
    root = tmp_path / "new"
    assert "country" in say("init", str(root))
    assert workspaces.read(root).firm.country is None
    assert "no country" not in say("check", "-w", str(root))  # the example names its own
    source = root / "sources" / "customers.yml"
    source.write_text(source.read_text("utf-8").replace("country: GR\n", ""), "utf-8")
    told = say("check", "-w", str(root))
    assert "sources/customers.yml: country: no country is named" in told
    assert "nothing to correct" in told
    say("init", str(tmp_path / "it"), "--country", "it")
    assert workspaces.read(tmp_path / "it").firm.country == "IT"
    assert "Write its two letters" not in (tmp_path / "it" / "goldseam.yml").read_text("utf-8")
    assert "1 source, nothing to correct" in say("check", "-w", str(tmp_path / "it"))
    assert CliRunner().invoke(app, ["init", str(tmp_path / "no"), "--country", "Italy"]).exit_code == 2


def test_a_quarantined_record_is_corrected_and_goes_on(running: Path, go: Go) -> None:
    """It is listed with its reason, corrected by its own column, and published with the next run."""
    assert "customers:1007" in say("quarantine", "list", "-w", str(running))
    say(
        "quarantine",
        "correct",
        "customers:1007",
        "last name=Ferri",
        "mail=ferri@posta.example",
        "-w",
        str(running),
        "--user",
        "maria",
    )
    summary = go(running)
    assert summary.status == "published"
    assert summary.quarantined == {}
    assert "Ferri" in (running / "published/latest/golden.csv").read_text("utf-8")
    assert "Nothing is in quarantine" in say("quarantine", "list", "-w", str(running))


def test_a_quarantined_record_is_released_as_it_is(running: Path, go: Go) -> None:
    """Let through, it becomes a customer with the next run, and stays one while its content does."""
    say("quarantine", "release", "customers:1007", "-w", str(running), "--user", "maria", "--reason", "known to us")
    summary = go(running)
    assert summary.quarantined == {}
    assert "customers,1007,G" in (running / "published/latest/crosswalk.csv").read_text("utf-8").replace('"', "")


def test_the_quarantine_is_exported_whole(running: Path, tmp_path: Path) -> None:
    """The sheet holds the row's own cells and the reason."""
    say("quarantine", "export", str(tmp_path / "q.csv"), "-w", str(running))
    text = (tmp_path / "q.csv").read_text("utf-8-sig")
    assert "1007" in text
    assert "no usable name" in text


def test_why_tells_both_ways(running: Path) -> None:
    """Two records of one customer and two of one household: verdict and evidence by field."""
    joined, apart = why(running, "customers:1001", "customers:1002"), why(running, "customers:1001", "customers:1003")
    assert "one customer" in joined
    assert "birth date" in joined
    assert "two customers" in apart
    with pytest.raises(UnknownRecord, match="customers:9"):
        why(running, "customers:9", "customers:1001")
    with pytest.raises(UnknownRecord, match="quarantine"):
        why(running, "customers:1007", "customers:1001")


def test_why_tells_how_a_customer_came_about(running: Path) -> None:
    """Of one record, or of its golden id: the joins, and the link with its evidence."""
    told = why(running, "customers:1001")
    golden = told.split(" ", 1)[0]
    assert "is one customer of 2 records: customers:1001, customers:1002" in told
    assert "1. customers:1001 with customers:1002 (+" in told
    assert "Their link, field by field:" in told
    assert "starting point" in told
    assert say("why", golden, "-w", str(running)).strip() == told.replace("\u00a0", " ").strip()
    assert "joined with no other" in why(running, "customers:1003")
    with pytest.raises(UnknownRecord, match="no customer of run"):
        why(running, "G-nobody")


def test_why_needs_two_records_that_are_there(running: Path, go: Go) -> None:
    """The same record twice, and one that is gone from its source, are answered in a sentence."""
    with pytest.raises(UnknownRecord, match="Name two"):
        why(running, "customers:1001", "customers:1001")
    table = running / "inbox" / "customers.csv"
    table.write_text("".join(line for line in table.open(encoding="utf-8") if not line.startswith("1006")), "utf-8")
    go(running)
    with pytest.raises(UnknownRecord, match="gone from its source"):
        why(running, "customers:1006", "customers:1001")


def test_an_unknown_state_of_the_quarantine_is_wrong_usage(firm: Path) -> None:
    """The known ones are named."""
    found = CliRunner().invoke(app, ["quarantine", "list", "-w", str(firm), "--state", "closed"])
    assert found.exit_code == 2
    assert "corrected" in found.output


def test_every_command_teaches_by_example() -> None:
    """`--help` of each command and of each part of the quarantine shows a line to copy."""
    commands = ["run", "check", "init", "demo", "dedupe", "fit", "report", "why", "quarantine"]
    for words in (*([c] for c in commands), *(["quarantine", c] for c in ("list", "export", "correct", "release"))):
        text = say(*words, "--help")
        assert f"goldseam {' '.join(words)}" in " ".join(text.split()), words


def test_the_scorecard_of_a_run_can_be_written_again(firm: Path, go: Go) -> None:
    """`report` needs no run; before the first run it says what to do."""
    with pytest.raises(again.NoSuchRun, match="Run it first"):
        again.scorecard(firm)
    go(firm)
    (firm / "scorecard.html").unlink()
    say("report", "-w", str(firm))
    assert "golden" in (firm / "scorecard.html").read_text("utf-8").lower()


def test_personal_data_stays_out_of_the_summary(running: Path) -> None:
    """What may end up in a log names no customer."""
    told = (running / "var" / "runs" / last_run(running) / "summary.json").read_text("utf-8")
    assert "Papadopoulos" not in told
    assert "@" not in told
