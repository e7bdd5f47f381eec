"""Any script to Latin letters, and the keys made of them.

Greek by ELOT 743 with the spoken forms at the start of a word (μπ = b, ντ = d, γκ = g); Cyrillic by the common
romanisations (tables in `defaults/standardise/cyrillic.yml`); everything else, Turkish and German letters
included, by anyascii. `fold` and `skeleton` bring spellings of one name together: rules measured on names in two
scripts, where a shared skeleton finds 93 % of the pairs. They are for blocking; no fold alone is evidence.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from anyascii import anyascii

from rules.standardise import data

GREEK = re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]")
CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_LATIN = re.compile(r"[a-z]")
_NOT_LATIN = re.compile(r"[^a-z0-9]")
_WORDS = re.compile(r"[^\W_]+")
_APOSTROPHES = str.maketrans("", "", "'’‘`´ʼʹ\u00ad")

_GREEK_PAIRS: Final = {
    "ου": "ou", "γγ": "ng", "γξ": "nx", "γχ": "nch", "γκ": "gk", "μπ": "mp", "ντ": "nt", "αι": "ai", "ει": "ei",
    "οι": "oi", "υι": "yi",
}  # fmt: skip
_GREEK_AT_START: Final = {"μπ": "b", "ντ": "d", "γκ": "g"}
_GREEK_LETTERS: Final = dict(zip("αβγδεζηθικλμνξοπρστυφχψωςϊϋ", (
    "a", "v", "g", "d", "e", "z", "i", "th", "i", "k", "l", "m", "n", "x", "o", "p", "r", "s", "t", "y", "f", "ch",
    "ps", "o", "s", "i", "y",
), strict=True))  # fmt: skip
_GREEK_UNIT = re.compile(r"[αεη]υ(?=([θκξπστςφχψ]|$)?)|ου|γγ|γξ|γχ|γκ|μπ|ντ|αι|ει|οι|υι|.")

# Letters of one script that look like letters of another: typed on the wrong keyboard, or to deceive.
_LOOK_LATIN: Final = str.maketrans("αβεζηικμνορτυχавекмнорстухіјѕ", "abezhikmnoptyxabekmhopctyxijs")
_LOOK_GREEK: Final = str.maketrans("abezhikmnoptyxuv", "αβεζηικμνορτυχυν")
_LOOK_CYRILLIC: Final = str.maketrans("abekmhopctyx", "авекмнорстух")


def clean(text: str) -> str:
    """The base of every comparison: NFKC, lower case (Turkish İ is I first), apostrophes dropped."""
    return unicodedata.normalize("NFKC", text).replace("İ", "I").lower().translate(_APOSTROPHES)


def unaccented(text: str) -> str:
    """A clean text without accents, in its own script; dotless ı is i."""
    if text.isascii():
        return text
    parts = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(c for c in parts if not unicodedata.combining(c))).replace("ı", "i")


def words(text: str) -> list[str]:
    """The words and numbers of a text in their own script, in order."""
    if text.isascii():
        return _WORDS.findall(text.lower().replace("'", "").replace("`", ""))
    return _WORDS.findall(clean(text))


def latin(text: str, language: str | None = None) -> str:
    """The words of a text in Latin letters and digits, parted by single blanks."""
    return " ".join(filter(None, (token(w, language) for w in words(text))))


def token(word: str, language: str | None = None) -> str:
    """One clean word in letters a-z and digits; empty where nothing is left of it."""
    return _NOT_LATIN.sub("", word) if word.isascii() else _foreign(word, language)


@lru_cache(maxsize=1 << 16)
def _foreign(word: str, language: str | None) -> str:
    word = one_script(word)
    if GREEK.search(word):
        word = _greek(word)
    if CYRILLIC.search(word):
        word = _cyrillic(word, language)
    return _NOT_LATIN.sub("", word if word.isascii() else anyascii(word).lower())


def one_script(word: str) -> str:
    """A word of mixed scripts with its look-alikes put right (the Cyrillic М of `Мaria`); others unchanged."""
    scripts = [s for s in (_LATIN, GREEK, CYRILLIC) if s.search(word)]
    if len(scripts) < 2:
        return word
    tables = (_LOOK_LATIN, _LOOK_GREEK, _LOOK_CYRILLIC)
    for script, table in sorted(
        zip((_LATIN, GREEK, CYRILLIC), tables, strict=True), key=lambda s: -_letters(s[0], word)
    ):
        put_right = word.translate(table)
        others = [s for s in (_LATIN, GREEK, CYRILLIC) if s is not script]
        if not any(s.search(put_right) for s in others):
            return put_right
    return word


def look_latin(text: str) -> str:
    """A lower-case text with Greek and Cyrillic letters that look like Latin ones put into Latin."""
    return text.translate(_LOOK_LATIN)


def _letters(script: re.Pattern[str], word: str) -> int:
    return len(script.findall(word))


def _greek(word: str) -> str:
    plain = unicodedata.normalize("NFD", word)
    plain = "".join(c for c in plain if not unicodedata.combining(c) or c == "\u0308")
    return _GREEK_UNIT.sub(_greek_unit, unicodedata.normalize("NFC", plain))


def _greek_unit(match: re.Match[str]) -> str:
    unit = match.group(0)
    if len(unit) == 2 and unit[1] == "υ" and unit != "ου":
        voiceless = match.group(1) is not None
        return _GREEK_LETTERS[unit[0]] + ("f" if voiceless else "v")
    if match.start() == 0 and unit in _GREEK_AT_START:
        return _GREEK_AT_START[unit]
    return _GREEK_PAIRS.get(unit) or _GREEK_LETTERS.get(unit, unit)


def _cyrillic(word: str, language: str | None) -> str:
    tables = data.words("cyrillic")
    if language not in tables:
        language = "uk" if any(c in "іїєґ" for c in word) else "ru"
    letters: dict[str, str] = {**tables["all"], **tables[language]}
    for ending, spelling in tables["endings"].items():
        if word.endswith(ending):
            word = word.removesuffix(ending) + spelling
            break
    return "".join(letters.get(c, c) for c in word)


_FOLDS: Final = tuple((re.compile(pattern), put) for pattern, put in (
    ("shch|sch|sc(?=[ei])", "s"), ("sh", "s"), ("tsch|tch", "c"), ("[ck]h", "h"), ("zh", "j"), ("dj", "j"),
    ("ph", "f"), ("th", "t"), ("ou", "u"), ("oi|ei|ey|ay|ii|iy|yi|y", "i"), ("^ie", "e"), ("^io(?=r)", "i"),
    ("ai", "e"), ("ae", "a"), ("oe", "o"), ("ue", "u"), ("t[zs]", "c"), ("[kc]s", "x"),
    ("c(?=[aou])|ck|q", "k"), ("mp(?=[aeiou])", "b"), ("v$", "f"), ("w", "v"), ("gh|ng", "g"), ("ju", "iu"),
    ("ja", "ia"), ("j", "i"), (r"(.)\1+", r"\1"),
))  # fmt: skip
_VOWELS: Final = str.maketrans("", "", "aeiou")


@lru_cache(maxsize=1 << 17)
def fold(word: str) -> str:
    """A Latin word with spellings of one sound brought together (Goekce, Gokce; Yuliya, Iulia)."""
    for pattern, put in _FOLDS:
        word = pattern.sub(put, word)
    return word


@lru_cache(maxsize=1 << 17)
def skeleton(word: str) -> str:
    """The folded word's first letter and its further consonants."""
    folded = fold(word)
    return folded[:1] + folded[1:].translate(_VOWELS)


def key(text: str) -> str | None:
    """The sorted skeletons of a Latin text; None where there are none."""
    return " ".join(sorted(filter(None, map(skeleton, text.split())))) or None
