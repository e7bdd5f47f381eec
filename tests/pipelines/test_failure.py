"""Runs that break: what is told, what is kept, and that no customer's data ends in a log."""

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from typer.testing import CliRunner

from connectors.store.lock import Busy, held
from pipelines import failure
from pipelines.cli import app, errors
from pipelines.context import RunFailed
from pipelines.runner import Summary
from tests.pipelines.example import add_source, latest

Go = Callable[[Path], Summary]
KILL = """
import importlib, os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell ignores it for what runs in the background
stage, name, root = sys.argv[1:]
module = importlib.import_module(f"pipelines.{stage}")
work = getattr(module, stage)

def die(run):
    done = work(run)
    os.kill(os.getpid(), getattr(signal, name))
    return done

setattr(module, stage, die)
sys.argv = ["goldseam", "run", "-w", root, "--plain", "--json"]
from pipelines.cli import main
main()
"""


def break_stage(monkeypatch: pytest.MonkeyPatch, stage: str, error: BaseException) -> None:
    def breaks(_run: object) -> None:
        raise error

    monkeypatch.setattr(f"pipelines.{stage}.{stage}", breaks)


def killed(root: Path, stage: str, name: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", KILL, stage, name, str(root)], capture_output=True, text=True, check=False, timeout=120
    )


def test_what_a_library_says_stays_out_of_the_message(firm: Path, go: Go, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell in an error's words is in error.txt, which lies in the workspace, and not in what may end in a log."""
    break_stage(monkeypatch, "match", ValueError("could not convert 'Maria Rossi'"))
    with pytest.raises(RunFailed) as caught:
        go(firm)
    assert "Maria" not in str(caught.value)
    assert "match" in str(caught.value)
    assert "Maria" not in json.dumps(caught.value.summary.as_json())
    assert "Maria" in next(firm.glob("var/runs/*/error.txt")).read_text("utf-8")


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "The disk is full"),
        (PermissionError(errno.EACCES, "Permission denied", "/x/golden.csv"), "/x/golden.csv"),
        (MemoryError(), "not enough memory"),
        (OperationalError("select", {}, Exception("database is locked")), "in use by another program"),
        (OperationalError("select", {}, Exception("database or disk is full")), "is full"),
        (KeyboardInterrupt(), "stopped by hand"),
    ],
)
def test_the_reason_is_told_in_words(error: BaseException, word: str) -> None:
    """What a person can put right is named, with what to do."""
    assert word in failure.reason(error)


def test_a_full_disk_hides_nothing(firm: Path, go: Go, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where not even the traceback can be written the first error is the one that is told."""
    break_stage(monkeypatch, "survive", OSError(errno.ENOSPC, "No space left on device"))

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("connectors.store.state.Store.finish_run", full)
    monkeypatch.setattr(failure, "keep", lambda *_: "")
    with pytest.raises(RunFailed, match=r"survive failed; nothing was published\. The disk is full"):
        go(firm)


def test_a_scorecard_that_cannot_be_drawn_takes_nothing_back(
    firm: Path, go: Go, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The golden table is published, the run says so, and what broke is told beside it."""
    break_stage(monkeypatch, "report", RuntimeError("no ink"))
    summary = go(firm)
    assert summary.status == "published"
    assert any("scorecard could not be written" in warning for warning in summary.warnings)
    assert latest(firm, "golden.csv").exists()
    assert "no ink" in next(firm.glob("var/runs/*/error.txt")).read_text("utf-8")


@pytest.mark.soak
@pytest.mark.parametrize("stage", ["land", "survive", "publish"])
def test_after_a_kill_the_next_run_ends_as_if_nothing_had_been(firm: Path, go: Go, stage: str) -> None:
    """SIGKILL leaves no lock, no half publication; what comes of the next run is what would have come of this one."""
    add_source(firm)
    assert killed(firm, stage, "SIGKILL").returncode == -signal.SIGKILL
    assert latest(firm, "golden.csv").exists() == (stage == "publish")
    summary = go(firm)
    assert summary.status == ("unchanged" if stage == "publish" else "published")
    assert summary.golden == len(latest(firm, "golden.csv").read_text("utf-8").splitlines()) - 1
    assert [p.name for p in (firm / "published").iterdir() if p.name.startswith(".")] == []


def test_ctrl_c_is_answered_in_a_sentence(firm: Path) -> None:
    """Exit code 1, JSON on the output, one line and no traceback on the error stream."""
    ended = killed(firm, "land", "SIGINT")
    assert ended.returncode == 1
    assert json.loads(ended.stdout)["status"] == "failed"
    assert ended.stderr.strip() == "Stopped in the stage land; nothing was published."


def test_json_tells_of_a_run_that_could_not_begin(firm: Path) -> None:
    """Another run under way: still one JSON document, with the reason."""
    with held(firm / "var" / "run.lock"):
        told = CliRunner().invoke(app, ["run", "-w", str(firm), "--plain", "--json"])
    assert isinstance(told.exception, Busy)
    said = json.loads(told.stdout)
    assert said["status"] == "failed"
    assert f"process {os.getpid()}" in said["reasons"][0]


def test_a_source_that_failed_stands_out(firm: Path) -> None:
    """In the JSON under `warnings`, on the terminal below `To see to`: the run itself went on."""
    add_source(firm, table=None)
    told = json.loads(CliRunner().invoke(app, ["run", "-w", str(firm), "--plain", "--json"]).stdout)
    assert told["status"] == "published"
    assert "second.csv: there is no such file." in told["warnings"][0]
    shown = CliRunner().invoke(app, ["run", "-w", str(firm), "--plain"]).stdout
    assert "To see to:\n  second: inbox/second.csv: there is no such file." in shown


def test_every_error_of_the_system_has_a_sentence() -> None:
    """A state database that cannot be used, a folder that may not be written to: no traceback."""
    assert errors.sentences(OperationalError("x", {}, Exception("file is not a database")))
    assert errors.sentences(PermissionError(errno.EACCES, "Permission denied", "/x"))
    assert errors.sentences(ZeroDivisionError()) == []
