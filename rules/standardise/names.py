"""Names of persons: honorifics off, whole names taken into parts where something tells them apart.

What tells: a comma; capitals (`DUPONT Jean`); a patronymic; the lists of given names and surnames; ends of
surnames; and at last the habit of the column (`column_order`), with a doubt. Where nothing tells, the name stays
whole: the Latin form of all its words is compared instead.
"""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Final, NamedTuple

from rules.standardise import data, latin

GIVEN_FIRST: Final = "given-first"
SURNAME_FIRST: Final = "surname-first"


class Name(NamedTuple):
    """A person's name in the script it came in; what could not be told apart is in `whole` alone."""

    whole: str
    given: str | None = None
    middle: str | None = None
    surname: str | None = None
    doubt: str | None = None


_SPACES = re.compile(r"\s+")
_BRACKETS = re.compile(r"\s*[(\[].*?[)\]]\s*|\s*[\"“„«].*?[\"”“»]\s*")


@cache
def _set(file: str, key: str) -> frozenset[str]:
    return frozenset(data.words(file)[key])


@cache
def _given() -> frozenset[str]:
    return frozenset(data.lines("given_names"))


@cache
def _surnames() -> frozenset[str]:
    return frozenset(data.lines("surnames"))


@cache
def _surname_end() -> re.Pattern[str]:
    return re.compile(f"..(?:{'|'.join(data.words('name_parts')['surname_ends'])})$")


@cache
def _patronymic() -> re.Pattern[str]:
    return re.compile(f"..(?:{'|'.join(data.words('name_parts')['patronymics'])})$")


@lru_cache(maxsize=1 << 16)
def _bare(word: str) -> str:
    return latin.clean(word).replace(".", "").replace("-", "").strip(",;:")


@cache
def _titles(country: str | None) -> frozenset[str]:
    table = data.words("honorifics")
    return frozenset(table["before"]) | frozenset(table["local"].get(country or "", ()))


def without_titles(text: str, country: str | None = None) -> str:
    """The name without honorifics before and after it; never less than one word."""
    words = text.split()
    if "." in text and words:
        words = [*_title_apart(words[0], country), *words[1:]]
    while len(words) > 1 and _bare(words[0]) in _titles(country):
        words = words[1:]
    while len(words) > 2 and _is_title_behind(words):
        words = words[:-1]
    return " ".join(words).strip(" ,;")


def _title_apart(word: str, country: str | None) -> list[str]:
    """`Dr.Hans` in two words."""
    head, _, tail = word.partition(".")
    glued = tail and _bare(head) in _titles(country) and _bare(word) not in _titles(country)
    return [head + ".", tail] if glued else [word]


def _is_title_behind(words: list[str]) -> bool:
    """Academic titles stand behind a comma or hold a dot; Bey and Hanım need neither."""
    last = _bare(words[-1])
    marked = "." in words[-1] or words[-2].endswith(",") or len(last) > 2
    return marked and last in _set("honorifics", "after")


def read(text: str, country: str | None = None, order: str | None = None) -> Name:
    """A whole name in parts. `order` is the habit of its column: given-first, surname-first or None."""
    text = without_titles(_SPACES.sub(" ", text), country)
    plain = _BRACKETS.sub(" ", text).strip() or text
    if _two_persons(plain):
        return Name(text, doubt="name_of_two_persons")
    before, comma, behind = plain.partition(",")
    if comma and behind.strip() and not _is_addition(_bare(behind)):
        return _with_comma(text, before.split(), behind.replace(",", " ").split(), country)
    words = [w for w in plain.replace(",", " ").split() if _bare(w) not in _set("honorifics", "generation")]
    if comma and len(words) > 1 and _is_addition(_bare(words[-1])):
        words = words[:-1]
    if len(words) < 2:
        single = words and country in _set("name_parts", "single_names")
        return Name(text, given=words[0]) if single else Name(text)
    return _parted(text, words, country, order)


def _is_addition(bare: str) -> bool:
    return bare.replace(" ", "") in _set("honorifics", "generation") | _set("honorifics", "after")


