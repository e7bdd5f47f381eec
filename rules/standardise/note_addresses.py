"""Addresses that stand in a note, where they are the customer's own. Precision first.

A house number counts only beside a street's name: with a word for a kind of street, with a postcode or a town behind
it, or as Greek writes streets (a name in the genitive). Everything else stays in the note alone.
"""

import re
from functools import cache
from typing import Final, NamedTuple

from rules.standardise import data, dates, latin, notes, places, streets
from rules.standardise.notes import Found

_TOKEN: Final = re.compile(r"\d+[^\W\d_]{0,3}(?:[/-]\d*[^\W\d_]?)?(?![^\W_])|[^\W_]+(?:['’.-][^\W_]+)*\.?|[,:()%€$£]")
_NUMBER: Final = re.compile(r"^\d{1,4}(?:[/-]?\d{0,3}[^\W\d_]?)$")
_ORDINAL: Final = re.compile(r"^\d{1,2}(?:ης|ου|η|ος|st|nd|rd|th|-?й|-?я|\.)?$")
_BREAK: Final = re.compile(r"[;!?\n()]|(?<=[^\W_]{5})(?<!str)\.(?=\s|$)|(?<=\d)\.(?=\s+[^\W\d_]{4})|\s[-–—|]\s")
_GENITIVE: Final = re.compile(r"(?:ου|ης|ας|ων|ους|εως|ού|ής|άς|ών|ούς|ού)$")
_GERMAN: Final = re.compile(r"..(?:strasse|straße|str\.?|weg|gasse|platz|allee|ufer|damm)$", re.IGNORECASE)
_MOST_WORDS: Final = 4
"""Words of a street's name, and of a town's."""


class Token(NamedTuple):
    text: str
    latin: str
    start: int
    end: int

    @property
    def is_name(self) -> bool:
        """A word with a capital, or one that joins such words."""
        if any(c.isdigit() for c in self.text):
            return False
        return (self.text[:1].isupper() and len(self.text) > 1) or self.text.lower() in _words("within_names")

    @property
    def is_number(self) -> bool:
        return bool(_NUMBER.match(self.text))


def addresses(text: str, country: str | None = None, own: str | None = None) -> list[Found]:
    """The customer's own addresses in a note, each in one line, in order."""
    found: list[Found] = []
    if not any(c.isdigit() for c in text):
        return found
    bare = text
    for span in notes.spans(text, country):
        bare = bare[: span.start] + ";" * (span.end - span.start) + bare[span.end :]
    at = 0
    for end in [m.start() for m in _BREAK.finditer(bare)] + [len(bare)]:
        line = _in_sentence(bare[at:end], country, own)
        if line:
            found.append(Found("address", None, line, None))
        at = end + 1
    return found


def _in_sentence(text: str, country: str | None, own: str | None) -> str | None:
    """The first address of a sentence, those with a word for a kind of street before all others."""
    tokens = [Token(m.group(), latin.latin(m.group()), *m.span()) for m in _TOKEN.finditer(text)]
    numbers = [n for n, token in enumerate(tokens) if token.is_number and not _is_quantity(tokens, n)]
    labelled = notes.holds("address", text)
    cores = [_with_kind(tokens, at) for at in numbers] + [_bare(tokens, at, labelled=labelled) for at in numbers]
    for core in cores:
        if core and (end := _end(tokens, core, country, text)):
            start, street = tokens[core.first].start, tokens[core.last].end
            line = ", ".join(filter(None, (text[start:street].strip(" ,.:"), text[street:end].strip(" ,.:"))))
            return line if notes.is_own(text[:start], text[end:], own) else None
    return None


def _is_quantity(tokens: list[Token], at: int) -> bool:
    """`12:30`, `5 pm`, `20 %`, `3 kg`."""
    behind = tokens[at + 1] if at + 1 < len(tokens) else None
    ahead = tokens[at - 1] if at else None
    if ahead and ahead.text == ":" and at > 1 and tokens[at - 2].is_number:
        return True
    if behind is None:
        return False
    return behind.text in ":%€$£" or behind.latin in dates.months() or notes.holds("units", behind.text)


class Core(NamedTuple):
    """First and last token of a street with its number, and how plain it is that it is one."""

    first: int
    last: int
    is_sure: bool
    labelled: bool = False


def _end(tokens: list[Token], core: Core, country: str | None, text: str) -> int:
    """Where an address ends, in characters; 0 where too little speaks for its being one."""
    end, coded, town = _town(tokens, core.last, country, text)
    greek = any(_is_greek_street(t, country) for t in tokens[core.first : core.last])
    alone = core.first == 0 and end >= len(text.rstrip(" ."))
    told = core.is_sure or coded or (core.labelled and (town or greek)) or (greek and (town or alone))
    return end if told else 0


