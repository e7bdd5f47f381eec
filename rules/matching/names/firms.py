"""Names of organisations compared: words by how much they say, numbers, acronyms, legal forms."""

from functools import lru_cache
from typing import Final

from rules.matching.names import align, lists
from rules.matching.names.alike import alike
from rules.matching.names.read import Name

COMMON, TRADE, JOINT, SHORT, NAME = 0.12, 0.45, 0.02, 0.4, 1.0
"""Weight of a word: of any organisation, of its trade or country, joining others, of two letters, the name itself."""
_LACKING: Final = 0.5
"""Share of its weight at which a word counts that the other name lacks."""
_AGAINST: Final = 2.0
_COMMON_AGAINST: Final = 0.2
"""At least, where common words stand against each other (Alpha Trading, Alpha Industries)."""
_WEAKEST: Final = 0.25
_ACRONYM: Final = 0.82
_OTHER_NUMBER: Final = 0.4
_NUMBER_LACKING: Final = 0.78
_OTHER_CLASS: Final = 0.93
_ONE_WORD_OF_TRADE: Final = 0.6
_OTHER_ORDER: Final = 0.96


def similarity(a: Name, b: Name) -> float:
    """0 to 1 for two names of which one at least is an organisation's. Symmetric."""
    x, y = (a, b) if a.words <= b.words else (b, a)
    if not x.words or not y.words:
        return 0.0
    one_kind = 1.0 if x.organisation == y.organisation else 0.97
    s = 1.0 if x.words == y.words else max(_words(x.words, y.words), _acronym(x.words, y.words))
    return s * _forms(x.form, y.form) * _numbers(x.words, y.words) * one_kind


def _forms(a: str | None, b: str | None) -> float:
    if not a or not b or a == b:
        return 1.0
    return 0.99 if lists.form_class(a) == lists.form_class(b) else _OTHER_CLASS


def _numbers(a: tuple[str, ...], b: tuple[str, ...]) -> float:
    p, q = ({w for w in side if w.isdigit()} for side in (a, b))
    if p == q:
        return 1.0
    return _OTHER_NUMBER if p - q and q - p else _NUMBER_LACKING


@lru_cache(maxsize=1 << 16)
def meaning(word: str) -> tuple[float, str]:
    """Weight of a word, and what it means where it is a word of organisations."""
    from rules.standardise import latin

    plain = latin.token(word.rstrip("."))
    if plain in lists.joints():
        return JOINT, ""
    found = lists.meanings().get(plain, "")
    if found:
        return (COMMON if found[0] == "+" else TRADE), found
    return (NAME if len(plain) > 2 or plain.isdigit() else SHORT), ""


def _alike(a: str, b: str) -> float:
    first, second = meaning(a), meaning(b)
    if first[1] and first[1] == second[1]:
        return 1.0 if a == b else 0.97
    s = alike(a, b)
    if first[1] and second[1]:
        return s if s >= 0.9 else 0.0
    return s


def _words(a: tuple[str, ...], b: tuple[str, ...]) -> float:
    if len(a) != len(b):
        a, b = align.joined(a, b, alike)
    left, right = [meaning(w)[0] for w in a], [meaning(w)[0] for w in b]
    likeness = align.grid(a, b, _alike)
    pairs = align.best(likeness, left, right)
    got = total = said = 0.0
    weakest = 1.0
    for i, j in pairs:
        weight, s = (left[i] + right[j]) / 2, likeness[i][j]
        got, total, said = got + weight * s, total + weight, max(said, weight)
        if weight >= TRADE:
            weakest = min(weakest, s)
    total += _rest(
        [w for i, w in enumerate(left) if all(i != p for p, _ in pairs)],
        [w for j, w in enumerate(right) if all(j != q for _, q in pairs)],
    )
    if not got:
        return 0.0
    mean = got / total
    s = mean - _WEAKEST * max(0.0, mean - weakest)
    s *= 1.0 if [j for _, j in sorted(pairs)] == sorted(j for _, j in pairs) else _OTHER_ORDER
    return s if said > TRADE or max(left + right) <= TRADE else s * _ONE_WORD_OF_TRADE


def _rest(a: list[float], b: list[float]) -> float:
    a, b = (sorted((w for w in side if w > JOINT), reverse=True) for side in (a, b))
    against = min(len(a), len(b))
    total = sum(_AGAINST * max(p, q, _COMMON_AGAINST) for p, q in zip(a, b, strict=False))
    return total + _LACKING * sum([*a[against:], *b[against:]])


def _acronym(a: tuple[str, ...], b: tuple[str, ...]) -> float:
    """One name is the first letters of the other's words (IBM)."""
    return max(_initials(a, b), _initials(b, a))


def _initials(short: tuple[str, ...], long: tuple[str, ...]) -> float:
    from rules.standardise import latin

    letters = latin.token("".join(short)) if all(len(w) == 1 for w in short) else latin.token(short[0])
    if not 2 <= len(letters) <= 7 or len(long) < 2:
        return 0.0
    alone = len(short) == 1 or all(len(w) == 1 for w in short)
    words = [latin.token(w) for w in long]
    names = [w for w, raw in zip(words, long, strict=True) if meaning(raw)[0] != JOINT]
    for some in (words, names):
        if "".join(w[:1] for w in some) == letters and alone:
            return _ACRONYM if len(letters) > 2 else 0.6
    return 0.0
