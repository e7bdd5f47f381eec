"""How alike two words of persons' names are: 0 to 1, worked out once a distinct pair of words."""

import re
from functools import cache, lru_cache
from typing import Final

from rapidfuzz.distance import OSA, Levenshtein

from rules.matching.names import lists
from rules.matching.names.distance import distance, length
from rules.matching.names.sound import as_greeklish, coarse, spelled
from rules.matching.names.word import Word, word

SAME_SOUND: Final = 0.97
ONE_NAME: Final = 0.86
"""A pet name or the form of another language, and up to .1 more the nearer they sound."""
ONE_SURNAME: Final = 0.88
"""One surname in two romanisations (Wong, Wang), or of a woman and a man of one family (Ivanova, Ivanov)."""
INITIAL: Final = 0.8
OTHER_SURNAME: Final = 0.5
"""At most, for two common surnames, or two given names that sound alike."""
OTHER_VOWEL: Final = 0.8
"""At most, where they differ in vowels alone (Müller, Möller)."""
OTHER_NAME: Final = 0.2
"""At most, where both are known given names and not one (Maria, Mario; Christian, Christina)."""
_SHORTEST: Final = 3
"""Letters above which a wrong one may be a slip; shorter words are other words."""
_DOUBTFUL: Final = 0.7
"""Below this likeness falls twice as fast: words that are half alike are two words."""
_PARTED: Final = 0.55
"""Share of the coarse consonants that may differ before two words are not compared at all."""


def alike(a: str, b: str) -> float:
    """Of two clean words in any script; a dot behind a word says that it is cut short. Symmetric."""
    return _alike(a, b) if a <= b else _alike(b, a)


@lru_cache(maxsize=1 << 17)
def _alike(a: str, b: str) -> float:
    if a == b:
        return 1.0
    x, y = word(a), word(b)
    if not x.latin or not y.latin:
        return 0.0
    if x.latin == y.latin:
        return 1.0
    if len(x.latin) == 1 or len(y.latin) == 1:
        return INITIAL if _may_begin(x, y) else 0.0
    if a.endswith(".") or b.endswith("."):
        return _cut_short(x, y)
    if not (x.latin.isalpha() and y.latin.isalpha()) and _other_number(x.latin, y.latin):
        return 0.0
    return _names(x, y)


def _other_number(a: str, b: str) -> bool:
    """Whether one is a number, or both hold numbers that differ (5th, 7th)."""
    p, q = ("".join(c for c in w if c.isdigit()) for w in (a, b))
    return a.isdigit() or b.isdigit() or bool(p and q and p != q)


def _may_begin(x: Word, y: Word) -> bool:
    """Whether the initial on either side fits: by letter, by sound, or by another form of a given name."""
    return x.latin[0] == y.latin[0] or (x.script != y.script and distance(x.heard[:1], y.heard[:1], "other") <= 0.3)


def _cut_short(x: Word, y: Word) -> float:
    short, long = (x, y) if len(x.latin) < len(y.latin) else (y, x)
    meant = lists.table("name_words")["short"].get(short.latin)
    if meant and (meant == long.latin or not word(meant).given.isdisjoint(long.given)):
        return ONE_NAME
    if long.latin.startswith(short.latin) or long.heard.startswith(short.heard):
        return INITIAL + 0.05
    return _names(x, y)


def _names(x: Word, y: Word) -> float:
    if not x.given.isdisjoint(y.given):
        near = _by_sound(x, y)
        return max(near, ONE_NAME + 0.1 * near)
    near = _by_sound(x, y)
    if near == 0 and not (_listed(x.latin) or _listed(y.latin)):
        return 0.0
    if _of_man_and_woman(x, y):
        return min(near, OTHER_NAME)
    if x.known and y.known and near < _one_name(x, y):
        return min(near, OTHER_NAME if near < 0.8 else OTHER_SURNAME)
    if near < ONE_SURNAME and _one_surname(x.latin, y.latin):
        return ONE_SURNAME
    short = lists.table("name_words")["short"]
    if _meant(short, x.latin, y) or _meant(short, y.latin, x):
        return ONE_SURNAME
    return min(near, _of_surnames(x, y)) if near < SAME_SOUND else near


def _listed(word: str) -> bool:
    """Whether a word stands for others that do not sound like it."""
    return word in lists.surname_spellings() or word in lists.table("name_words")["short"]


def _of_surnames(x: Word, y: Word) -> float:
    """At most, where both are common surnames in one script: no slip of the pen (Fernandez, Hernandez)."""
    known = lists.known_surnames()
    if x.script != y.script or x.latin not in known or y.latin not in known:
        return 1.0
    return OTHER_SURNAME if coarse(x.latin) != coarse(y.latin) else OTHER_VOWEL


