"""The text of a file's bytes: by its mark, as strict UTF-8, as configured, by country, and only then by guess.

Guessing alone is wrong on Polish, Turkish, Greek and Italian exports (charset-normalizer failed three of
twelve files), so what was chosen is always said.
"""

import codecs
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

from connectors.sources import sniff
from connectors.sources.base import SourceFailed

MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
WESTERN = "cp1252"
# A word in which two alphabets meet, or a control character, tells of the wrong code page.
_MIXED = re.compile(r"[A-Za-zÀ-ɏ][Ͱ-ԯ]|[Ͱ-ԯ][A-Za-zÀ-ɏ]|[Ͱ-Ͽ][Ѐ-ԯ]|[Ѐ-ԯ][Ͱ-Ͽ]|[\x80-\x9f]|�")
# A capital after a small letter: how Cyrillic looks when koi8 and cp1251 are confused.
_CAPITAL_INSIDE = re.compile(r"[a-zà-ÿ][À-Þ]|[α-ωа-я][Α-ΩА-Я]")
_CHUNK = 1 << 24


@dataclass(frozen=True)
class Decoded:
    """UTF-8 bytes without a mark, what they were written in, and what is doubtful about that."""

    utf8: bytes
    encoding: str
    notes: tuple[str, ...] = ()


def decode(data: bytes, name: str, *, configured: str | None = None, country: str | None = None) -> Decoded:
    """A file's text. Raises SourceFailed where the configured encoding does not exist or does not fit."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            body = data[len(mark) :]
            return _strict(body, encoding, name)
    if configured and configured.lower().replace("_", "-") not in ("utf-8", "utf8"):
        return _strict(data, configured, name)
    if b"\0" in data[:4096] and (wide := sniff.wide(data[:4096])):
        return _strict(data, wide, name)
    if is_utf8(data):
        return Decoded(data, "utf-8")
    return _mixed(data, country) or _legacy(data, country)


def is_utf8(data: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), _CHUNK):
            decoder.decode(data[start : start + _CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _strict(data: bytes, encoding: str, name: str) -> Decoded:
    try:
        if encoding == "utf-8" and is_utf8(data):
            return Decoded(data, encoding)
        return Decoded(data.decode(encoding).encode("utf-8", "surrogatepass"), encoding)
    except LookupError as error:
        remedy = "Use a name such as utf-8, cp1252, cp1253, cp1251 or cp1254, or leave `encoding` out"
        raise SourceFailed(f"there is no encoding {encoding!r}", remedy, file=name) from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        reason = f"the text is not {encoding}: byte {data[error.start]:#04x} means nothing there"
        raise SourceFailed(reason, "Correct `encoding`, or leave it out", file=name, line=line) from error


def _mixed(data: bytes, country: str | None) -> Decoded | None:
    """UTF-8 in which a few lines are in another encoding: two programs wrote the file."""
    lines = data.split(b"\n")
    foreign = [n for n, line in enumerate(lines) if not line.isascii() and not is_utf8(line)]
    beyond_ascii = sum(not line.isascii() for line in lines)
    if not foreign or len(foreign) > 0.3 * beyond_ascii:
        return None
    encoding, _ = _choose(b"\n".join(lines[n] for n in foreign), country)
    for n in foreign:
        lines[n] = lines[n].decode(encoding, "replace").encode()
    shown = ", ".join(str(n + 1) for n in foreign[:10]) + (" …" if len(foreign) > 10 else "")
    note = f"{len(foreign)} lines are not UTF-8 like the rest and were read as {encoding}: {shown}"
    return Decoded(b"\n".join(lines), "utf-8", (note,))


def _legacy(data: bytes, country: str | None) -> Decoded:
    encoding, sure = _choose(data, country)
    note = f"read as {encoding}" + ("" if sure else ", a guess: set `encoding` if letters look wrong")
    return Decoded(data.decode(encoding, "replace").encode(), encoding, (note,))


def _choose(data: bytes, country: str | None) -> tuple[str, bool]:
    """The encoding with the most plausible text, and whether the country stands behind it."""
    sample = b"\n".join(line for line in data.split(b"\n") if not line.isascii())[:200_000]
    ranked = [*by_country().get(country or "", ()), WESTERN]
    hint = None if country else _hint(sample)
    if hint:
        ranked.insert(0, hint)
    best = min(ranked, key=lambda encoding: (_oddities(sample, encoding), ranked.index(encoding)))
    return best, best != hint and (country is not None)


def _oddities(sample: bytes, encoding: str) -> float:
    """Share of characters that hardly stand in a real text so decoded."""
    text = sample.decode(encoding, "replace")
    odd = len(_MIXED.findall(text)) + len(_CAPITAL_INSIDE.findall(text))
    return round(odd / max(1, len(text)), 3)


def _hint(sample: bytes) -> str | None:
    from charset_normalizer import from_bytes

    match = from_bytes(sample).best()
    return match.encoding if match else None


@cache
def by_country() -> dict[str, list[str]]:
    text = files("connectors").joinpath("sources/encodings.yml").read_text("utf-8")
    loaded: dict[str, list[str]] = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - makes nothing but text
    return loaded
