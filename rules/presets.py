"""Presets: what the export of a known product looks like, as data in `rules/defaults/presets/NAME.yml`."""

from functools import cache
from importlib.resources import files
from typing import Any

from rules import schema


@cache
def names() -> tuple[str, ...]:
    folder = files("rules").joinpath("defaults/presets")
    return tuple(sorted(f.name.removesuffix(".yml") for f in folder.iterdir() if f.name.endswith(".yml")))


def of(data: Any) -> str | None:
    """The preset that a source names; a kind of fixed columns (`e_invoice`) is a preset of its own name."""
    if not isinstance(data, dict):
        return None
    return data.get("preset") or (data["kind"] if data.get("kind") in names() else None)


def columns(name: str | None) -> frozenset[str]:
    """The columns that a preset maps: an export may lack some of them."""
    if name not in names():
        return frozenset()
    preset, _ = schema.load(files("rules").joinpath(f"defaults/presets/{name}.yml").read_text("utf-8"), str(name))
    return frozenset(preset.get("columns", {}))


def apply(data: Any, lines: dict[schema.Path, int], file: str) -> Any:
    """A source's settings laid over those of the preset it names. Raises Mistakes on an unknown preset."""
    name = of(data)
    if not name:
        return data
    if not isinstance(name, str) or name not in names():
        remedy = f"Known presets: {', '.join(names())}"
        problem = schema.Problem(file, lines.get(("preset",), 0), "preset", f"there is no preset {name!r}", remedy)
        raise schema.Mistakes([problem])
    text = files("rules").joinpath(f"defaults/presets/{name}.yml").read_text("utf-8")
    preset, _ = schema.load(text, name)
    preset.pop("about", None)
    if not isinstance(data.get("columns", {}), dict):
        return {**preset, **data}  # whoever parses it says what is wrong with `columns`
    return {**preset, **data, "columns": {**preset.get("columns", {}), **data.get("columns", {})}}