def _with_kind(tokens: list[Token], at: int) -> Core | None:
    """First and last token of a street with a word for its kind."""
    name = at - 1
    while name >= 0 and (tokens[name].text in ",:" or tokens[name].latin in _words("before_number")):
        name -= 1
    first = name
    while first >= 0 and name - first < _MOST_WORDS + 1 and _is_street_word(tokens[first]):
        first -= 1
    run = range(first + 1, name + 1)
    kinds = [n for n in run if _is_kind(tokens[n].latin)]
    if _GERMAN.search(tokens[name].text) and name >= 0 and tokens[name].text[:1].isupper():
        return Core(name, at, is_sure=True)
    if kinds and len(run) > 1:
        return Core(kinds[0] if kinds[0] < name else run[0], at, is_sure=True)
    return _number_first(tokens, at)


def _is_street_word(token: Token) -> bool:
    return token.is_name or _is_kind(token.latin) or bool(_ORDINAL.match(token.text))


def _number_first(tokens: list[Token], at: int) -> Core | None:
    """`12 High Street`, `12 rue de Rivoli`, `12, rue de Rivoli`."""
    n = at + 1
    if n < len(tokens) and tokens[n].text == ",":
        n += 1
    first = n
    while n < len(tokens) and n - first <= _MOST_WORDS and _is_street_word(tokens[n]) and not tokens[n].is_number:
        n += 1
    run = range(first, n)
    if len(run) < 2:
        return None
    if _is_kind(tokens[first].latin):
        return Core(at, run[-1], is_sure=True)
    behind = [m for m in run if m > first and _is_kind(tokens[m].latin, behind=tokens[m].text[:1].isupper())]
    return Core(at, behind[0], is_sure=True) if behind else None


def _bare(tokens: list[Token], at: int, *, labelled: bool) -> Core | None:
    """A name and a number, without a word for a kind of street: no evidence by itself."""
    first = at
    while (
        first > 0 and at - first < _MOST_WORDS and (tokens[first - 1].is_name or _ORDINAL.match(tokens[first - 1].text))
    ):
        first -= 1
    name = tokens[at - 1]
    if first == at or not name.is_name or notes.holds("numbers", name.text):
        return None
    if name.latin in dates.months() and not (at - first > 1 and _ORDINAL.match(tokens[at - 2].text)):
        return None
    return Core(first, at, is_sure=False, labelled=labelled)


def _is_greek_street(token: Token, country: str | None) -> bool:
    return country in ("GR", "CY", None) and bool(latin.GREEK.search(token.text) and _GENITIVE.search(token.text))


def _town(tokens: list[Token], last: int, country: str | None, text: str) -> tuple[int, bool, bool]:
    """Where the address ends, and whether a postcode and whether a town stands behind its street."""
    last = _unit(tokens, last)
    end = code = _postcode(text, tokens[last].end, country)
    end = end or tokens[last].end
    n = next((i for i, t in enumerate(tokens) if t.start >= end), len(tokens))
    n += n < len(tokens) and tokens[n].text == ","
    first = n
    while n < len(tokens) and n - first < _MOST_WORDS and tokens[n].is_name:
        n += 1
    if n == first:
        return end, bool(code), False
    behind = _postcode(text, tokens[n - 1].end, country)
    if behind or n == len(tokens) or tokens[n].text == ",":
        return behind or tokens[n - 1].end, bool(code or behind), True
    return end, bool(code), False


def _unit(tokens: list[Token], last: int) -> int:
    """The last token of a flat or office behind the house number; `last` where there is none."""
    n = last + 1
    n += n < len(tokens) and tokens[n].text == ","
    told = n + 1 < len(tokens) and tokens[n].latin in _units() and tokens[n + 1].is_number
    return n + 1 if told else last


@cache
def _units() -> frozenset[str]:
    return frozenset(latin.latin(word) for many in data.words("streets")["units"].values() for word in many)


def _postcode(text: str, at: int, country: str | None) -> int:
    """Where a postcode of the country ends that stands at a place of a text; 0 where none does."""
    pattern = places.pattern(country)
    found = re.compile(r"[\s,]*").match(text, at)
    code = pattern.match(text, found.end()) if pattern and found else None
    return code.end() if code else 0


@cache
def _words(key: str) -> frozenset[str]:
    return frozenset(data.words("notes")[key])


@cache
def _kinds() -> frozenset[str]:
    return frozenset(streets.kinds()) | streets.kind_words()


def _is_kind(word: str, *, behind: bool = False) -> bool:
    bare = word.replace(" ", "")
    return bare in _kinds() and (behind or bare not in _words("common_kinds"))
