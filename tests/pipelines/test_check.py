"""Settings that cannot be used: every mistake at once, in words, before a run begins."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.check import check
from pipelines.cli import app
from rules.schema import Mistakes

RULES = [
    "rules/matching.yml", "rules/survivorship.yml", "rules/scorecard.yml",
    "rules/expectations/records.yml", "rules/expectations/customers.yml",
]  # fmt: skip
SOURCE = "kind: csv\nlocation: inbox/customers.csv\nid: [no]\ncolumns: {last name: surname}\n"


def put(root: Path, file: str, text: str | bytes) -> None:
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def found(root: Path) -> list[str]:
    return [str(problem) for problem in check(root)[0]]


@pytest.mark.parametrize("file", ["goldseam.yml", "sources/customers.yml", *RULES])
def test_broken_yaml_stops_a_run_before_it_begins(firm: Path, file: str) -> None:
    """Exit code 2, file and line named by `check` and in the JSON of `run`; no run folder, nothing published."""
    put(firm, file, "a: [1,\nb: {\n")
    assert any(problem.startswith(f"{file}:3: not valid YAML") for problem in found(firm))
    told = CliRunner().invoke(app, ["run", "-w", str(firm), "--plain", "--json"])
    assert isinstance(told.exception, Mistakes)
    said = json.loads(told.stdout)
    assert (said["status"], said["run_id"], said["stages"]) == ("failed", "", [])
    assert said["reasons"][0].startswith(f"{file}:3:")
    assert not (firm / "var" / "runs").exists()
    assert not (firm / "published").exists()


@pytest.mark.parametrize("file", ["goldseam.yml", *RULES])
def test_a_file_of_comments_alone_is_the_defaults(firm: Path, file: str) -> None:
    """Whoever comments everything out gets what holds without the file."""
    put(firm, file, "# merge: 0.9\n")
    assert found(firm) == []


@pytest.mark.parametrize("file", ["goldseam.yml", "sources/customers.yml", *RULES])
@pytest.mark.parametrize("content", [b"# a\nfirm: M\xfcller\n", None], ids=["not UTF-8", "a folder"])
def test_a_file_that_is_no_text_is_named(firm: Path, file: str, content: bytes | None) -> None:
    """A file in another encoding (with its line) and a folder of that name are mistakes, not tracebacks."""
    if content is None:
        (firm / file).unlink(missing_ok=True)
        (firm / file).mkdir(parents=True)
    else:
        put(firm, file, content)
    (problem,) = [p for p in found(firm) if p.startswith(file)]
    assert "could not be read" in problem if content is None else problem.startswith(f"{file}:2: not UTF-8")


def test_mistakes_of_all_files_are_told_together(firm: Path) -> None:
    """A broken source, a rule, a target and a missing file of another source: one look names all four with lines."""
    put(firm, "goldseam.yml", "firm: X\nreport:\n  targets: {validty: 0.9}\n")
    put(firm, "sources/broken.yml", "kind: [\n")
    put(firm, "sources/gone.yml", SOURCE.replace("customers.csv", "gone.csv"))
    put(firm, "rules/matching.yml", "# ours\nthreshold: {merge: 0.9}\n")
    told = "\n".join(found(firm))
    assert "goldseam.yml:3: report.targets.validty:" in told
    assert "sources/broken.yml:" in told
    assert "sources/gone.yml:2: location: inbox/gone.csv: there is no such file" in told
    assert "rules/matching.yml:2: threshold: unknown key. Did you mean `thresholds`?" in told


def test_no_mistake_hides_another(firm: Path) -> None:
    """A wrong key or a broken file hides neither what hangs on the other settings nor what is wrong with the source."""
    put(firm, "goldseam.yml", "contry: GR\ndatabase: mysql://x/y\nnightly: {timezone: Europe/Athen, cron: x}\n")
    put(firm, "sources/bad.yml", "kind: [\n")
    put(firm, "sources/facts.yml", SOURCE + "yields: fact\ncustomers: nobody\n")
    put(firm, "sources/gone.yml", SOURCE.replace("customers.csv", "gone.csv") + "trus: 1\n")
    put(firm, "sources/other.yml", SOURCE + "preset: none\ntrust: 7\n")
    places = [
        "goldseam.yml:1: contry", "goldseam.yml:2: database", "goldseam.yml:3: nightly.timezone",
        "goldseam.yml:3: nightly.cron", "sources/bad.yml:2: not valid YAML", "sources/facts.yml:6: customers",
        "sources/gone.yml:2: location", "sources/gone.yml:5: trus", "sources/other.yml:5: preset",
        "sources/other.yml:6: trust",
    ]  # fmt: skip
    assert [":".join(problem.split(":")[:3]) for problem in found(firm)] == places
    told = CliRunner().invoke(app, ["run", "-w", str(firm), "--plain", "--json"])
    assert len(json.loads(told.stdout)["reasons"]) == len(places) - 1  # a run opens its sources later


def test_a_column_of_the_matching_file_that_no_source_has(firm: Path) -> None:
    """A misspelt column, and a column of text that no source maps, are found by `check` and stop a run."""
    put(firm, "rules/matching.yml", "blocking:\n  - [emails]\n  - [surnam]\nleave_out: {text.colour: [red]}\n")
    told = found(firm)
    assert told[0].startswith("rules/matching.yml:3: blocking: there is no column 'surnam' that could be compared.")
    assert told[1].startswith("rules/matching.yml:4: leave_out: there is no column 'text.colour'")
    said = CliRunner().invoke(app, ["run", "-w", str(firm), "--plain"])
    assert isinstance(said.exception, Mistakes)
    assert not (firm / "var" / "runs").exists()
    put(firm, "sources/more.yml", SOURCE.replace("surname}", "surname, company: text.colour}"))
    assert [p for p in found(firm) if "text.colour" in p] == []


@pytest.mark.parametrize(
    ("name", "word"),
    [("a:b.yml", "colon"), ("all.yml", "word of the program"), ("shop.YML", ".yml"), ("customers.yaml", "another")],
)
def test_a_source_with_an_impossible_name_is_refused(firm: Path, name: str, word: str) -> None:
    """`SOURCE:ID` is split at the first colon, so no source may hold one; nor be named twice."""
    put(firm, f"sources/{name}", SOURCE)
    assert any(word in problem for problem in found(firm))
    assert CliRunner().invoke(app, ["run", "-w", str(firm), "--plain"]).exit_code != 0
    assert not (firm / "var" / "runs").exists()


def test_what_editors_leave_behind_is_no_source(firm: Path) -> None:
    """Hidden files beside the declarations are passed over."""
    put(firm, "sources/._customers.yml", b"\0\5\x16\7")
    put(firm, "rules/expectations/.#records.yml", b"\0")
    assert found(firm) == []


@pytest.mark.parametrize("name", ["rules/foo.yml", "rules/matching.yaml"])
def test_a_rules_file_that_nothing_reads_is_told(firm: Path, name: str) -> None:
    """A misspelt name would otherwise be silently without effect."""
    put(firm, name, "thresholds: {merge: 0.9}\n")
    assert any(p.startswith(f"{name}: nothing reads this file") for p in found(firm))


@pytest.mark.parametrize(
    ("url", "word"),
    [("nonsense", "no database address"), ("mysql://x/y", "not mysql"), ("env:NO_SUCH_DB", "NO_SUCH_DB is not set")],
)
def test_an_address_that_is_no_state_database_is_told_with_its_line(firm: Path, url: str, word: str) -> None:
    """`check` says so, and no password is repeated."""
    put(firm, "goldseam.yml", f"firm: X\ndatabase: {url}\n")
    (problem,) = found(firm)
    assert problem.startswith("goldseam.yml:2: database:")
    assert word in problem


def test_a_workspace_with_a_question_mark_is_refused(firm: Path) -> None:
    """Its state database would lie outside of it."""
    (problem,) = found(firm.rename(firm.with_name("really?")))
    assert "question mark" in problem
