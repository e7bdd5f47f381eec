"""Mistakes in YAML files, in the words of the people who write them: place, what is wrong, what to write instead."""

import re
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, TypeAlias, TypeVar

import yaml
from pydantic import ValidationError

from rules.strict import Strict, inner

Path: TypeAlias = tuple[str | int, ...]
M = TypeVar("M", bound=Strict)
COUNTRY: Final = "^[A-Z]{2}$"
"""The form of an ISO 3166 code."""


@dataclass(frozen=True)
class Problem:
    """One mistake: where it is, what it is and what to do about it. `line` counts from 1; 0 is the whole file."""

    file: str
    line: int
    key: str
    message: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        at = f" {self.key}:" if self.key else ""
        return f"{place}:{at} {self.message}. {self.remedy}"


class Mistakes(Exception):
    """Configuration that cannot be used; `problems` holds every mistake found."""

    def __init__(self, problems: list[Problem], rest: Strict | None = None) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems
        self.rest = rest
        """The settings of the file without those that are mistakes, to look at further; none: too little is left."""


def beyond(data: dict[Any, Any], found: Sequence[Any], model: type[M]) -> tuple[M | None, list[Any]]:
    """The model filled with what is left of the data without the settings that are mistakes (none: it cannot be), and
    the mistakes between several settings (`kind: sql` without a table) that those hid. `found`: pydantic's errors.
    """
    left = deepcopy(data)
    taken = [error["loc"] for error in found if error["type"] != "missing"]
    for path in taken:
        _take(left, path)
    try:
        return model.model_validate(left), []
    except ValidationError as error:
        hidden = [e for e in error.errors() if e["type"] != "missing" and not _follows(e, taken, model)]
        told_before = [(e["loc"], e["type"]) for e in found]
        return None, [e for e in hidden if (e["loc"], e["type"]) not in told_before]


def _take(data: dict[Any, Any], path: Path) -> None:
    """Take the setting out that a mistake is in, the innermost that has a name."""
    holder, name = data, path[0] if path else ""
    at: Any = data
    for step in path:
        key = next((k for k in at if str(k) == str(step)), None) if isinstance(at, dict) else None
        if key is None:
            break
        holder, name, at = at, key, at[key]
    holder.pop(name, None)


def _follows(error: Any, taken: Iterable[Path], model: type[Strict]) -> bool:
    """Whether a mistake between several settings speaks of one that was taken out: it may be no mistake at all."""
    steps = [path[: n + 1] for path in taken for n in range(len(path))]
    names = {str(path[-1]) for path in steps if path[-1] in inner(model, path).model_fields}
    return any(re.search(rf"\b{re.escape(name.rstrip('s'))}", error["msg"]) for name in names)


def no_yaml(error: yaml.YAMLError, text: str, file: str) -> Problem:
    """A text that cannot be read as YAML."""
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        what = f"not valid YAML: it holds the control character {error.character:#x}"
        return Problem(file, line, "", what, "Delete it, or save the file again as plain text")
    mark = getattr(error, "problem_mark", None)
    message = getattr(error, "problem", None) or str(error)
    remedy = "Check indentation, colons and quotes on this line and the one above"
    return Problem(file, mark.line + 1 if mark else 0, "", f"not valid YAML: {message}", remedy)


def told(error: Any, lines: dict[Path, int], model: type[Strict], file: str) -> Problem:
    """An error of pydantic, at the line of its key."""
    path: Path = tuple(error["loc"])
    line = next((lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in lines), 0)
    key = ".".join(map(str, path))
    if error["type"] == "extra_forbidden":
        keys = inner(model, path).model_fields
        near = get_close_matches(str(path[-1]), keys, n=1)
        remedy = f"Did you mean `{near[0]}`?" if near else f"Known keys: {', '.join(sorted(keys))}"
        return Problem(file, line, key, "unknown key", remedy)
    if error["type"] == "missing":
        return Problem(file, line, key, "this key is missing", f"Add `{key}: …`")
    if error.get("ctx", {}).get("pattern") == COUNTRY:
        return Problem(file, line, key, "this is no code of a country", "Write its two capital letters: GR, IT, TR")
    if error["type"] in _EXPECTED:
        return Problem(file, line, key.removesuffix(".[key]"), *_EXPECTED[error["type"]])
    message = str(error["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    what, _, remedy = message.partition(". ")
    return Problem(file, line, key.removesuffix(".[key]"), what, remedy or "Correct the value")


_EXPECTED: Final = {
    **dict.fromkeys(
        ("dict_type", "model_type"),
        ("this should be pairs of `key: value`", "Write `{key: value}`, or one `key: value` a line below it"),
    ),
    "string_type": ("this should be text", "Write one text; put quotes around a number"),
    "tuple_type": ("this should be a list", "Write [one, two]"),
    **dict.fromkeys(("bool_type", "bool_parsing"), ("this should be true or false", "Write true or false")),
    **dict.fromkeys(("float_type", "float_parsing"), ("this should be a number", "Write a number, with a dot: 0.2")),
    **dict.fromkeys(("int_type", "int_parsing"), ("this should be a whole number", "Write a whole number")),
}
"""Type of a pydantic error -> what is wrong and what to write, for people who do not know our models."""
