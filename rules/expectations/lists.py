"""The package's own data: types of rule, lists that rules name as `$NAME`, forms of postcodes."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from rules import schema

RUN = ("today", "own_domains", "own_phones")
"""Names that stand for something of the run, not for a list of lists.yml."""


def text(name: str) -> str:
    return files("rules").joinpath("expectations", name).read_text("utf-8")


@cache
def _data(name: str) -> Any:
    return schema.load(text(name), name)[0]


@cache
def types() -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """Type of rule -> the arguments it must have, and those that it may have."""
    return {
        name: (
            frozenset(a for a in arguments if not a.startswith("(")),
            frozenset(a.strip("()") for a in arguments if a.startswith("(")),
        )
        for name, arguments in _data("types.yml").items()
    }


def ignores(kind: str) -> str:
    """Which rows a type of rule on two columns leaves out, unless its `ignore_row_if` says otherwise.

    Those of Great Expectations leave out rows in which both are empty, those of Goldseam rows in which either is.
    """
    _, may = types()[kind]
    return "both_values_are_missing" if "ignore_row_if" in may else "either_value_is_missing"


@cache
def lists() -> dict[str, list[str]]:
    found: dict[str, list[str]] = _data("lists.yml")
    return found


@cache
def postcodes() -> Mapping[str, re.Pattern[str]]:
    return {country: re.compile(pattern) for country, pattern in _data("postcodes.yml").items()}


def names() -> tuple[str, ...]:
    """Every NAME that may stand as `$NAME`."""
    return (*RUN, *lists())
