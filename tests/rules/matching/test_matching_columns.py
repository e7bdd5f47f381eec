"""Columns that a matching file names: one that does not exist is told with its line and what was meant."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from rules import schema
from rules.matching import config
from rules.matching.columns import KNOWN
from rules.near import meant

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parents[2] / "spec" / "matching" / "columns.yml").read_text("utf-8")
)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["told"])
def test_a_column_that_does_not_exist(case: dict[str, Any]) -> None:
    """File, line, key and the nearest column, for every setting that names columns."""
    with pytest.raises(schema.Mistakes) as raised:
        config.read(case["file"], "matching.yml", {"text.color"})
    (told,) = map(str, raised.value.problems)
    assert told.startswith(case["told"])
    assert case["remedy"] in told


def test_every_mistake_is_told_at_once() -> None:
    """Two wrong columns in two settings are two mistakes."""
    with pytest.raises(schema.Mistakes) as raised:
        config.read("blocking: [[surnam]]\nroles: {citty: place}\n", "matching.yml")
    assert [p.line for p in raised.value.problems] == [1, 2]


def test_default_fields_and_text_are_known() -> None:
    """What is compared by default may be named, and any text column where it is not known which there are."""
    text = files("rules").joinpath("defaults/matching/fields.yml").read_text("utf-8")
    assert {f["name"] for fields in yaml.safe_load(text).values() for f in fields} <= set(KNOWN)
    assert config.read("blocking: [[text.colour.first, surname.sound]]", "matching.yml").blocking


def test_nearest_words() -> None:
    """Several are proposed, the nearest first, whatever the case; where none is near the other remedy stands."""
    assert meant("Mial", ["Mail", "Name"], "x") == "Did you mean 'Mail'?"
    assert meant("surnam", ["name", "surname"], "x") == "Did you mean 'surname' or 'name'?"
    assert meant("xyz", ["name"], "Known: name") == "Known: name"
