"""Presets: what the export of a known product looks like, as data in `rules/defaults/presets/NAME.yml`.

A workspace adds its own in `presets/NAME.yml`, in the same words. A column may be written `Phone {1-9} - Value`: nine
columns in one line.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from rules import schema

FOLDER: Final = "defaults/presets"
MERGED: Final = ("columns", "aliases", "values", "labels", "choices")
"""Settings of which a source adds to its preset's; all others it replaces."""
_RANGE: Final = re.compile(r"\{(\d{1,2})-(\d{1,2})\}")


class NoPreset(schema.Mistakes):
    """A source names a preset that does not exist, or that cannot be used (its own mistakes were reported)."""


class About(schema.Strict):
    """What a preset says about itself; its other keys are settings of a source."""

    about: str = ""
    verified: bool = False
    """Whether its columns were seen in a real export, or in public code that reads or writes one."""
    seen_in: str = ""
    known_by: tuple[tuple[str, ...], ...] = ()
    """Sets of headers, as they stand, of which one, all of it, tells that a table is this product's."""


@dataclass(frozen=True)
class Preset:
    """One preset, read: what it says of itself, and its settings with every `{1-9}` written out."""

    name: str
    about: About
    settings: Mapping[str, Any]


Own = Mapping[str, Preset | None]
"""A workspace's own presets by name; None where a mistake in one was reported already."""


@cache
def names() -> tuple[str, ...]:
    folder = files("rules").joinpath(FOLDER)
    return tuple(sorted(f.name.removesuffix(".yml") for f in folder.iterdir() if f.name.endswith(".yml")))


@cache
def built_in(name: str) -> Preset:
    """A preset that comes with the program."""
    return parse(files("rules").joinpath(f"{FOLDER}/{name}.yml").read_text("utf-8"), name, f"{name}.yml")


def parse(text: str, name: str, file: str) -> Preset:
    """A preset from its YAML. Raises schema.Mistakes with every mistake, by file and line."""
    data, lines = schema.load(text, file)
    if not isinstance(data, dict):
        raise schema.Mistakes([schema.Problem(file, 1, "", "this file holds no settings", "Write `kind: csv`")])
    said = {key: value for key, value in data.items() if key in About.model_fields}
    settings = {key: value for key, value in data.items() if key not in said}
    if problems := list(_mistakes(said, settings, lines, file)):
        raise schema.Mistakes(problems)
    return Preset(name, schema.parse(said, lines, About, file), _written_out(settings))


def _mistakes(
    said: dict[str, Any], settings: dict[str, Any], lines: dict[schema.Path, int], file: str
) -> Iterator[schema.Problem]:
    """Every mistake of a preset: in what it says of itself, and in its settings."""
    for data, model in ((said, About), ({"location": "-", **settings}, schema.Source)):
        try:
            schema.parse(data, lines, model, file)
        except schema.Mistakes as found:
            yield from found.problems
    yield from _uneven(settings.get("aliases"), lines, file)


def _uneven(aliases: Any, lines: dict[schema.Path, int], file: str) -> Iterator[schema.Problem]:
    """Aliases that stand for another number of columns than their own."""
    for column, others in aliases.items() if isinstance(aliases, dict) else ():
        for other in others if isinstance(others, list) else ():
            if isinstance(column, str) and isinstance(other, str) and len(numbered(other)) != len(numbered(column)):
                line = lines.get(("aliases", column), 0)
                message = f"{other!r} stands for another number of columns than {column!r}"
                yield schema.Problem(file, line, f"aliases.{column}", message, "Write the same {1-9} in both")


def _written_out(settings: Mapping[str, Any]) -> dict[str, Any]:
    out = dict(settings)
    columns = {str(c): t for c, t in settings.get("columns", {}).items()}
    out["columns"] = {name: target for column, target in columns.items() for name in numbered(column)}
    out["labels"] = _pairs(settings.get("labels", {}))
    aliases = settings.get("aliases", {})
    out["aliases"] = {
        name: tuple(numbered(alias)[n] for alias in others)
        for column, others in aliases.items()
        for n, name in enumerate(numbered(column))
    }
    return out


