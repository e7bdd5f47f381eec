"""Pairs are judged at a terminal: chosen, shown side by side, each answer kept at once."""

import csv
import os
import pty
import select
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from pipelines import labelled
from pipelines.cli import app
from pipelines.cli import label as command
from pipelines.dedupe import Request, dedupe
from pipelines.label import SKIPPED, Session
from pipelines.labelling import Material, of_files, of_workspace
from pipelines.runner import Summary
from rules.matching.group import Group

NAMES = ("Anna", "Maria", "Eleni", "Petros", "Nikos", "Sofia", "Ioannis", "Giulia")
SURNAMES = ("Rossi", "Nilsson", "Vlachos", "Bianchi", "Demir", "Petrou")


def people(path: Path) -> Path:
    """Sixty invented customers, a third of them twice, with an error in one place or another."""
    rows = []
    for n in range(60):
        given, surname = NAMES[n % 8], SURNAMES[n % 6]
        row = [given, surname, f"19{40 + n}-0{1 + n % 9}-1{n % 10}", f"{given}.{surname}{n}@post.example".lower()]
        rows.append(row)
        if n % 3 == 0:
            again = list(row)
            again[n // 3 % 4] = "" if n % 2 else again[n // 3 % 4][:-1] + "x"
            rows.append(again)
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["id", "first name", "last name", "birth date", "email"])
        out.writerows([[number, *row] for number, row in enumerate(rows)])
    return path


@pytest.fixture(scope="module")
def group(tmp_path_factory: pytest.TempPathFactory) -> tuple[Group, Material]:
    folder = tmp_path_factory.mktemp("label")
    material = of_files(Request([people(folder / "people.csv")], folder / "labels.csv", id_column="id"))
    return material.session._group, material


@pytest.fixture
def session(group: tuple[Group, Material], tmp_path: Path) -> Session:
    return Session(group[0], tmp_path / "labels.csv")


def keys(text: str) -> Callable[[], str]:
    pressed: Iterator[str] = iter(text)
    return lambda: next(pressed, "q")


def test_every_answer_is_in_the_file_at_once(session: Session) -> None:
    """After each key the file of labels holds every answer so far, in a form that --labels reads."""
    for n, judgement in enumerate(("same", "different", "related"), 1):
        assert session.next()
        session.answer(judgement)
        found = labelled.read(session.out)
        assert found is not None
        assert len(found) == n
        assert found["judgement"][-1].as_py() == judgement


def test_nobody_is_asked_twice(session: Session, group: tuple[Group, Material]) -> None:
    """Neither in one session, nor after it is taken up again, nor about a pair that was skipped."""
    asked = []
    for n in range(8):
        question = session.next()
        assert question
        asked.append((question.left, question.right))
        session.answer(SKIPPED if n % 4 == 0 else "same")
    later = Session(group[0], session.out)
    assert later.earlier == 6
    while (question := later.next()) and len(asked) < 30:
        asked.append((question.left, question.right))
        later.answer("different")
    assert len(asked) == len(set(asked))


def test_an_answer_is_taken_back(session: Session) -> None:
    """Undo removes the last answer from the file and asks the same question again."""
    assert not session.undo()
    first = session.next()
    session.answer("same")
    session.next()
    assert session.undo()
    assert session.next() == first
    assert session.answers == 0
    assert len(labelled.read(session.out) or ()) == 0


def test_after_some_answers_it_learns(session: Session) -> None:
    """What was learned is told: here, that so few judgements change nothing."""
    assert session.learn() is None
    for _ in range(3):
        session.next()
        session.answer("same")
    taught = session.learn()
    assert taught
    assert "8 pairs" in taught.learned.refused


