"""A name as people write it, taken into words: titles, legal form, numbers and order told apart."""

import re
from functools import cache, lru_cache
from typing import Final, NamedTuple

from rules.matching.names import lists
from rules.matching.names.sound import is_consonantal

_MARKS: Final = "\u0900-\u0dff\u0e00-\u109f\u1780-\u17ff"
"""Scripts of India and South-East Asia, whose vowels are marks."""
_TOKENS = re.compile(rf"(?:[^\W_]|[{_MARKS}])+\.?")
_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0640]")
"""Marks that no letter holds: stress on a Cyrillic vowel, vowels of Arabic and Hebrew, which few write."""
_BRACKETS = re.compile(r"\(.*?\)|\[.*?\]|[\"“„«].*?[\"”“»]")
_MOST: Final = 24
"""Words of a name that are looked at."""
_LETTERS: Final = 400
"""Letters of a name that are looked at; more is no name."""
_LONGEST: Final = 40
"""Letters of a word that are looked at."""
_INITIALS = re.compile(r"\s*\w\.\s?\w\.")
"""Two initials in front are a person's, though some legal forms stand there too (A. B. Miller)."""
_QUOTES: Final = frozenset('(["“„«')
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_HANGUL = re.compile(r"[\uac00-\ud7af]")
_ROMAN: Final = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "xi": "11"}


class Name(NamedTuple):
    words: tuple[str, ...]
    """Clean words, the given name in front where a comma tells; those cut short keep their dot."""
    generation: int = 0
    """1 the elder, 2 the younger, 3 and 4 of that number; 0 where nothing is said."""
    form: str | None = None
    """Usual name of its legal form."""
    organisation: bool = False


@lru_cache(maxsize=1 << 15)
def read(text: str) -> Name:
    """The words of a raw name."""
    core, form = _without_form(text[:_LETTERS])
    plain = _clean(core)
    words = _words(plain)
    firm = form is not None and form not in lists.table("organisation_words")["traders"]
    if firm or any(map(_is_of_organisations, words)):
        return Name(tuple(_number(w.rstrip("."), i) for i, w in enumerate(words)), 0, form, True)
    head, comma, tail = plain.partition(",")
    if comma and tail.strip() and len(words) > 1:
        words = [*_words(tail), *_words(head)]
    return _person([_with_dot(w) for w in words], form)


def _clean(text: str) -> str:
    from rules.standardise import latin

    if not _QUOTES.isdisjoint(text):
        without = _BRACKETS.sub(" ", text)
        text = without if without.strip() else text
    return latin.clean(text) if text.isascii() else _ACCENTS.sub("", latin.clean(text))


def _without_form(text: str) -> tuple[str, str | None]:
    """The name without its legal form, in the letters it came in, and the form's usual name."""
    if _form_words().isdisjoint(text.casefold().replace(".", "").replace("/", "").split()):
        return text, None
    from rules.standardise import organisations

    last = text.split()[-1].rstrip(",.")
    small = text.islower() and last in lists.table("organisation_words")["small"]
    core, form = organisations.taken_off(text.upper() if small else text)
    if form is None or (_INITIALS.match(text) and not core.startswith(text[0])):
        return text, None
    return core, form


@cache
def _form_words() -> frozenset[str]:
    from rules.standardise import data

    forms = data.words("legal_forms")["forms"]
    words = (w for form, many in forms.items() for spelling in [form, *many] for w in spelling.split())
    return frozenset(w.casefold().replace(".", "").replace("/", "").strip(",") for w in words)


def _with_dot(token: str) -> str:
    """A dot counts behind a word cut short, not behind an initial or at the end of a sentence."""
    return token if token.endswith(".") and 2 <= len(token) - 1 <= 4 else token.rstrip(".")


def _words(text: str) -> list[str]:
    tokens = [w[:_LONGEST] for w in _TOKENS.findall(text)[:_MOST]]
    return _parted(tokens[0]) if len(tokens) == 1 else tokens


def _parted(token: str) -> list[str]:
    """A name in a script without blanks: surname and given name."""
    if not 2 <= len(token) <= 4 or not (_HAN.search(token) or _HANGUL.search(token)):
        return [token]
    from anyascii import anyascii

    size = 2 if len(token) == 4 else 1
    from rules.standardise import latin

    return [w for w in (latin.token(anyascii(part).lower()) for part in (token[:size], token[size:])) if w]


@lru_cache(maxsize=1 << 16)
def _plain(word: str) -> str:
    from rules.standardise import latin

    return latin.token(word.rstrip("."))


@lru_cache(maxsize=1 << 16)
def _is_of_organisations(word: str) -> bool:
    if word.isdigit():
        return True
    plain = _plain(word)
    return len(plain) > 2 and plain in lists.meanings() and plain not in lists.known_given() | lists.known_surnames()


def _number(word: str, place: int) -> str:
    """Roman numbers behind a name in digits; leading zeros off."""
    if word.isdigit():
        return word.lstrip("0") or "0"
    return _ROMAN.get(word, word) if place else word


def _person(words: list[str], form: str | None) -> Name:
    plain = {w: _plain(w) for w in words}
    generations = lists.table("name_words")["generations"]
    generation = 0
    kept = [w for w in words if plain[w]]
    for w in kept[1:] if len(kept) > 2 else ():
        if plain[w] in generations:
            generation = generations[plain[w]]
            kept.remove(w)
            break
    kept = _without_titles(kept, plain)
    return Name(tuple(kept), generation, form)


def _without_titles(words: list[str], plain: dict[str, str]) -> list[str]:
    """Without titles in front, and degrees behind; at least two words are left where there were two."""
    while len(words) > 1 and _is_title(words[0], plain[words[0]], len(words)):
        words = words[1:]
    while len(words) > 2 and plain[words[-1]] in lists.degrees() and (len(words[-1]) > 2 or words[-1].endswith(".")):
        words = words[:-1]
    return words


def _is_title(word: str, plain: str, words: int) -> bool:
    """Of the titles that are names too (Don, King), only those with a dot leave a single word."""
    if word.rstrip(".") not in lists.titles() and (plain not in lists.titles() or is_consonantal(word)):
        return False
    return words > 2 or word.endswith(".") or word not in lists.words("titles")
