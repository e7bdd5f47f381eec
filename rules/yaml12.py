"""YAML by the core rules of version 1.2, with the line of every key: `NO` is a country, `2020-01-02` is text."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, TypeAlias

import yaml

Path: TypeAlias = tuple[str | int, ...]


def read(text: str) -> tuple[Any, dict[Path, int]]:
    """The data of a text (None where it holds none) and the line of each key, from 1. Raises yaml.YAMLError."""
    loader = (_Fast if sum(map(text.count, "[{-?:")) < FEW else _Loader)(text)
    try:
        node = loader.get_single_node()
    except RecursionError as error:
        raise yaml.MarkedYAMLError(problem="it holds settings within settings too deep to be read") from error
    lines = dict(islice(_places(node), len(text) + 1))
    if len(lines) > len(text):  # every setting takes a character, but those that aliases multiply
        raise yaml.MarkedYAMLError(problem="its aliases (`*name`) make more of it than it holds")
    return (None if node is None else loader.construct_document(node)), lines


class _Loader(yaml.SafeLoader):
    """SafeLoader with the scalars of YAML 1.2: only true, false, null and plain numbers are not text."""


class _Fast(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # PyYAML may lack libyaml
    """The same, ten times as fast, which every command feels when it starts; deep nesting would end the process."""


_Loader.yaml_implicit_resolvers = {}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("^(?:null|~|)$"), ["n", "~", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]*)$"), list("-0123456789"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^-?(?:0|[1-9][0-9]*)\.[0-9]+$"), list("-0123456789")
)


_Fast.yaml_implicit_resolvers = _Loader.yaml_implicit_resolvers
FEW: Final = 2000
"""Marks that begin a level of settings, up to which a text cannot be too deep for _Fast."""

DEEPEST: Final = 50
"""Levels of settings within settings; more of them means that an alias (`*name`) holds itself."""


def _places(node: yaml.Node | None, at: Path = ()) -> Iterator[tuple[Path, int]]:
    """The line (from 1) of every key and item below a node; a doubled key is reported by raising."""
    if node is not None and len(at) > DEEPEST:
        raise yaml.MarkedYAMLError(problem="an alias holds itself", problem_mark=node.start_mark)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"the key {key.value!r} stands twice", problem_mark=key.start_mark)
            seen.add(key.value)
            yield (*at, key.value), line
            yield from _places(value, (*at, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield (*at, number), item.start_mark.line + 1
            yield from _places(item, (*at, number))
