"""The cards of a text, property by property: vCard 2.1 (versit), 3.0 (RFC 2426) and 4.0 (RFC 6350).

A card that breaks the rules is rejected whole, with its lines, and the next one begins at the next BEGIN:VCARD.
"""

import quopri
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from connectors.sources.base import Reject

_ENDS: Final = re.compile(r"\r\n|\n|\r")
_BEGIN: Final = re.compile(r"^\ufeff?\s*BEGIN\s*:\s*VCARD\s*$", re.IGNORECASE)
_END: Final = re.compile(r"^\s*END\s*:\s*VCARD\s*$", re.IGNORECASE)
_OLD: Final = re.compile(r"^\s*VERSION\s*:\s*2\.1\s*$", re.IGNORECASE)
_AGENT: Final = re.compile(r"^(?:[\w-]+\.)?AGENT(?:;[^:]*)?:\s*$", re.IGNORECASE | re.ASCII)
_PROPERTY: Final = re.compile(r'^(?:([\w-]+)\.)?([\w-]+)((?:;[^:;"]*(?:"[^"]*"[^:;"]*)*)*):(.*)$', re.DOTALL | re.ASCII)
_QUOTED: Final = re.compile(r"^[^:]*QUOTED-PRINTABLE[^:]*:", re.IGNORECASE)
_BINARY: Final = re.compile(r"^[^:]*(?:BASE64|ENCODING=B)\b[^:]*:", re.IGNORECASE)
_BASE64: Final = re.compile(r"^[A-Za-z0-9+/=]+\s*$")
_PARTS: Final = re.compile(r';((?:"[^"]*"|[^;"])*)')
LOOSE: Final = frozenset({"NOTE", "ADR", "LABEL"})
"""Properties whose text some programs run over several lines without folding it."""

Decode = Callable[[bytes, str | None], str]
"""The text of quoted-printable bytes, given the CHARSET the property names."""


@dataclass(frozen=True, slots=True)
class Property:
    """One line of a card. `value` is still escaped; names of parameters are in capitals, bare ones are types."""

    group: str
    name: str
    types: frozenset[str]
    parameters: dict[str, str]
    value: str


@dataclass(frozen=True)
class Card:
    """A card: the line of its BEGIN, from 1, its properties in order, and how many lines were joined on trust."""

    line: int
    properties: tuple[Property, ...]
    joined: int = 0


