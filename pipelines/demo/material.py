"""The demo's data files, read once."""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

COUNTRIES = ("gr", "ru", "tr", "it", "es", "id", "gb")


def text(name: str) -> str:
    """The text of a data file."""
    return files("pipelines.demo").joinpath("data", *name.split("/")).read_text("utf-8")


@cache
def data(name: str) -> Any:
    """The data of `data/NAME.yml`."""
    return yaml.safe_load(text(f"{name}.yml"))


@cache
def country(code: str) -> dict[str, Any]:
    """What is known of a country, by its ISO code (`GR`)."""
    known: dict[str, Any] = data(f"countries/{code.lower()}")
    return known


def habits(source: str) -> dict[str, Any]:
    """What a desk asks for and how carefully it writes."""
    known: dict[str, Any] = data("habits")[source]
    return known
