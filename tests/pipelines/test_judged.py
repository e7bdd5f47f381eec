"""An answer of Great Expectations is taken again only where the question is the same."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from rules import vocabulary as words
from rules.expectations import checking
from rules.expectations.rule import Check, Rule
from tests.pipelines import judged


@dataclass
class Told:
    """An outcome, without Great Expectations."""

    check: Check
    rows: tuple[int, ...]


def question(cell: str = "a", dtype: str = "category", today: str = "2026-01-01", maximum: str = "$today") -> Any:
    """A frame of one cell, a check of it, and the day."""
    rule = Rule(
        type="expect_column_values_to_be_dates", kwargs={"column": "born", "max_value": maximum}, because="b",
        severity=words.Severity.CRITICAL, dimension=words.Dimension.VALIDITY, remedy="r",
    )  # fmt: skip
    frame = pd.DataFrame({"born": pd.Series([cell], dtype=dtype)})
    return frame, [Check("born", "records", "s", rule, "f", 1)], {"today": today, "own_domains": [], "own_phones": []}


@pytest.mark.parametrize(
    ("other", "times"),
    [({}, 1), ({"cell": "b"}, 2), ({"dtype": "object"}, 2), ({"today": "2026-01-02"}, 2), ({"maximum": "1"}, 2)],
    ids=["nothing", "a cell", "the kind of a column", "the day", "a rule"],
)
def test_what_is_other_is_asked_anew(monkeypatch: pytest.MonkeyPatch, other: dict[str, str], times: int) -> None:
    """A cell, a kind of column, the day or a rule that is another; the same question is asked once."""
    asked: list[object] = []

    def evaluate(frame: pd.DataFrame, checks: list[Check], _: object) -> list[Any]:
        asked.append(frame)
        return [Told(check, (0,)) for check in checks]

    monkeypatch.setattr(checking, "_engine", lambda: SimpleNamespace(evaluate=evaluate))
    with judged.once():
        first = checking._engine().evaluate(*question())
        again = checking._engine().evaluate(*question(**other))
    assert len(asked) == times
    assert [told.rows for told in (*first, *again)] == [(0,), (0,)]
