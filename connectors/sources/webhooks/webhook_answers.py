"""From one payload to one record: the answers where its shape says they are, else every key with its dots."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final

from rules.choices import BY
from rules.payload import Paths, Payload, Shapes, shapes_of

DEEPEST: Final = 20
"""Levels below which an object stays JSON in its cell."""
Cells = dict[str, str | None]


@dataclass(frozen=True)
class Answered:
    """One payload as a record: its ids and time as they stand, and its cells in the order of the form."""

    event: str | None
    time: str | None
    response: str | None
    cells: Cells = field(default_factory=dict)


@cache
def known() -> Shapes:
    """The shapes of webhooks.yml."""
    from rules import schema

    text = files("connectors").joinpath("sources/webhooks/webhooks.yml").read_text("utf-8")
    return shapes_of(schema.load(text, "webhooks.yml")[0])


def opened(value: Any, own: Payload | None) -> list[Any]:
    """The payloads of a document: itself, or what an export or a relay wraps them in."""
    shape = shape_of(value, own)
    if not isinstance(value, dict) or shape is own or shape.when:
        return [value]
    for path in known().wrapped:
        inner = at(value, path)
        if isinstance(inner, dict) and shape_of(inner, own).when:
            return [inner]
    for path in known().lists:
        inner = at(value, path)
        if isinstance(inner, list) and inner and all(isinstance(member, dict) for member in inner):
            return inner
    return [value]


def shape_of(payload: Any, own: Payload | None) -> Payload:
    """The declared shape where it fits, else the first known one that does."""
    every = ([own] if own else []) + list(known().shapes.values())
    return next(shape for shape in every if all(at(payload, path) is not None for path in shape.when))


def answered(payload: Mapping[str, Any], own: Payload | None) -> Answered:
    """One payload as a record: its answers, and beside them under their whole path what else it holds."""
    shape = shape_of(payload, own)
    cells: Cells = {}
    answers, fields = first(payload, shape.answers), first(payload, shape.fields)
    found = isinstance(answers, list | dict)
    if found:
        _answers(answers, first(payload, shape.titles), shape, cells)
    elif fields is not None:
        flatten(fields, "", shape.strip, cells)
    for path in shape.keep:
        if (kept := at(payload, path)) is not None:
            flatten(kept, path.rpartition(".")[2], None, cells)
    ids = (shape.event, shape.time, shape.response)
    if found or fields is not None:
        read = {_used(payload, paths) for paths in (shape.answers, shape.titles, shape.fields, *ids)}
        flatten(payload, "", None, cells, but=read.union(shape.keep))
    else:
        flatten(payload, "", shape.strip, cells)
    event, time, response = (text(first(payload, paths)) for paths in ids)
    return Answered(event, time, response, cells)


def _used(payload: Any, paths: Paths) -> str:
    """The path of several that is read; empty where none is there."""
    return next((path for path in paths if first(payload, (path,)) is not None), "")


# --- paths --------------------------------------------------------------------------------------------------


def at(node: Any, path: str) -> Any:
    """What stands at a path; a text that holds JSON is looked into, of a list every member. None where nothing is."""
    for step in path.split("."):
        if isinstance(node, str) and node[:1] in ("{", "["):
            node = _inner(node)
        if isinstance(node, list):
            node = [found for member in node if (found := at(member, step)) is not None] or None
        else:
            node = node.get(step) if isinstance(node, dict) else None
        if node is None:
            return None
    return _inner(node) if isinstance(node, str) and node[:1] == "{" else node


def _inner(text: str) -> Any:
    try:
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return text


def first(node: Any, paths: Paths) -> Any:
    """What stands at the first path where something does; `a + b` is both."""
    for path in paths:
        parts = [found for part in path.split(" + ") if (found := at(node, part)) is not None]
        if len(parts) > 1:
            return [member for part in parts for member in (part if isinstance(part, list) else [part])]
        if parts:
            return parts[0]
    return None


# --- answers ------------------------------------------------------------------------------------------------


def _answers(answers: Any, titles: Any, shape: Payload, cells: Cells) -> None:
    """One cell an answer, under its question; the columns of all questions first, in the form's order."""
    named = _questions(titles, shape, cells)
    keyed = answers.items() if isinstance(answers, dict) else ((None, answer) for answer in answers)
    for key, answer in keyed:
        if not isinstance(answer, dict):
            flatten(answer, str(key or "answer"), None, cells)
            continue
        own = text(first(answer, shape.key)) or key
        name = named.get(own) or _free(_question(answer, shape) or str(own or "answer"), cells)
        kind = text(answer.get("type")) or ""
        paths = tuple(path.replace("{type}", kind) for path in shape.value)
        flatten(_value(answer, paths, shape.options), name, None, cells)
        flatten(_rest(answer, paths, shape) or None, name, None, cells)


