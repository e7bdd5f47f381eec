"""Telephones and e-mail addresses that stand in a note, where they are the customer's own. Precision first.

Numbers by libphonenumber's matcher of text, at its strictness VALID. What the note says is somebody else's ("her son
694…"), was true once, or is the number of an order is not taken. Whatever is taken bears the flag `found_in_note`.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final, NamedTuple

from rules.standardise import data, emails, latin, phones

RULE: Final = "found_in_note"
_EMAIL: Final = re.compile(r"(?<![\w.+-])[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_DIGITS: Final = re.compile(r"\d")
_WORD: Final = re.compile(r"[^\W_]+(?:['’/-][^\W_]+)*")
_SENTENCE: Final = re.compile(r"[;!?\n]|(?<=[^\W_]{4})\.(?=\s|$)|(?<=\d)\.(?=\s+[^\W\d_])|\s[-–—|]\s")
_CLAUSE: Final = re.compile(r"[,.;!?\n:]|\s[-–—|/]\s")
_FEWEST: Final = 7
"""Digits of the shortest telephone number that is looked for."""
_BEHIND: Final = 4
"""Words behind a number that may say whose it is."""


class Found(NamedTuple):
    """Something found in a note: a point, or an address in one line."""

    kind: str
    type: str | None
    value: str
    canonical: str | None


class Span(NamedTuple):
    """A piece of a note that may be a point."""

    start: int
    end: int
    found: Found


def points(text: str, country: str | None = None, own: str | None = None) -> list[Found]:
    """The customer's own numbers and addresses in a note, in order. `own`: the names of the record, in any script."""
    return [span.found for span in spans(text, country, own)]


def spans(text: str, country: str | None = None, own: str | None = None) -> list[Span]:
    """`points`, each with its place in the note."""
    kept: list[Span] = []
    before, theirs = 0, False
    for span in sorted(_candidates(text, country)):
        ahead = _SENTENCE.split(text[before : span.start])[-1]
        inherits = before and not [w for w in folded(ahead) if w not in _set("joins")]
        behind = _CLAUSE.split(text[span.end :].lstrip(" ("))[0] if text[span.end : span.end + 1] != ")" else ""
        if not (inherits and theirs):
            theirs = not is_own(ahead, _first_words(behind), own)
        before = span.end
        if not theirs and not (span.found.kind == "phone" and is_other_number(ahead)):
            kind = "fax" if span.found.kind == "phone" and holds("fax", ahead) else span.found.type
            kept.append(span._replace(found=span.found._replace(type=kind)))
    return kept


def _candidates(text: str, country: str | None) -> Iterator[Span]:
    taken: list[tuple[int, int]] = []
    for match in _EMAIL.finditer(text):
        read = emails.read(match.group().strip("."))
        if len(read) == 1 and read[0].canonical:
            taken.append(match.span())
            yield Span(*match.span(), Found("email", read[0].type, read[0].value, read[0].canonical))
    if len(_DIGITS.findall(text)) < _FEWEST:
        return
    import phonenumbers

    for held in phonenumbers.PhoneNumberMatcher(text, country or "ZZ", leniency=phonenumbers.Leniency.VALID):
        if any(a < held.end and held.start < b for a, b in taken):
            continue
        number = phones.read(held.raw_string, country)
        if len(number) == 1 and (number[0].canonical or "").startswith("+") and number[0].doubt != "phone_pattern":
            yield Span(held.start, held.end, Found("phone", number[0].type, held.raw_string, number[0].canonical))


def _first_words(behind: str) -> str:
    """The words behind a point that may belong to it: up to a joining word, which begins something else."""
    found: list[str] = []
    for word in _WORD.findall(behind)[:_BEHIND]:
        if _DIGITS.search(word) or (folded(word) and folded(word)[0] in _set("joins")):
            break
        found.append(word)
    return " ".join(found)


def is_own(ahead: str, behind: str = "", own: str | None = None) -> bool:
    """Whether what stands before and behind a point leaves it to the customer, and to today."""
    around = f"{ahead} | {behind}"
    uncalled = holds("uncalled", f"{_CLAUSE.split(ahead.rstrip(' :'))[-1]} | {behind}")
    return not (uncalled or holds("others", around) or holds("gone", around) or _names_another(ahead, own))


def is_other_number(ahead: str) -> bool:
    """Whether one of the last three words before a number says that it is no telephone's."""
    return holds("numbers", " ".join(_WORD.findall(_CLAUSE.split(ahead.rstrip(" :.#-"))[-1])[-3:]))


def _names_another(ahead: str, own: str | None) -> bool:
    """Whether a person is named who is not the customer. Without the customer's name nothing contradicts."""
    if not own:
        return False
    mine = [w[:4] for w in latin.latin(own).split()]
    for word in _WORD.findall(ahead):
        bases = _nominatives(word)
        if word[:1].isupper() and bases & _given_names() and not any(b[:4] in mine for b in bases):
            return True
    return False


def _nominatives(word: str) -> set[str]:
    """A word in Latin letters, as it may stand in the list of given names: `Κώστα`, `Анне`, `Maria's`."""
    name = latin.latin(word.removesuffix("'s").removesuffix("’s"))
    found = {name, name.removesuffix("s")}
    if latin.GREEK.search(word):
        found |= {f"{name}s", f"{name[:-1]}os", f"{name[:-2]}os"}
    elif latin.CYRILLIC.search(word):
        found |= {name[:-1], f"{name[:-1]}a", f"{name[:-1]}ia", f"{name[:-1]}iia"}
    return found


@cache
def _given_names() -> frozenset[str]:
    return frozenset(name for name in data.lines("given_names") if len(name) > 3)


def folded(text: str) -> list[str]:
    """Words in small letters without accents, in their own script."""
    return latin.unaccented(latin.clean(" ".join(_WORD.findall(text)))).replace("-", " ").split()


def holds(key: str, text: str) -> bool:
    """Whether a text holds a word of a list of notes.yml."""
    return _pattern(key).search(" ".join(folded(text))) is not None


@cache
def _set(key: str) -> frozenset[str]:
    return frozenset(latin.unaccented(latin.clean(word)) for word in _entries(key))


def _entries(key: str) -> list[str]:
    entries = data.words("notes")[key]
    many = entries.values() if isinstance(entries, dict) else [entries]
    return [str(word) for words in many for word in words]


@cache
def _pattern(key: str) -> re.Pattern[str]:
    known = sorted({word.replace("-", " ") for word in _set(key)}, key=len, reverse=True)
    words = "|".join(re.escape(word).replace(r"\*", r"[^\s]*") for word in known)
    return re.compile(rf"(?<![^\s])(?:{words})(?![^\s])")