def _pairs(named: Mapping[str, str]) -> dict[str, str]:
    """Column -> column, each `{1-9}` of both written out side by side."""
    return {a: b for one, other in named.items() for a, b in zip(numbered(one), numbered(other), strict=False)}


def numbered(column: str) -> list[str]:
    """`Phone {1-3}` -> Phone 1, Phone 2, Phone 3; any other text is itself."""
    found = _RANGE.search(column)
    first, last = (int(found[1]), int(found[2])) if found else (0, 0)
    if not found or not first <= last:
        return [column]
    return [f"{column[: found.start()]}{n}{column[found.end() :]}" for n in range(first, last + 1)]


def of(data: Any) -> str | None:
    """The preset that a source names; a kind of fixed columns (`e_invoice`) is a preset of its own name."""
    if not isinstance(data, dict):
        return None
    return data.get("preset") or (data["kind"] if data.get("kind") in names() else None)


def apply(data: Any, lines: dict[schema.Path, int], file: str, own: Own | None = None) -> Any:
    """A source's settings laid over those of the preset it names. Raises Mistakes on an unknown preset.

    A workspace's own preset wins over a built-in one of the same name.
    """
    name = of(data)
    if not name:
        return data
    preset = _named(name, own or {}, lines, file)
    settings = preset.settings
    if any(not isinstance(data.get(key, {}), dict) for key in MERGED):
        return {**settings, **data}  # whoever parses it says what is wrong with them
    merged = {k: {**settings.get(k, {}), **data.get(k, {})} for k in MERGED if k in settings or k in data}
    given = data.get("optional", ())
    optional = (*settings["columns"], *(given if isinstance(given, list | tuple) else ()))
    return {**settings, **data, **merged, "optional": optional}


def _named(name: Any, own: Own, lines: dict[schema.Path, int], file: str) -> Preset:
    if isinstance(name, str) and name in own:
        if preset := own[name]:
            return preset
        raise NoPreset([])
    if not isinstance(name, str) or name not in names():
        remedy = f"Known presets: {', '.join(sorted({*names(), *own}))}"
        problem = schema.Problem(file, lines.get(("preset",), 0), "preset", f"there is no preset {name!r}", remedy)
        raise NoPreset([problem])
    return built_in(name)


def matching(headers: Collection[str], own: Own | None = None) -> str | None:
    """The preset whose export has these headers: the one that knows most of them, of those whose `known_by` holds."""
    there = {plain(header) for header in headers}
    candidates = [*(p for p in (own or {}).values() if p), *(built_in(n) for n in names() if n not in (own or {}))]
    best, most = None, 0
    for preset in candidates:
        spelled = _spellings(preset)
        canonical = {spelled.get(header, header) for header in there}
        sets = [{plain(column) for column in columns} for columns in preset.about.known_by]
        known = len(canonical & set(spelled.values()))
        if any(columns <= there for columns in sets) and known > most:
            best, most = preset.name, known
    return best


def _spellings(preset: Preset) -> dict[str, str]:
    """Every header a preset knows -> the column it stands for, both for comparison."""
    found = {plain(column): plain(column) for column in preset.settings["columns"]}
    for column, others in preset.settings["aliases"].items():
        found |= {plain(other): plain(column) for other in others}
    return found


def of_headers(settings: Mapping[str, Any], headers: Collection[str]) -> dict[str, str]:
    """The headers that the settings of a preset map, under any of their names -> what they mean."""
    columns = settings.get("columns", {})
    said = {plain(other): columns.get(c) for c, others in settings.get("aliases", {}).items() for other in others}
    said |= {plain(column): target for column, target in columns.items()}
    return {header: target for header in headers if (target := said.get(plain(header)))}


def plain(header: str) -> str:
    """A header for comparison: blanks single, case folded."""
    return " ".join(header.replace("\ufeff", "").split()).casefold()