def _two_persons(text: str) -> bool:
    words = [w.lower() for w in text.split()]
    joints = _set("honorifics", "between_persons")
    # one letter may be an initial, and Spanish surnames are joined by y: both sides must be given names
    return any(
        w in joints and i > 0 and _is_given(words[i - 1]) and _is_given(words[i + 1]) for i, w in enumerate(words[:-1])
    )


def _is_given(word: str) -> bool:
    return _latin(word) in _given()


@lru_cache(maxsize=1 << 16)
def _latin(word: str) -> str:
    return latin.latin(word).replace(" ", "")


def _with_comma(text: str, surname: list[str], given: list[str], country: str | None) -> Name:
    first, middle = _given_and_middle(given, country)
    return Name(text, first, middle, " ".join(surname))


def _given_and_middle(words: list[str], country: str | None) -> tuple[str, str | None]:
    """Two given names are one name in some countries, a given and a middle name in others."""
    if len(words) > 1 and any(_patronymic().search(_latin(w)) for w in words[1:]):
        return words[0], " ".join(words[1:])
    if len(words) == 2 and words[0].lower() in _set("name_parts", "given_markers"):
        return " ".join(words), None
    compound = country in _set("name_parts", "compound_given") and all(len(_bare(w)) > 1 for w in words)
    if len(words) == 1 or compound:
        return " ".join(words), None
    return words[0], " ".join(words[1:])


def _parted(text: str, words: list[str], country: str | None, order: str | None) -> Name:
    father = next((i for i, w in enumerate(words) if i > 1 and _bare(w) in _set("name_parts", "father")), None)
    extra = " ".join(words[father + 1 :]) if father else None
    words = words[:father] if father else words
    found = _by_capitals(words) or _by_patronymic(words)
    found = found or (_by_initials(words) if len(words) == 2 else None) or _by_lists(words, country, order)
    found = found or _by_initials(words) or _by_particle(words, country)
    doubt = None
    if found is None and order:
        found, doubt = _by_habit(words, order, country), "name_order_guessed"
    if found is None:
        return Name(text)
    given, surname = found
    first, middle = _given_and_middle(given, country) if given else (None, None)
    middle = " ".join(filter(None, (middle, extra))) or None
    return Name(text, first, middle, " ".join(surname) or None, doubt)


def bare(text: str, country: str | None = None) -> str:
    """A whole name without honorifics, brackets and academic titles: what is compared where it stays whole."""
    text = without_titles(_SPACES.sub(" ", text), country)
    return _BRACKETS.sub(" ", text).strip() or text


Parts = tuple[list[str], list[str]]
"""Given names, surname."""


def _by_capitals(words: list[str]) -> Parts | None:
    """`DUPONT Jean` or `Jean DUPONT`: the words in capitals at one end, and no other."""
    high = [len(_bare(w)) > 1 and w.isupper() for w in words]
    runs = high.count(True)
    if not 0 < runs < len(words):
        return None
    if all(high[:runs]):
        return words[runs:], words[:runs]
    return (words[:-runs], words[-runs:]) if all(high[-runs:]) else None


def _by_patronymic(words: list[str]) -> Parts | None:
    """Surname, given name, patronymic; or given name, patronymic, surname."""
    plain = [_latin(w) for w in words]
    own_words = _set("name_parts", "patronymic_words")
    at = next((i for i, w in enumerate(plain) if i > 0 and (_patronymic().search(w) or w in own_words)), None)
    if at is None or len(words) > 5 or (plain[0] in _surnames() and len(words) == 2):
        return None
    if plain[at] in own_words and at < 2:
        return None
    if at == len(words) - 1:
        start = at - 2 if plain[at] in own_words else at - 1
        return (words[start:], words[:start]) if start >= 0 else None
    return words[: at + 1], words[at + 1 :]