def _rest(answer: Mapping[str, Any], paths: Paths, shape: Payload) -> dict[str, Any]:
    """What an answer holds beside its name and its value: a kind of answer that no shape knows is never dropped."""
    said = (*shape.key, *shape.question, *shape.options, *shape.aside, _used(answer, paths))
    known = {path.partition(".")[0].partition(" + ")[0] for path in said}
    empty = {path.partition(".")[0] for path in paths}
    return {k: v for k, v in answer.items() if (k not in known or not k) and not (k in empty and v is None)}


def _questions(titles: Any, shape: Payload, cells: Cells) -> dict[str | None, str]:
    """Key of a question -> its column; a title that repeats is `Phone (2)`, as in the product's own export."""
    named: dict[str | None, str] = {}
    for title in titles if isinstance(titles, list) else ():
        question = _question(title, shape)
        if question:
            name = named[text(first(title, shape.key))] = _free(question, cells)
            cells[name] = None
    return named


def _question(answer: Any, shape: Payload) -> str:
    return " ".join((text(first(answer, shape.question)) or "").split())


def _free(name: str, taken: Mapping[str, Any]) -> str:
    free, count = name, 1
    while free in taken:
        count += 1
        free = f"{name} ({count})"
    return free


def _value(answer: Mapping[str, Any], paths: Paths, options: Paths) -> Any:
    value, choices = first(answer, paths), first(answer, options)
    if not isinstance(choices, list):
        return value
    texts = {text(o.get("id")): o.get("text") for o in choices if isinstance(o, dict)}
    if isinstance(value, list):
        return [texts.get(text(member), member) for member in value]
    return texts.get(text(value), value)


# --- cells --------------------------------------------------------------------------------------------------


def flatten(value: Any, name: str, strip: str | None, cells: Cells, but: Collection[str] = ()) -> None:
    """A value under a name: an object key by key with dots between, a list of plain values joined by `; `.

    What is called as one of `but` is left out.
    """
    stack: list[tuple[str, Any, int]] = [(name, value, 0)]
    while stack:
        name, value, depth = stack.pop()
        if name and name in but:
            continue
        if isinstance(value, dict) and value and depth < DEEPEST:
            stack += [(_joined(name, key, strip), inner, depth + 1) for key, inner in reversed(value.items())]
        elif value is not None or name:
            _put(cells, name or "value", text(value))


def _joined(name: str, key: str, strip: str | None) -> str:
    plain = " ".join(re.sub(strip, "", key).split() if strip and not name else key.split()) or "(no name)"
    return f"{name}.{plain}" if name else plain


def _put(cells: Cells, name: str, value: str | None) -> None:
    """A name that is filled already (two keys that differ in blanks, or only by what is stripped) gets a number.

    An empty value needs none.
    """
    if value is None and name in cells:
        return
    cells[name if cells.get(name) is None else _free(name, cells)] = value


def text(value: Any) -> str | None:
    """A JSON value as the text of a cell: numbers as written, lists of plain values joined, the rest as JSON."""
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and not any(isinstance(member, list | dict) for member in value):
        return BY.join(_plain(value)) or None
    return json.dumps(value, ensure_ascii=False) if value else None


def _plain(values: Iterable[Any]) -> list[str]:
    return [found for value in values if (found := text(value)) is not None]
