"""Names of persons compared: words paired, each by its weight; what is left over, against, or out of order."""

from typing import Final

from rules.matching.names import align
from rules.matching.names.align import Grid, Pairing
from rules.matching.names.alike import alike
from rules.matching.names.read import Name
from rules.matching.names.word import FULL, Word, word

_LACKING: Final = 0.22
"""Share of its weight at which a word counts that the other name lacks."""
_LACKING_PATRONYMIC: Final = 0.1
_AGAINST: Final = 1.15
"""Share at which words count that stand against each other."""
_WEAKEST: Final = 0.3
"""How far the least alike pair of words pulls the whole down."""
_ONE_WORD: Final = 0.72
"""Share that is left where names of several words have but one in common; less where it is a given name, more where
initials fit."""
_ONE_GIVEN: Final = 0.5
_ONE_AND_INITIALS: Final = 0.9
_OTHER_ORDER: Final = 0.72
_MADE_OF_EACH_OTHER: Final = 0.75
_OTHER_GENERATION: Final = 0.6
_GENERATION_LACKING: Final = 0.97


def similarity(a: Name, b: Name) -> float:
    """0 to 1 for two names of persons. Symmetric."""
    x, y = (a, b) if a.words <= b.words else (b, a)
    if not x.words or not y.words:
        return 0.0
    return _words(x.words, y.words) * _generations(x.generation, y.generation)


def _generations(a: int, b: int) -> float:
    if a == b:
        return 1.0
    return _OTHER_GENERATION if a and b else _GENERATION_LACKING


def _words(a: tuple[str, ...], b: tuple[str, ...]) -> float:
    if a == b:
        return 1.0
    if len(a) != len(b):
        a, b = align.joined(a, b, alike)
    x, y = [word(w) for w in a], [word(w) for w in b]
    left, right = [w.weight for w in x], [w.weight for w in y]
    likeness = align.grid(a, b, alike)
    pairs = align.best(likeness, left, right)
    got = total = 0.0
    weakest, full = 1.0, 0
    for i, j in pairs:
        weight, s = (left[i] + right[j]) / 2, likeness[i][j]
        got, total = got + weight * s, total + weight
        if min(left[i], right[j]) >= FULL:
            weakest, full = min(weakest, s), full + 1
    rest_a = [w for i, w in enumerate(x) if all(i != p for p, _ in pairs)]
    rest_b = [w for j, w in enumerate(y) if all(j != q for _, q in pairs)]
    total += _rest(rest_a, rest_b)
    if not got:
        return 0.0
    mean = got / total
    s = mean - _WEAKEST * max(0.0, mean - weakest)
    return s * _evidence(x, y, pairs, full) * _order(x, y, pairs) * _crossed(x, y, pairs, likeness)


def _crossed(x: list[Word], y: list[Word], pairs: Pairing, likeness: Grid) -> float:
    """Given name and surname made of each other's (Nikolaos Dimitriou, Dimitris Nikolaou) are no name turned round."""
    if len(pairs) != 2 or pairs[0][1] < pairs[1][1]:
        return 1.0
    inexact = [(i, j) for i, j in pairs if likeness[i][j] < 0.9 and min(x[i].weight, y[j].weight) >= FULL]
    return _MADE_OF_EACH_OTHER if any(x[i].known != y[j].known for i, j in inexact) else 1.0


def _rest(a: list[Word], b: list[Word]) -> float:
    """Weight of the words without a partner: those of both sides stand against each other, the others are lacking."""
    a, b = sorted(a, key=_by_weight), sorted(b, key=_by_weight)
    against = min(len(a), len(b))
    total = sum(_against(p, q) for p, q in zip(a, b, strict=False))
    lacking = [*a[against:], *b[against:]]
    return total + sum(w.weight * (_LACKING_PATRONYMIC if w.patronymic else _LACKING) for w in lacking)


def _against(p: Word, q: Word) -> float:
    """Sons of two fathers are two, whatever a patronymic weighs where it is lacking."""
    return _AGAINST * (1.0 if p.patronymic and q.patronymic else max(p.weight, q.weight))


def _by_weight(word: Word) -> float:
    return -word.weight


def _evidence(x: list[Word], y: list[Word], pairs: Pairing, full: int) -> float:
    """How much the words that met can say: one word alone is not a person."""
    if full > 1 or (full == len(x) == len(y)):
        return 1.0
    if full == 0:
        return 0.5
    if len(pairs) > 1:
        return _ONE_AND_INITIALS
    i, j = pairs[0]
    return _ONE_GIVEN if x[i].known and y[j].known else _ONE_WORD


def _order(x: list[Word], y: list[Word], pairs: Pairing) -> float:
    """Surname in front or behind is habit; words changed for others within are another name (García López)."""
    places = [j for i, j in sorted(pairs) if x[i].weight >= FULL and y[j].weight >= FULL]
    if len(places) < 3 or any(w.patronymic for w in x):
        return 1.0
    ranks = [sorted(places).index(j) for j in places]
    turned = ranks.index(0)
    if ranks == [*range(len(ranks) - turned, len(ranks)), *range(len(ranks) - turned)]:
        return 1.0
    return _OTHER_ORDER
