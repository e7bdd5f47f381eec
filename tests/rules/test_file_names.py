"""Names of files tell batch, operator and day, or nothing; never the wrong thing."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from rules import file_names, schema

SPEC: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parents[1] / "spec/file_names.yml").read_text("utf-8"))


@pytest.mark.parametrize("case", SPEC, ids=lambda case: case["names"][0])
def test_what_names_tell(case: dict[str, Any]) -> None:
    """The pattern reads the same columns off every name, and is one that a declaration may hold."""
    pattern = file_names.pattern(case["names"])
    if case["told"] is None:
        assert pattern is None
        return
    assert pattern is not None
    found = [match.groupdict() if (match := re.search(pattern, name)) else None for name in case["names"]]
    assert found == case["told"]
    assert schema.Source.model_validate({"kind": "csv", "location": "x", "from_name": pattern}).from_name == pattern
