"""The cases of tests/spec/survivorship, which a steward can read."""

import json
from pathlib import Path
from typing import Any

import customers
import pytest

from rules import schema

SPEC = Path(__file__).parents[2] / "spec" / "survivorship"
CASES = [case for path in sorted(SPEC.glob("*.yml")) for case in schema.load(path.read_text("utf-8"), path.name)[0]]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_survives_as_the_case_says(case: dict[str, Any]) -> None:
    """What survives, where it came from, what lost and which lists remain are as the case says."""
    made = customers.survive(case)
    golden = made["golden"].to_pylist()[0]
    assert {name: golden[name] for name in case.get("golden", {})} == case.get("golden", {})
    found = {row["field"]: row for row in made["provenance"].to_pylist() if row["golden_id"] == "G1"}
    for field, wanted in case.get("provenance", {}).items():
        row = found[field] | {"losers": [loser["value"] for loser in json.loads(found[field]["losers"])]}
        assert {name: row[name] for name in wanted} == wanted
    for name in ("contact_points", "relations"):
        if name in case:
            rows = made[name].to_pylist()
            assert len(rows) == len(case[name])
            for row, wanted in zip(rows, case[name], strict=True):
                assert {column: row[column] for column in wanted} == wanted


def test_every_case_says_why() -> None:
    """A case that gives no reason teaches nobody anything."""
    assert all(case["why"] and (set(case) & {"golden", "provenance", "relations"}) for case in CASES)
