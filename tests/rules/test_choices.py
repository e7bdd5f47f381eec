"""Questions of several answers: found in an unknown sheet, and folded into one cell."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import choices

SPEC: dict[str, Any] = yaml.safe_load((Path(__file__).parents[1] / "spec/choices.yml").read_text("utf-8"))


def table(columns: dict[str, list[str | None]]) -> pa.Table:
    return pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()})


@pytest.mark.parametrize("case", SPEC["find"], ids=lambda case: case["name"])
def test_questions_are_found(case: dict[str, Any]) -> None:
    """A question is found by its headers and ticks, and nothing else is taken for one."""
    found = choices.find(table(case["columns"]))
    assert {name: list(columns) for name, columns in found.items()} == case["found"]


@pytest.mark.parametrize("case", SPEC["fold"], ids=lambda case: case["name"])
def test_answers_are_folded(case: dict[str, Any]) -> None:
    """The chosen answers stand in one cell; the columns they came from stay as they were."""
    before = table(case["columns"])
    after = choices.fold(before, case["choices"])
    assert {name: after[name].to_pylist() for name in case["cells"]} == case["cells"]
    assert after.select(before.column_names).equals(before)


@settings(derandomize=True, max_examples=50, deadline=None)
@given(st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=1, max_size=6))
def test_folding_loses_no_answer(rows: list[list[bool]]) -> None:
    """Every tick is one answer of its row's cell, in the order of the columns, whatever was ticked."""
    labels = ["Wine", "Oil", "Olives"]
    columns = {f"Q [{label}]": ["x" if row[n] else None for row in rows] for n, label in enumerate(labels)}
    folded = choices.fold(table(columns), {"Q": tuple(columns)})["Q"].to_pylist()
    wanted = [[label for label, ticked in zip(labels, row, strict=True) if ticked] for row in rows]
    assert [cell.split("; ") if cell else [] for cell in folded] == wanted