def _meant(short: dict[str, str], text: str, other: Word) -> bool:
    meant = short.get(text)
    return meant is not None and (meant == other.latin or not word(meant).given.isdisjoint(other.given))


def _one_name(x: Word, y: Word) -> float:
    """How alike two known given names must sound to be spellings of one that is not listed."""
    if "consonantal" in (x.script, y.script) and (x if x.script == "consonantal" else y).given:
        return 1.0
    return 0.9 if x.script == y.script else 0.85


def _of_man_and_woman(x: Word, y: Word) -> bool:
    """Given names of which one is a man's and one a woman's, by the lists or by the ending (Emin, Emine)."""
    if x.gender and y.gender:
        return x.gender != y.gender
    short, long = (x, y) if len(x.latin) < len(y.latin) else (y, x)
    a, b = short.latin, long.latin
    if len(a) == len(b):
        return (x.known or y.known) and a[:-1] == b[:-1] and {a[-1], b[-1]} == {"a", "o"}
    return short.known and b.startswith(a) and b[len(a) :] in ("a", "e", "ie", "ina")


def _one_surname(a: str, b: str) -> bool:
    spellings = lists.surname_spellings()
    if a in spellings and b in spellings and not spellings[a].isdisjoint(spellings[b]):
        return True
    return a[:3] == b[:3] and any(_family(a, b, woman, man) or _family(b, a, woman, man) for woman, man in _families())


def _family(a: str, b: str, woman: str, man: str) -> bool:
    stem = a.removesuffix(woman)
    return len(stem) >= 3 and stem != a and stem + man == b


@cache
def _families() -> tuple[tuple[str, str], ...]:
    return tuple((woman, man) for woman, man in lists.table("sounds")["families"])


def _by_sound(x: Word, y: Word) -> float:
    if x.heard == y.heard:
        return SAME_SOUND
    consonantal = "consonantal" in (x.script, y.script)
    if not consonantal and _far(x, y):
        return 0.0
    alphabet = "consonantal" if consonantal else "same" if x.script == y.script else "other"
    far = distance(x.heard, y.heard, alphabet)
    if alphabet == "other" and far > 0.5:
        far = min(far, distance(_other_reading(x, y), _other_reading(y, x), alphabet))
    heard = curve(far / _size(x, y, consonantal), certain=not consonantal)
    return heard if alphabet != "same" or heard > 0.9 else max(heard, _by_letters(x.latin, y.latin))


def _by_letters(a: str, b: str) -> float:
    """A slip of the finger changes a letter, and may change what the letters beside it sound like."""
    longest = max(len(a), len(b))
    return curve(int(OSA.distance(a, b)) / longest) if longest > _SHORTEST else 0.0


def _other_reading(x: Word, beside: Word) -> str:
    """Sounds of a Latin word beside a Greek or Cyrillic one: some of its letters may stand for those."""
    return as_greeklish(x.latin) if x.script == "latin" and beside.script in ("greek", "cyrillic") else x.heard


def _size(x: Word, y: Word, consonantal: bool) -> float:
    """How much there is to hear in both; an ending of many surnames (-opoulos, -shvili) counts less than half."""
    if not consonantal:
        ending = _ending(x.latin) if x.latin[-2:] == y.latin[-2:] else 0.0
        return (x.length + y.length) / 2 - (0.6 * ending if ending and ending == _ending(y.latin) else 0.0)
    return max(sum(c not in "aeiouwjh" for c in heard) for heard in (x.heard, y.heard)) + 0.5


@lru_cache(maxsize=1 << 16)
def _ending(word: str) -> float:
    """How much there is to hear in the ending that many surnames have, 0 where the word has none."""
    found = _endings().search(word)
    return length(spelled(found.group(1))) if found else 0.0


@cache
def _endings() -> re.Pattern[str]:
    from rules.standardise import data

    ends = sorted(data.words("name_parts")["surname_ends"], key=len, reverse=True)
    return re.compile(f"..({'|'.join(ends)})$")


def curve(share: float, certain: bool = True) -> float:
    """Likeness of two words by the share of what there is to hear that differs."""
    s = 1 - 1.2 * share - 1.2 * share * share
    if s < _DOUBTFUL:
        s -= _DOUBTFUL - s
    return max(0.0, min(s, SAME_SOUND if certain else 0.9))


def _far(x: Word, y: Word) -> bool:
    """Whether the words have too little in common to be looked at: most pairs, and quickly told."""
    a, b = x.latin, y.latin
    longest = max(len(a), len(b))
    if x.script == y.script:
        return int(Levenshtein.distance(a, b, score_cutoff=(longest + 1) // 2)) > (longest + 1) // 2
    p, q = coarse(a), coarse(b)
    allowed = max(1, round(_PARTED * max(len(p), len(q))))
    return int(Levenshtein.distance(p, q, score_cutoff=allowed)) > allowed