class _Broken(Exception):
    """A card that cannot be read; `line` counts from 1."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(reason)
        self.line = line


@dataclass
class _Span:
    """Physical lines of one card while they are gathered."""

    first: int
    lines: list[str] = field(default_factory=list)
    depth: int = 1

    def reject(self, reason: str, line: int = 0) -> Reject:
        where = f" (line {line})" if line else ""
        remedy = "Correct these lines, or export the address book again"
        return Reject(self.first, "\n".join(self.lines), f"a broken card: {reason}{where}", remedy)


def cards(text: str, decode: Decode) -> Iterator[Card | Reject]:
    """Each card of a text in order; broken ones, and lines outside any card, as rejects."""
    for span, whole in _spans(_ENDS.split(text)):
        if span.depth == 0 and not whole:
            remedy = "Delete these lines, or put BEGIN:VCARD and END:VCARD around them"
            yield Reject(span.first, "\n".join(span.lines), "lines that belong to no card", remedy)
        elif not whole:
            yield span.reject("it has no END:VCARD; the file may be cut off")
        else:
            try:
                yield _card(span, decode)
            except _Broken as error:
                yield span.reject(str(error), error.line)


def _spans(lines: list[str]) -> Iterator[tuple[_Span, bool]]:
    """Lines from BEGIN to END, and whether the END is there. Lines between cards have depth 0."""
    span: _Span | None = None
    stray: _Span | None = None
    for number, line in enumerate(lines, 1):
        begins = _BEGIN.match(line) is not None
        if begins and not (span and _AGENT.match(span.lines[-1])):
            for left in (span, stray):
                if left:
                    yield left, False
            span, stray = _Span(number, [line]), None
        elif span:
            span.lines.append(line)
            span.depth += 1 if begins else -1 if _END.match(line) else 0
            if not span.depth:
                span.depth = 1
                yield span, True
                span = None
        elif line.strip("\ufeff \t\x1a"):
            stray = stray or _Span(number, depth=0)
            stray.lines.append(line)
    for left in (span, stray):
        if left:
            yield left, False


def _card(span: _Span, decode: Decode) -> Card:
    """The properties of a card, without those of a card within it (AGENT). Raises _Broken."""
    body = list(enumerate(span.lines[1:-1], span.first + 1))
    logical, joined = _unfolded(body, keep=0 if any(_OLD.match(line) for _, line in body) else 1)
    found = []
    depth = 0
    for number, line in logical:
        if _BEGIN.match(line) or _END.match(line):
            depth += 1 if _BEGIN.match(line) else -1
        elif not depth and line.strip():
            found.append(_property(line, number, decode))
    return Card(span.first, tuple(found), joined)


@dataclass
class _Logical:
    """A logical line while its physical ones are gathered: joined once, since a photo has thousands of them."""

    number: int
    pieces: list[str]
    head: str
    """Its beginning, up to the colon at least."""

    def add(self, text: str) -> None:
        self.pieces.append(text)
        if ":" not in self.head:
            self.head += text


def _unfolded(body: list[tuple[int, str]], keep: int) -> tuple[list[tuple[int, str]], int]:
    """Logical lines with the number of their first physical one (RFC 6350, 3.2), and how many were joined on trust.

    `keep`: where the text of a continued line begins; vCard 2.1 keeps its blank.
    """
    logical: list[_Logical] = []
    joined = 0
    for number, line in body:
        last = logical[-1] if logical else _Logical(0, [""], "")
        if last.pieces[-1].endswith("=") and _QUOTED.match(last.head):
            last.pieces[-1] = last.pieces[-1][:-1]
            last.add(line)
        elif last.head and line[:1] in (" ", "\t"):
            last.add(line[keep:])
        elif last.head and _BASE64.match(line) and _BINARY.match(last.head):
            last.add(line)
        elif last.head and line.strip() and not _PROPERTY.match(line) and _is_loose(last.head):
            last.add(f"\\n{line}")
            joined += 1
        else:
            logical.append(_Logical(number, [line], line))
    return [(line.number, "".join(line.pieces)) for line in logical], joined


def _is_loose(head: str) -> bool:
    found = _PROPERTY.match(head)
    return found is not None and found.group(2).upper() in LOOSE


def _property(line: str, number: int, decode: Decode) -> Property:
    found = _PROPERTY.match(line.strip("\ufeff"))
    if not found:
        raise _Broken("a line is no property (NAME:value)", number)
    group, name, told, value = found.groups()
    types: list[str] = []
    parameters: dict[str, str] = {}
    for part in _PARTS.findall(told):
        key, equals, text = part.partition("=")
        if equals and key.strip().upper() != "TYPE":
            parameters[key.strip().upper()] = text.strip().strip('"')
        else:
            types += (text if equals else key).replace('"', "").lower().split(",")
    coding = parameters.get("ENCODING", "").upper()
    if coding == "QUOTED-PRINTABLE" or "quoted-printable" in types:
        value = decode(quopri.decodestring(value.encode("utf-8", "surrogateescape")), parameters.get("CHARSET"))
    return Property(
        (group or "").lower(), name.upper(), frozenset(filter(None, map(str.strip, types))), parameters, value
    )


_ESCAPED: Final = re.compile(r"\\([nN,;:\\])")


def plain(value: str) -> str:
    """A value without its escapes (RFC 6350, 3.4)."""
    unescaped = _ESCAPED.sub(lambda m: "\n" if m.group(1) in "nN" else m.group(1), value)
    return _ENDS.sub("\n", unescaped).strip()


_COMPONENT: Final = {mark: re.compile(rf"((?:[^\\{mark}]|\\.|\\$)*)({mark}|$)", re.DOTALL) for mark in ";,"}


def parts(value: str, mark: str = ";") -> list[str]:
    """The components of a structured value, without their escapes."""
    found = []
    for component in _COMPONENT[mark].finditer(value):
        found.append(plain(component.group(1)))
        if not component.group(2):
            break
    return found
