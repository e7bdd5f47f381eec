"""Every default rule, against the rows of tests/spec/expectations that it must pass and fail."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rules import schema
from rules.expectations import checking, columns, suites

SPEC = Path(__file__).parents[2] / "spec" / "expectations"
CASES = {path.stem: schema.load(path.read_text("utf-8"), path.name)[0] for path in sorted(SPEC.glob("*.yml"))}
SUITES = suites.load({}, {"s": ()})


def cases(table: str) -> Iterator[tuple[str, bool, dict[str, Any], str]]:
    """Rule, whether it passes, the row, and a source of its own for it."""
    for rule, sides in CASES[table].items():
        for side in ("passes", "fails"):
            for number, row in enumerate(sides[side]):
                yield rule, side == "passes", row, f"{rule}-{side}-{number}"


def rows_of(row: dict[str, Any], table: str, source: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The row itself, its repetitions, and the rows of other tables that come with it."""
    own = {
        k: str(v).replace("SELF", source)
        for k, v in row.items()
        if k not in ("with", "times", "also") and v is not None
    }
    for _ in range(row.get("times", 1)):
        yield table, {"source": source, "position": 0, **own}
    for other in row.get("also", ()):
        yield table, {"source": source, "position": 0, **other}
    for name, others in row.get("with", {}).items():
        yield from ((name, {"source": source, "position": n, **other}) for n, other in enumerate(others))


@pytest.mark.parametrize("table", columns.TABLES)
def test_every_rule_has_a_row_that_passes_and_one_that_fails(table: str) -> None:
    """No default rule is without an example of either side, and no example is of a rule that is gone."""
    assert set(CASES[table]) == set(SUITES.common[table])
    assert all(sides["passes"] and sides["fails"] for sides in CASES[table].values())


@pytest.mark.parametrize("table", columns.TABLES)
def test_rules_pass_and_fail_what_the_spec_says(table: str, check: Any) -> None:
    """Each row of the spec passes or fails the rule that it stands under."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for _, _, row, source in cases(table):
        for name, made in rows_of(row, table, source):
            tables.setdefault(name, []).append(made)
    sources = {source for rule, _, _, source in cases(table) if rule == "postcode_fits_assumed_country"}
    setting = checking.Setting("2026-11-22", ("ours.example",), ("+302109990000",), frozenset(sources))
    failures = check(tables, setting=setting).failures.to_pylist()
    failed = {(f["source"], f["rule"]) for f in failures if f["table"] == table}
    wrong = [source for rule, passes, _, source in cases(table) if ((source, rule) in failed) == passes]
    assert not wrong


def test_every_rule_speaks_to_a_steward() -> None:
    """Each default rule says what is wrong and what to do, in a sentence without a full stop."""
    rules = [check.rule for checks in SUITES.common.values() for check in checks.values()]
    assert all(len(rule.because.split()) > 2 and not rule.because.endswith(".") for rule in rules)
    assert all(len(rule.remedy.split()) > 2 for rule in rules)
