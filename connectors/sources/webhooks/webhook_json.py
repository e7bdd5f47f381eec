"""A file of webhook payloads taken apart: one JSON document, a list, one after another, or one a line (RFC 8259).

A broken document is kept whole, with its line, and the others go on.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

MOST_BYTES: Final = 256 << 20
"""Of one file: more is no folder of payloads."""
_BLANK: Final = re.compile(r"[\s\ufeff]*")
_BETWEEN: Final = re.compile(r"[\s\ufeff,]*")
_LINE: Final = re.compile(r"^[ \t]*\{.*\}[ \t]*,?\r?$", re.MULTILINE)
"""A line that looks like a document of its own."""


@dataclass(frozen=True)
class Found:
    """One document: its line from 1, its text, what it holds; or why it cannot be read."""

    line: int
    text: str
    value: Any = None
    broken: str = ""
    repeated: tuple[str, ...] = ()
    """Keys that stand twice in one object: the second value is under `KEY (2)`."""


def documents(data: bytes) -> list[Found]:
    """Every document of a file, in its order. Text that is no UTF-8 breaks only the documents it stands in."""
    text = _decoded(data).removeprefix("\ufeff")
    reader = _Reader()
    found = list(_one_after_another(text, reader))
    if found and found[-1].broken and _LINE.search(text):
        lines = list(_line_by_line(text, reader))
        if _whole(lines) > _whole(found):
            return lines
    return found


def _whole(found: list[Found]) -> int:
    return sum(isinstance(one.value, dict | list) for one in found)


def _decoded(data: bytes) -> str:
    """The text of a file; bytes that are no UTF-8 become lone surrogates, which are found later."""
    try:
        return data.decode(json.detect_encoding(data))
    except UnicodeDecodeError:
        return data.decode("utf-8", "surrogateescape")


class _Reader:
    """A decoder that keeps numbers as they are written and both values of a repeated key."""

    def __init__(self) -> None:
        self.repeated: list[str] = []
        self.decoder = json.JSONDecoder(
            object_pairs_hook=self._object, parse_float=str, parse_int=str, parse_constant=str
        )

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) == len(pairs):
            return made
        made = {}
        for key, value in pairs:
            name, count = key, 1
            while name in made:
                count += 1
                name = f"{key} ({count})"
            made[name] = value
            if count > 1:
                self.repeated.append(key)
        return made

    def read(self, text: str, start: int, line: int) -> tuple[Found, int]:
        """The document that begins at a place, and where it ends; a broken one goes on to the end of the text."""
        self.repeated.clear()
        try:
            value, end = self.decoder.raw_decode(text, start)
        except json.JSONDecodeError as error:
            broken = line + text.count("\n", start, error.pos)
            return Found(line, text[start:], broken=f"the JSON is broken in line {broken}"), len(text)
        except RecursionError:
            return Found(line, text[start:], broken="the JSON is nested too deeply"), len(text)
        whole = text[start:end]
        if _strange(whole):
            return Found(line, whole, broken="the text is not UTF-8"), end
        return Found(line, whole, value, repeated=tuple(self.repeated)), end


def _strange(text: str) -> bool:
    """Bytes that were no UTF-8 stand as lone surrogates."""
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def _one_after_another(text: str, reader: _Reader) -> Iterator[Found]:
    """Documents with nothing but blanks between; the members of a list are documents of their own."""
    place = _end(_BLANK, text, 0)
    line = 1 + text.count("\n", 0, place)
    inside = text.startswith("[", place)
    step = _BETWEEN if inside else _BLANK
    before, place = place, _end(step, text, place + 1) if inside else place
    while place < len(text):
        line += text.count("\n", before, place)
        if inside and text.startswith("]", place):
            before, place = place, _end(_BLANK, text, place + 1)
            inside, step = False, _BLANK
            continue
        found, end = reader.read(text, place, line)
        yield found
        before, place = place, _end(step, text, end)
    if inside:
        yield Found(1 + text.count("\n"), "", broken="the list of payloads is cut off at its end")


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() if match else start


def _line_by_line(text: str, reader: _Reader) -> Iterator[Found]:
    for number, line in enumerate(text.split("\n"), 1):
        plain = line.strip().strip("\ufeff").rstrip(",")
        if plain in ("", "[", "]"):
            continue
        found, end = reader.read(plain, 0, number)
        if not found.broken and plain[end:].strip(" ,]"):
            found = Found(number, plain, broken=f"the JSON is broken in line {number}")
        yield found
