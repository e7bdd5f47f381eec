"""The cases of tests/spec/packs.yml, which a steward can read."""

from pathlib import Path
from typing import Any

import pytest

from rules import schema
from rules.packs import Decided, Line, judge

FILE = Path(__file__).parents[1] / "spec" / "packs.yml"
CASES = schema.load(FILE.read_text("utf-8"), FILE.name)[0]
PACK = [("a", "b"), ("c", "d"), ("e", "f")]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_holds_as_the_case_says(case: dict[str, Any]) -> None:
    """Good rows go on, each other is told with its row, what is wrong and what to do."""
    lines = [Line("Cases", n, *row) for n, row in enumerate(case["rows"], 2)]
    decided = {int(n) - 1: Decided(kind, "stella", "2026-01-02") for n, kind in case.get("decided", {}).items()}
    waiting = {n - 1 for n in case.get("open", (1, 2, 3))} - decided.keys()
    found = judge(lines, PACK, decided, waiting)
    assert {n + 1: one.answer for n, one in found.good.items()} == {int(n): a for n, a in case["good"].items()}
    told = {n + 1: one.comment for n, one in {**found.good, **found.comments}.items() if one.comment}
    assert told == {int(n): text for n, text in case.get("comment", {}).items()}
    counted = (found.already, found.unanswered, found.missing)
    assert counted == (case.get("already", 0), case.get("unanswered", 0), case["missing"])
    wrong = {p.row: p for p in found.problems}
    assert wrong.keys() == {int(row) for row in case.get("problems", {})}
    for row, words in case.get("problems", {}).items():
        assert words in wrong[int(row)].message
        assert wrong[int(row)].remedy
        assert wrong[int(row)].sheet == "Cases"


def test_a_number_of_thousands_of_digits_is_no_case() -> None:
    """It is told in words, and not all of it; zeros before a number change nothing."""
    lines = [Line("Cases", 2, "9" * 5000, "a", "same", ""), Line("Cases", 3, "0" * 5000 + "1", "a", "same", "")]
    found = judge(lines, PACK, {}, range(3))
    assert found.good == {}
    assert [problem.place for problem in found.problems] == [None, 0]
    assert all(len(problem.message) < 100 for problem in found.problems)
