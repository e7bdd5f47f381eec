"""The word lists of this package: `rules/defaults/standardise`, read once."""

import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from rules import schema

_FOLDER = "defaults/standardise"


@cache
def words(name: str) -> Any:
    """The content of `NAME.yml`."""
    return schema.load(files("rules").joinpath(f"{_FOLDER}/{name}.yml").read_text("utf-8"), name)[0]


@cache
def lines(name: str) -> tuple[str, ...]:
    """The lines of `NAME.txt`, without comments."""
    text = files("rules").joinpath(f"{_FOLDER}/{name}.txt").read_text("utf-8")
    return tuple(line for line in text.split("\n") if line and not line.startswith("#"))


def inverted(table: dict[str, list[str]]) -> dict[str, str]:
    """Each word of a table of lists, with the key of its list; the key itself counts as a word."""
    return {word: key for key, many in table.items() for word in [key, *many]}


@cache
def fingerprint() -> str:
    """Changes whenever code or word lists of this package do: what an earlier version made is then not re-used."""
    digest = hashlib.sha256()
    for folder in ("standardise", _FOLDER):
        found = [f for f in files("rules").joinpath(folder).iterdir() if f.name.endswith((".py", ".yml", ".txt"))]
        for file in sorted(found, key=lambda f: f.name):
            digest.update(file.read_bytes())
    digest.update(files("rules").joinpath("suspicion.py").read_bytes())
    return digest.hexdigest()
