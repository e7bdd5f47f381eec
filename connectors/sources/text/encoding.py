"""The text of a file's bytes: by its mark, as strict UTF-8, as configured, by country, and only then by guess.

Guessing alone is wrong on Polish, Turkish, Greek and Italian exports (charset-normalizer failed three of
twelve files), so what was chosen is always said.
"""

import codecs
from dataclasses import dataclass

from connectors.sources import sniff
from connectors.sources.base import SourceFailed
from connectors.sources.text import wide
from connectors.sources.text.encoding_guess import POOR, WESTERN, encodings, guess

MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
FEW, MANY = 0.3, 3
"""Share of the lines beyond ASCII that may be no UTF-8 in a file that is; lines of UTF-8 that make it one for sure."""
LETTERS = 6
"""Letters beyond ASCII that tell of an encoding for sure."""
DAMAGED = 0.1
"""Share of the lines that may be damaged before a declared encoding is taken for the wrong one."""
LANGUAGES = {
    "el": "Greek", "ru": "Russian", "uk": "Ukrainian", "bg": "Bulgarian", "sr": "Serbian or Croatian", "tr": "Turkish",
    "pl": "Polish", "cs": "Czech", "sk": "Slovak", "hu": "Hungarian", "ro": "Romanian", "it": "Italian",
    "es": "Spanish", "fr": "French", "de": "German", "pt": "Portuguese", "sv": "Swedish", "lv": "Latvian",
}  # fmt: skip
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
            return _marked(data[len(mark) :], encoding)
    if configured and configured.lower().replace("_", "-") not in ("utf-8", "utf8"):
        return _configured(data, configured, name)
    if b"\0" in data[:4096] and (form := sniff.wide(data[:4096])):
        return _marked(data, form)
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


def _marked(data: bytes, encoding: str) -> Decoded:
    """The text of a file that says itself what it is written in: damaged bytes are let pass, and said."""
    if encoding == "utf-8" and is_utf8(data):
        return Decoded(data, encoding)
    text = wide.text_of(data, encoding) or data.decode(encoding, "replace")
    return Decoded(text.encode(), encoding, tuple(_lost(text, encoding)))


def _configured(data: bytes, encoding: str, name: str) -> Decoded:
    """The text in the declared encoding. Raises SourceFailed where that does not exist, or where it fits badly."""
    try:
        plain = codecs.lookup(encoding).name
        form = {"utf-16": "utf-16-le"}.get(plain, plain)  # without a mark, as Windows writes it
        text = wide.text_of(data, form)
        return Decoded((data.decode(form) if text is None else text).encode(), encoding, tuple(_lost(text or "", form)))
    except LookupError as error:
        remedy = "Use a name such as utf-8, cp1252, cp1253, cp1251 or cp1254, or leave `encoding` out"
        raise SourceFailed(f"there is no encoding {encoding!r}", remedy, file=name) from error
    except UnicodeDecodeError as error:
        text = data.decode(form, "replace")
        lines = text.split("\n")
        if sum("\ufffd" in line for line in lines) <= DAMAGED * len(lines):
            return Decoded(text.encode(), encoding, tuple(_lost(text, encoding)))
        line = data.count(b"\n", 0, error.start) + 1
        reason = f"the text is not {encoding}: byte {data[error.start]:#04x} means nothing there"
        raise SourceFailed(reason, "Correct `encoding`, or leave it out", file=name, line=line) from error


def _mixed(data: bytes, country: str | None) -> Decoded | None:
    """UTF-8 in which some lines are damaged, or in another encoding: two programs wrote the file."""
    lines = data.split(b"\n")
    beyond = [n for n, line in enumerate(lines) if not line.isascii()]
    strange = [n for n in beyond if not is_utf8(lines[n])]
    foreign = [n for n in strange if not _is_damaged(lines[n])]
    letters = sum(byte > 0x7F for n in foreign for byte in lines[n])
    few = len(beyond) - len(foreign) < max(MANY, len(beyond) // 10)
    if len(foreign) > FEW * len(beyond) and few and letters > _letters(lines, {*beyond} - {*strange}):
        return None
    found = guess(b"\n".join(lines[n] for n in foreign), country) if foreign else None
    own = encodings().get(country or "")
    if found and own and letters < LETTERS and found.encoding not in (*own, WESTERN):
        found, foreign = None, []  # so little tells of no other country's code page: bytes that were damaged
    notes = []
    if found:
        what = "1 line is not" if len(foreign) == 1 else f"{len(foreign)} lines are not"
        notes.append(f"{what} UTF-8 like the rest and read as {found.encoding}: {_shown([n + 1 for n in foreign])}")
        for n in foreign:
            lines[n] = lines[n].decode(found.encoding, "replace").encode()
    for n in strange:
        lines[n] = lines[n].decode("utf-8", "replace").encode()
    if damaged := sorted({n + 1 for n in strange} - {n + 1 for n in foreign}):
        notes.append(_nothing("utf-8", damaged))
    return Decoded(b"\n".join(lines), "utf-8", tuple(notes))


def _letters(lines: list[bytes], those: set[int]) -> int:
    """How many letters beyond ASCII lines of UTF-8 hold, where they are too many to be bytes of another encoding."""
    found = sum(sum(c > "\x7f" for c in lines[n].decode()) for n in those)
    return found if found >= LETTERS else 0


def _is_damaged(line: bytes) -> bool:
    """Whether a line that is no UTF-8 would be but for a few bytes."""
    text = line.decode("utf-8", "replace")
    return sum(c > "\x7f" and c != "\ufffd" for c in text) > text.count("\ufffd")


def _legacy(data: bytes, country: str | None) -> Decoded:
    found = guess(data, country)
    sure = country is not None and found.encoding in (*encodings().get(country, ()), WESTERN) and found.points >= POOR
    why = "" if sure else ", a guess: set `encoding` if letters look wrong"
    text = data.decode(found.encoding, "replace")
    notes = [f"read as {found.encoding}{_language(found.language)}{why}", *_lost(text, found.encoding)]
    return Decoded(text.encode(), found.encoding, tuple(notes))


def _language(code: str) -> str:
    return f" (letters as in {LANGUAGES.get(code, code)})" if code else ""


def _lost(text: str, encoding: str) -> list[str]:
    """What is said where bytes mean nothing in the encoding of the file; � stands for each."""
    lines = [n for n, line in enumerate(text.split("\n"), 1) if "\ufffd" in line] if "\ufffd" in text else []
    return [_nothing(encoding, lines)] if lines else []


def _nothing(encoding: str, lines: list[int]) -> str:
    where = "line" if len(lines) == 1 else "lines"
    return f"bytes that mean nothing in {encoding} were read as \ufffd ({where} {_shown(lines)})"


def _shown(lines: list[int]) -> str:
    return ", ".join(map(str, lines[:10])) + (" …" if len(lines) > 10 else "")
