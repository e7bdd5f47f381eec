"""A name as people write it, taken into words: titles, legal form, numbers and order told apart."""

import re
from functools import cache, lru_cache
from typing import Final, NamedTuple

from rules.matching.names import lists

_MARKS: Final = "\u0900-\u0dff\u0e00-\u109f\u1780-\u17ff"
"""Scripts of India and South-East Asia, whose vowels are marks."""
_TOKENS = re.compile(rf"(?:[^\W_]|[{_MARKS}])+\.?")
_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0640]")
"""Marks that no letter holds: stress on a Cyrillic vowel, vowels of Arabic and Hebrew, which few write."""
_BRACKETS = re.compile(r"\(.*?\)|\[.*?\]|[\"“„«].*?[\"”“»]")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_HANGUL = re.compile(r"[\uac00-\ud7af]")
_ROMAN: Final = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "xi": "11", "xii": "12"}
_FORM_WORD: Final = 12
"""Letters up to which a word may be a legal form or part of one written short."""


class Name(NamedTuple):
    words: tuple[str, ...]
    """Clean words, the given name in front where a comma tells; those cut short keep their dot."""
    generation: int = 0
    """1 the elder, 2 the younger, 3 and 4 of that number; 0 where nothing is said."""
    form: str | None = None
    organisation: bool = False
    joined: str = ""
    """All words as one."""


@lru_cache(maxsize=1 << 16)
def read(text: str) -> Name:
    """The words of a raw name."""
    core, form = _without_form(text)
    plain = _clean(core)
    words = [w for token in _TOKENS.findall(plain) for w in _parted(token)]
    firm = form is not None and form not in lists.table("organisation_words")["traders"]
    firm = firm or any(_is_of_organisations(w) for w in words)
    if firm:
        bare = tuple(_number(w.rstrip("."), i) for i, w in enumerate(words))
        return Name(bare, 0, form, True, "".join(bare))
    head, comma, tail = plain.partition(",")
    if comma and tail.strip() and len(words) > 1:
        words = [w for side in (tail, head) for token in _TOKENS.findall(side) for w in _parted(token)]
    return _person([_with_dot(w) for w in words], form)


def _clean(text: str) -> str:
    from rules.standardise import latin

    without = _BRACKETS.sub(" ", text)
    return _ACCENTS.sub("", latin.clean(without if without.strip() else text))


def _without_form(text: str) -> tuple[str, str | None]:
    """The name without its legal form, in the letters it came in, and the form's usual name."""
    if not any(w.casefold().replace(".", "") in _form_words() for w in text.replace("/", "").split()):
        return text, None
    from rules.standardise import organisations

    found = organisations.taken_off(text.upper() if text.islower() else text)
    return (found[0], found[1]) if found[1] else (text, None)


@cache
def _form_words() -> frozenset[str]:
    from rules.standardise import data

    forms = data.words("legal_forms")["forms"]
    words = (w for form, many in forms.items() for spelling in [form, *many] for w in spelling.split())
    return frozenset(w.casefold().replace(".", "").replace("/", "").strip(",") for w in words)


def _with_dot(token: str) -> str:
    """A dot counts behind a word cut short, not behind an initial or at the end of a sentence."""
    return token if token.endswith(".") and 2 <= len(token) - 1 <= 4 else token.rstrip(".")


def _parted(token: str) -> list[str]:
    """A word in a script without blanks in its syllables: surname and the rest."""
    if not (_HAN.search(token) or _HANGUL.search(token)):
        return [token]
    from anyascii import anyascii

    if not 2 <= len(token) <= 4:
        return [token]
    size = 2 if len(token) == 4 else 1
    from rules.standardise import latin

    return [w for w in (latin.token(anyascii(part).lower()) for part in (token[:size], token[size:])) if w]


def _is_of_organisations(word: str) -> bool:
    if word.isdigit():
        return True
    from rules.standardise import latin

    plain = latin.token(word.rstrip("."))
    return len(plain) > 2 and plain in lists.meanings() and plain not in lists.known_given() | lists.known_surnames()


def _number(word: str, place: int) -> str:
    """Roman numbers behind a name in digits; leading zeros off."""
    if word.isdigit():
        return word.lstrip("0") or "0"
    return _ROMAN.get(word, word) if place else word


def _person(words: list[str], form: str | None) -> Name:
    from rules.standardise import latin

    plain = {w: latin.token(w.rstrip(".")) for w in words}
    generations = lists.table("name_words")["generations"]
    generation = 0
    kept = [w for w in words if plain[w]]
    for w in kept[1:] if len(kept) > 2 else ():
        if plain[w] in generations:
            generation = generations[plain[w]]
            kept.remove(w)
            break
    kept = _without_titles(kept, plain)
    return Name(tuple(kept), generation, form, False, "".join(w.rstrip(".") for w in kept))


def _without_titles(words: list[str], plain: dict[str, str]) -> list[str]:
    """Without titles in front, and degrees behind; at least two words are left where there were two."""
    while len(words) > 1 and plain[words[0]] in lists.titles() and (len(words) > 2 or _is_title(words[0])):
        words = words[1:]
    while len(words) > 2 and (plain[words[-1]] in lists.degrees() or plain[words[-1]] in lists.titles()):
        words = words[:-1]
    return words


def _is_title(word: str) -> bool:
    """Of the titles that are names too (Don, King), only those with a dot leave a single word."""
    return word.endswith(".") or word not in lists.words("titles")
