"""`goldseam blocking`: the table for a file and for a workspace, for people, for programs and as CSV."""

import csv
import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.runner import Summary
from rules.schema import Mistakes

FIRST = ["Maria", "Giorgos", "Elena", "Nikos", "Anna", "Petros", "Sofia", "Kostas"]
LAST = ["Papadaki", "Markou", "Vlachos", "Ioannou", "Nikolaou", "Karras", "Stathis", "Lambrou"]


@pytest.fixture(scope="module")
def customers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty invented persons, every third twice."""
    rng, rows = random.Random(4), []
    for n in range(60):
        first, last = rng.choice(FIRST), rng.choice(LAST)
        born = f"19{rng.randint(40, 99)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        row = [first, last, born, f"{first}.{last}{n}@post.example".lower(), rng.choice(["Athens", "Patras"])]
        rows += [[str(n), *row]] + ([[f"{n}b", first, last, born, "", row[-1]]] if n % 3 == 0 else [])
    path = tmp_path_factory.mktemp("blocking") / "customers.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["id", "first name", "surname", "born", "mail", "city"], *rows])
    return path


def blocking(*words: str) -> str:
    found = CliRunner().invoke(app, ["blocking", *words])
    assert found.exit_code == 0, found.output
    return found.output


def test_a_file_is_shown_to_people(customers: Path) -> None:
    """Each rule with its pairs and largest block, what is left out and why, and the total with its estimate."""
    told = blocking(str(customers), "--id", "id")
    assert "80 person records" in told
    assert "birth_date" in told
    assert "To compare:" in told
    assert "estimated" in told


def test_programs_get_the_same_as_json_and_csv(customers: Path, tmp_path: Path) -> None:
    """`--json` prints nothing else; the new pairs of the rules used add up; `--out` writes the same rows."""
    out = tmp_path / "folder" / "blocking.csv"
    told = json.loads(blocking(str(customers), "--id", "id", "--json", "--out", str(out)))
    total = told["totals"][0]
    assert total["pairs"] == sum(r["new_pairs"] for r in told["rules"] if r["used"])
    assert 0.9 < total["estimated_recall"] <= 1
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [r["rule"] for r in rows] == [r["rule"] for r in told["rules"]]
    assert all(r["reason"] for r in told["rules"] if not r["used"])


def test_rules_of_a_person_are_shown_as_they_are(customers: Path, tmp_path: Path) -> None:
    """With a matching file its rules are counted, without an estimate; a mistake in it is named."""
    rules = tmp_path / "matching.yml"
    rules.write_text("blocking: [[surname, birth_date], [tax_id]]\n", "utf-8")
    told = json.loads(blocking(str(customers), "--id", "id", "--rules", str(rules), "--json"))
    assert [(r["rule"], r["used"]) for r in told["rules"]] == [("surname, birth_date", True), ("tax_id", False)]
    assert told["totals"][0]["pairs"] == 20
    rules.write_text("blokcing: []\n", "utf-8")
    found = CliRunner().invoke(app, ["blocking", str(customers), "--rules", str(rules)])
    assert isinstance(found.exception, Mistakes)


def test_a_workspace_is_shown(firm: Path, go: Callable[[Path], Summary]) -> None:
    """The records of the last run, by type of party."""
    go(firm)
    told = json.loads(blocking("-w", str(firm), "--json"))
    assert {t["party_type"] for t in told["totals"]} >= {"person"}
    assert all(t["records"] > 0 for t in told["totals"])


def test_files_or_a_workspace(customers: Path, tmp_path: Path) -> None:
    """Neither, or both, is a wrong use, said in a sentence."""
    for words in ([], [str(customers), "-w", str(tmp_path)]):
        assert CliRunner().invoke(app, ["blocking", *words]).exit_code == 2