def test_a_crash_leaves_whole_files(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed while it writes, the file holds all answers but the last one."""
    session.next()
    session.answer("same")
    session.next()
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError("power is gone")))
    with pytest.raises(OSError, match="power"):
        session.answer("different")
    found = labelled.read(session.out)
    assert found is not None
    assert found["judgement"].to_pylist() == ["same"]


def test_the_screen(group: tuple[Group, Material], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Records as they stood, side by side; the model's opinion only after the answer; a wrong key is explained."""
    material = Material(Session(group[0], tmp_path / "labels.csv"), group[1].shown)
    command.ask(material, 3, keys("xsduq"))
    said = capsys.readouterr().out
    first = said[: said.index("the model:")]
    assert "first name" in first
    assert "people:" in first
    assert "%" not in first
    assert "taken back" in said
    assert "1 judged pair is in" in said


def test_what_differs_is_lit() -> None:
    """Equal values are dim, differing letters bright."""
    console = Console(force_terminal=True, color_system="standard", width=60)
    with console.capture() as seen:
        console.print(command._lit("Nilsson", "Nilson"), command._lit("Anna", "Anna"))
    assert "\x1b[1;33m" in seen.get()
    assert "\x1b[2mAnna" in seen.get()


def test_dedupe_binds_and_learns(tmp_path: Path) -> None:
    """Labels hold for the pairs they name, teach the model, and are told of where they name nobody."""
    table = people(tmp_path / "people.csv")
    rows: list[labelled.Row] = [("people", "2", "people", "3", "same"), ("people", "2", "people", "999", "same")]
    labelled.write(tmp_path / "labels.csv", rows)
    found = dedupe(Request([table], tmp_path / "out", id_column="id", labels=tmp_path / "labels.csv"))
    cluster = dict(zip(found.clusters["record_id"].to_pylist(), found.clusters["cluster_id"].to_pylist(), strict=True))
    assert cluster["2"] == cluster["3"]
    told = " ".join(found.matched.notes)
    assert "are not used: 1." in told
    assert "1 judgement (1 the same) changes no weight" in told


def test_without_a_terminal_it_says_what_to_do(tmp_path: Path) -> None:
    """In a pipe nobody can be asked: exit code 2, and the way round."""
    told = CliRunner().invoke(app, ["label", str(people(tmp_path / "people.csv"))])
    assert told.exit_code == 2
    assert "left_source, left_id" in told.output


def test_files_or_a_workspace() -> None:
    """One of the two is asked about, never both."""
    assert CliRunner().invoke(app, ["label"]).exit_code == 2


@pytest.mark.soak
def test_a_workspace_shows_its_records(firm: Path, go: Callable[[Path], Summary], tmp_path: Path) -> None:
    """Records of a run are shown by their standard columns, with contact points and address."""
    go(firm)
    material = of_workspace(firm, tmp_path / "labels.csv")
    question = material.session.next()
    assert question
    shown = material.shown(question.left)
    assert {"email", "phone", "address"} & set(shown)
    assert not {"hash", "file"} & set(shown)


@pytest.mark.soak
def test_at_a_real_terminal(tmp_path: Path) -> None:
    """One key an answer, without Enter; Ctrl-C keeps what was answered."""
    people(tmp_path / "people.csv")
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(tmp_path)
        arguments = ["label", "people.csv", "--id", "id", "--n", "5"]
        program = [sys.executable, "-c", "from pipelines.cli import main; main()", *arguments]
        os.execv(sys.executable, program)  # noqa: S606 - this child of ours becomes the program under test
    said, pressed, until = b"", iter((b"s", b"d", b"\x03")), time.monotonic() + 90
    waiting = 0
    while time.monotonic() < until:
        if select.select([terminal], [], [], 0.3)[0]:
            try:
                said += os.read(terminal, 65536)
            except OSError:  # the other end is gone
                break
        elif said.count(b"uit") > waiting and (key := next(pressed, None)):
            waiting += 1
            os.write(terminal, key)
    os.waitpid(child, 0)
    found = labelled.read(tmp_path / "labels.csv")
    assert found is not None
    assert found["judgement"].to_pylist() == ["same", "different"]