def _by_lists(words: list[str], country: str | None, order: str | None) -> Parts | None:
    """By what each end of the name is: a run of given names at one end, none at the other.

    Against the habit of the column only the ends of which both are known count.
    """
    plain = [_latin(w) for w in words]
    leans = [_lean(w) for w in plain]
    front, back = leans[0], leans[-1]
    habit = {GIVEN_FIRST: front > back, SURNAME_FIRST: back > front}
    if order and not habit[order] and not _tells(*sorted((front, back))):
        return None
    if front > back and front >= 0:
        return _given_in_front(words, plain, leans, country)
    if back > front and back >= 0:
        cut = len(words) - _run(leans[::-1])
        return words[cut:], words[:cut]
    return None


def _tells(low: int, high: int) -> bool:
    """Whether two ends of a name are surely a surname and a given name."""
    return (high == 2 and low < 0) or (high > 0 and low == -2)


def look_swapped(given: str | None, surname: str | None) -> bool:
    """Whether a surname stands where the given name should, and the other way round."""
    return bool(given and surname) and (_lean(_latin(given or "")), _lean(_latin(surname or ""))) == (-2, 2)


@lru_cache(maxsize=1 << 16)
def _lean(word: str) -> int:
    """2: a given name only; 1: also a surname; 0: unknown; -1: ends like a surname; -2: a known surname."""
    if word in _given():
        return 1 if word in _surnames() else 2
    if word in _surnames():
        return -2
    return -1 if _surname_end().search(word) else 0


def _run(leans: list[int]) -> int:
    """How many words from the start are given names; at least one, and never all."""
    run = next((i for i, lean in enumerate(leans) if lean < 1), len(leans))
    return min(max(run, 1), len(leans) - 1)


def _given_in_front(words: list[str], plain: list[str], leans: list[int], country: str | None) -> Parts:
    particle = next((i for i, w in enumerate(plain) if i > 0 and w in _set("name_parts", "particles")), None)
    cut = particle or _run(leans)
    if not particle and country not in _set("name_parts", "two_surnames"):
        initials = [i for i, w in enumerate(words[:-1]) if len(_bare(w)) == 1]
        cut = max([cut, *(i + 1 for i in initials)])
        if len(words) == 3 and leans[1] >= 0:  # a middle name that is on no list
            cut = 2
    return words[:cut], words[cut:]


def _by_initials(words: list[str]) -> Parts | None:
    """`Γ. Αιγινήτη`, `Aiginiti G.`: given names are abbreviated, surnames are not."""
    short = [len(_bare(w)) == 1 for w in words]
    if short[0] and not short[-1]:
        return words[: short.index(False)], words[short.index(False) :]
    return (words[short.index(True) :], words[: short.index(True)]) if short[-1] and not short[0] else None


def _by_particle(words: list[str], country: str | None) -> Parts | None:
    """`Rosanna De Santis`: a particle begins the surname. Not in Spanish (María del Carmen)."""
    if country in _set("name_parts", "two_surnames"):
        return None
    at = next((i for i, w in enumerate(words) if _latin(w) in _set("name_parts", "particles")), 0)
    return (words[:at], words[at:]) if 0 < at < len(words) - 1 else None


def _by_habit(words: list[str], order: str, country: str | None) -> Parts:
    if order == SURNAME_FIRST:
        return words[1:], words[:1]
    particles = _set("name_parts", "particles")
    particle = next((i for i, w in enumerate(words) if i > 0 and _latin(w) in particles), None)
    two = len(words) > 2 and country in _set("name_parts", "two_surnames")
    cut = particle or len(words) - (2 if two else 1)
    return words[:cut], words[cut:]


def column_order(texts: Iterable[str], country: str | None = None) -> str | None:
    """The habit of a column of whole names, from those whose lists tell: nine in ten must agree, of five at least."""
    front = back = 0
    for text in texts:
        words = without_titles(text, country).split()
        if len(words) < 2 or "," in text:
            continue
        first, last = _lean(_latin(words[0])), _lean(_latin(words[-1]))
        front += first > last and _tells(last, first)
        back += last > first and _tells(first, last)
    if front + back < 5 or max(front, back) < 0.9 * (front + back):
        return None
    return GIVEN_FIRST if front > back else SURNAME_FIRST
