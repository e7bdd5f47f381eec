"""Which code page a text is in: the one under which its letters stand where a language has them.

Every letter beyond a to z is looked at with its neighbours, in each language that is written in the code page
(languages.yml). Points speak for or against: a letter of the language 0.4, each neighbour that it has there 0.3 more; a
letter of no such language, a sign within a word, two alphabets in one word, a control character are against it.
"""

import codecs
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, TypeAlias

import yaml

WESTERN = "cp1252"
ANYWHERE = "anywhere"
SAMPLE = 40_000
"""Bytes that are looked at."""
POOR = 0.15
"""Points a letter below which no language is recognised."""
COUNTRY, FIRST, USUAL = 0.05, 0.03, 0.02
"""Points for an encoding of the country, for its likeliest, and for one that Windows writes."""
LETTER, PAIR = 0.4, 0.3
FOREIGN, MIXED, CAPITAL, SIGN, SIGN_IN_WORD, CONTROL = -0.5, -1.5, -0.7, -0.4, -1.2, -2.0
TYPED = frozenset("’‘“”„–—…•€£§©®°№«»·™ºª\u00a0")
_AT = re.compile(r"(?s)(?=(.)([^\x00-\x7f])(.))")
Triple: TypeAlias = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Language:
    letters: frozenset[str]
    pairs: frozenset[str]
    """Two letters that follow one another, one of them beyond ASCII; a blank is the end of a word."""


@dataclass(frozen=True, slots=True)
class Guess:
    encoding: str
    language: str
    """A key of languages.yml; empty where none was recognised."""
    points: float


def guess(data: bytes, country: str | None = None) -> Guess:
    """The likeliest encoding of bytes that are not UTF-8, with a preference for those of the country."""
    sample = sampled(data)
    own = encodings().get(country or "", [])
    written: dict[str, list[str]] = encodings()[ANYWHERE]
    ranked = dict.fromkeys([*own, *(written if not own or own[0] in written else [WESTERN])])
    guesses = [_judged(sample, encoding, written.get(encoding, []), own) for encoding in ranked]
    best = max(guesses, key=lambda g: g.points)
    if best.points >= POOR or own:
        return best
    return _hinted(sample) or best


def sampled(data: bytes) -> bytes:
    """Lines with bytes beyond ASCII, from the whole text evenly, SAMPLE bytes at most."""
    lines = [line for line in data.split(b"\n") if not line.isascii()]
    step = max(1, sum(map(len, lines)) // SAMPLE)
    return b"\n".join(lines[::step])[: 2 * SAMPLE]


def _judged(sample: bytes, encoding: str, languages: Iterable[str], own: list[str]) -> Guess:
    text = f" {sample.decode(encoding, 'replace')} "
    triples: Counter[Triple] = Counter((f[1], f[2], f[3]) for f in _AT.finditer(text))
    bonus = (COUNTRY if encoding in own else 0) + (FIRST if encoding in own[:1] else 0)
    bonus += USUAL if encoding.startswith("cp125") else 0
    if not triples:
        return Guess(encoding, "", bonus)
    scores = {name: _points(triples, language(name)) for name in languages} or {"": _unknown(triples)}
    name = max(scores, key=lambda n: scores[n])
    return Guess(encoding, name if scores[name] >= POOR else "", scores[name] + bonus)


def _points(triples: Counter[Triple], spoken: Language) -> float:
    return sum(count * _point(triple, spoken) for triple, count in triples.items()) / triples.total()


def _point(stood: Triple, spoken: Language) -> float:
    before, letter, after = map(_lower, stood)
    if not letter.isalpha():
        return _sign(letter, before, after)
    against = CAPITAL if stood[1].isupper() and stood[0].islower() else 0.0
    against += MIXED if any(n.isalpha() and script(n) != script(letter) for n in (before, after)) else 0.0
    if letter not in spoken.letters:
        return FOREIGN + against
    left, right = (_edge(before) + letter in spoken.pairs), (letter + _edge(after) in spoken.pairs)
    return LETTER + PAIR * left + PAIR * right + against


def _unknown(triples: Counter[Triple]) -> float:
    """The points of a text of whose language no words are known: nothing speaks against it."""
    bad = sum(n for (_, c, _), n in triples.items() if c == "\ufffd" or "\x80" <= c < "\xa0")
    return LETTER + PAIR + CONTROL * bad / triples.total()


def _sign(sign: str, before: str, after: str) -> float:
    if sign == "\ufffd" or "\x80" <= sign < "\xa0":
        return CONTROL
    inside = before.isalpha() and after.isalpha()
    if sign in TYPED:
        return SIGN_IN_WORD if inside and sign not in "’\u00a0–" else 0.0
    return SIGN_IN_WORD if before.isalpha() or after.isalpha() else SIGN


def script(letter: str) -> str:
    """Latin, Greek, Cyrillic or another alphabet, by the block of Unicode."""
    if letter < "\u0370":
        return "latin"
    return "greek" if letter < "\u0400" else "cyrillic" if letter < "\u0530" else "other"


def _lower(letter: str) -> str:
    small = letter.lower()
    return small if len(small) == 1 else letter


def _edge(letter: str) -> str:
    return letter if letter.isalpha() else " "


def _hinted(sample: bytes) -> Guess | None:
    """What charset-normalizer says, where no language is recognised: it knows the alphabets of Asia."""
    from charset_normalizer import from_bytes

    match = from_bytes(sample).best()
    # Unicode was looked for before, by its own form; of the others, those that some country's programs write.
    return Guess(match.encoding, "", 0.0) if match and match.encoding in _written() else None


@cache
def _written() -> frozenset[str]:
    """Every encoding that encodings.yml names for a country."""
    named = (e for country, of in encodings().items() if country != "anywhere" for e in of)
    return frozenset(codecs.lookup(e).name.replace("-", "_") for e in named) | {"shift_jis", "gbk", "gb2312", "euc_kr"}


@cache
def encodings() -> dict[str, Any]:
    """encodings.yml: country -> encodings, and `anywhere`: encoding -> languages."""
    return _loaded("encodings.yml")


@cache
def language(name: str) -> Language:
    """The letters of a language, and the pairs of letters in its words."""
    words = "".join(map(_lower, f" {_loaded('languages.yml')[name]} "))
    pairs = {a + b for a, b in pairwise(words) if not (a + b).isascii()}
    return Language(frozenset(c for c in words if not c.isascii()), frozenset(pairs))


@cache
def _loaded(file: str) -> dict[str, Any]:
    text = files("connectors").joinpath(f"sources/text/{file}").read_text("utf-8")
    loaded: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - makes nothing but text
    return loaded
