"""The same word in other letters: Greek and Russian in Latin, accents and dots lost, text spoiled by a wrong encoding.

Deliberately apart from `rules.standardise`: what the product reads must not be written by the product.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache

from anyascii import anyascii

from pipelines.demo import material

STYLES = ("official", "spoken")


def is_latin(text: str) -> bool:
    return text.isascii() or not any(
        unicodedata.name(c, "").startswith(("GREEK", "CYRILLIC")) for c in text if c.isalpha()
    )


@cache
def latin(text: str, style: str = "official") -> str:
    """Greek and Russian words in Latin letters, in one of STYLES; Latin words as they are."""
    return re.sub(r"[^\W\d_]+", lambda m: _word(m[0], style), text)


def plain(text: str) -> str:
    """Without accents, dots and cedillas, as typed on a foreign keyboard; Greek and Russian stay in their letters."""
    if is_latin(text):
        return anyascii(text)
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c) or c == "\u0306")


def _word(word: str, style: str) -> str:
    if is_latin(word):
        return word
    script = "greek" if unicodedata.name(word[0]).startswith("GREEK") else "russian"
    bare = _greek_bare(word.lower()) if script == "greek" else word.lower()
    written = _reader(script, style)(bare)
    if word.isupper() and len(word) > 1:
        return written.upper()
    return written[:1].upper() + written[1:] if word[0].isupper() else written


def _greek_bare(word: str) -> str:
    """Without accents; the diaeresis stays, for it tells two vowels from one sound."""
    letters = unicodedata.normalize("NFD", word)
    return unicodedata.normalize("NFC", "".join(c for c in letters if not unicodedata.combining(c) or c == "\u0308"))


@cache
def _reader(script: str, style: str) -> Callable[[str], str]:
    tables = material.data("scripts")
    rules = [*tables[f"{script}_{style}"], *tables[f"{script}_letters"].items()]
    pattern = re.compile("|".join(f"({p})" for p, _ in rules))
    letters = [w for _, w in rules]
    return lambda word: pattern.sub(lambda m: letters[(m.lastindex or 1) - 1], word)


def mojibake(text: str) -> str:
    """UTF-8 read as a Western code page, as when a file was opened by the wrong program."""
    raw = text.encode()
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
