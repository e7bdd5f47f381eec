"""`goldseam nightly`, as far as it needs no Prefect."""

import json
import os
import socket
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner, Result

from connectors.store import lock
from pipelines import init
from pipelines.cli import app
from pipelines.nights.record import Night, Nights
from pipelines.nights.say import say as speak
from tests.pipelines.nightly.conftest import moment


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace as `goldseam init` writes it."""
    init.write(tmp_path / "firm")
    return tmp_path / "firm"


def say(root: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["nightly", "-w", str(root), *words])


def test_one_night_by_hand_in_shadow_and_for_good(root: Path) -> None:
    """A shadow night publishes nothing and says what it would have; the next one does; both are listed."""
    assert say(root, "--once", "--shadow").exit_code == 0
    assert not (root / "published").exists()
    assert say(root, "--once").exit_code == 0
    assert (root / "published" / "latest" / "golden.csv").exists()
    published, shadow = json.loads(say(root, "--list", "--json").output)
    assert (shadow["status"], shadow["shadow"], shadow["changes"]["created"]) == ("published", True, 4)
    assert (published["status"], published["shadow"], published["changes"]["created"]) == ("published", False, 4)
    assert published["golden"] == shadow["golden"] == 4
    first, second = say(root, "--list").output.splitlines()
    assert first.endswith("published; 4 customers, 4 created, 1 in quarantine")
    assert "would be published (shadow); 4 customers" in second


def test_a_schedule_that_cannot_be_kept_is_wrong_usage(root: Path) -> None:
    """Exit code 2 and what to write instead, before anything begins."""
    (root / "goldseam.yml").write_text("nightly: {wait_for: {customers: '05:30'}}\n")
    for words, said in (
        ((), "say when"),
        (("--once",), "say when"),  # or nobody knows which night a file is late for
        (("--cron", "0 * * * *", "--timezone", "Europe/Athens"), "Name an hour outside of it"),
        (("--cron", "x"), "is no schedule"),
        (("--cron", "0 2 * * *", "--timezone", "Mars"), "there is no time zone"),
    ):
        told = say(root, *words)
        assert told.exit_code == 2
        assert said in " ".join(told.output.replace("│", " ").split())


@pytest.mark.parametrize(("name", "words"), [("nightly.lock", ("--cron", "0 2 * * *")), ("run.lock", ("--once",))])
def test_a_second_one_says_at_once_who_is_at_it(root: Path, name: str, words: tuple[str, ...]) -> None:
    """Process and machine of the service, or of the run; exit code 1."""
    with lock.held(root / "var" / name):
        told = say(root, *words)
    assert told.exit_code == 1
    assert f"process {os.getpid()} on {socket.gethostname()}" in str(told.exception)


def test_a_second_run_says_so_before_prefect_takes_its_seconds_to_start(root: Path) -> None:
    """`goldseam run` with Prefect, too: nothing of Prefect's is there afterwards."""
    with lock.held(root / "var" / "run.lock"):
        told = CliRunner().invoke(app, ["run", "-w", str(root)])
    assert told.exit_code == 1
    assert f"process {os.getpid()} on " in str(told.exception)
    assert not (root / "var" / "prefect").exists()


def test_a_night_that_was_killed_is_listed_as_such(root: Path) -> None:
    """Its process is gone, and it has no end."""
    Nights(root / "var").save(
        Night.begin(moment("2026-11-22 02:30"), shadow=False).but(pid=2**22 + 1, status="running")
    )
    assert "killed" in say(root, "--list").output


def test_nights_are_told_in_the_time_of_the_schedule(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With its name, in the list and in what the service says, wherever the clock of the machine stands."""
    (root / "goldseam.yml").write_text("country: GR\n")
    Nights(root / "var").save(Night.begin(moment("2026-11-22 00:30"), shadow=False).but(status="running"))
    assert say(root, "--list").output.startswith("2026-11-22 02:30 EET running")
    speak("here", zone=ZoneInfo("Asia/Tokyo"))
    assert " JST  here" in capsys.readouterr().err
