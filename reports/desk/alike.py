"""Where two values differ, word by word and in like words character by character, across scripts.

Words that both have stand for each other, in whatever order: also in another script, as another word for the same kind
of street or form of a firm, or where the evidence calls them equal. Of the others those that are alike are aligned
letter by letter (Levenshtein, by RapidFuzz), and a character is lit where one of its letters has no counterpart; a
word that has none like it is lit as a whole. Blanks, punctuation and capitals are quiet: they are habits of writing.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from typing import Final, Literal

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from reports.desk.spelt import Word, folded, latin, script, words
from rules.standardise import organisations, streets
from rules.standardise.latin import fold

Kind = Literal["same", "near", "differs"]
Agreed = tuple[Set[str], Set[str]]
"""Words (in small Latin letters) of either side that are the same, however they are written."""
NONE: Final[Agreed] = (frozenset(), frozenset())
ALIKE: Final = 65.0
"""Likeness (of 100) below which letters that two words have in common say nothing."""
FIGURES: Final = 70.0
"""The same of numbers, whose digits are ten only."""
NATIONAL: Final = 8
"""Last digits that make a telephone number."""
PREFIX: Final = 5
"""Digits before them at most: 007, 0030, 8."""
NEAR_ENOUGH: Final = 40.0
"""Likeness (of 100) from which on two values of a list are shown side by side."""
RUN: Final = 3
"""Words that may be written as one."""


@dataclass(frozen=True)
class Bit:
    """A stretch of a value. `near`: the same letter with another accent."""

    text: str
    kind: Kind


@dataclass(frozen=True)
class Lit:
    """A value with its differences; `latin`: how it is written in Latin letters, where it is not."""

    bits: tuple[Bit, ...]
    latin: str = ""

    @property
    def text(self) -> str:
        return "".join(bit.text for bit in self.bits)


@dataclass
class _Met:
    """What is left of either value, and what has met: places of letters that stand for each other, and lit ones."""

    ours: list[Word]
    theirs: list[Word]
    pairs: list[tuple[int, int]] = field(default_factory=list)
    lone: tuple[set[int], set[int]] = field(default_factory=lambda: (set(), set()))

    def of(self, key: Callable[[Word], object], where: Callable[[Word, Word], bool] | None = None) -> None:
        """Words with the same key stand for each other; their letters too, where there are as many."""
        for mine in list(self.ours):
            said = key(mine)
            yours = next(
                (w for w in self.theirs if said and key(w) == said and (where is None or where(mine, w))), None
            )
            if yours:
                self.gone(mine, yours)
                if mine.letters == yours.letters:
                    self.pairs += zip(mine.places, yours.places, strict=True)

    def gone(self, mine: Word, yours: Word) -> None:
        self.ours.remove(mine)
        self.theirs.remove(yours)

    def aligned(self, mine: Sequence[Word], yours: Sequence[Word]) -> None:
        """Letter by letter: what has no counterpart is lit."""
        one, other = ([(ch, at) for w in some for ch, at in zip(w.letters, w.places, strict=True)]
                      for some in (mine, yours))  # fmt: skip
        for step in Levenshtein.opcodes("".join(ch for ch, _ in one), "".join(ch for ch, _ in other)):
            left, right = one[step.src_start : step.src_end], other[step.dest_start : step.dest_end]
            if step.tag == "equal":
                self.pairs += [(a, b) for (_, a), (_, b) in zip(left, right, strict=True)]
            else:
                self.lone[0].update(place for _, place in left)
                self.lone[1].update(place for _, place in right)


def lit(left: str, right: str, *, dialled: bool = False, parts: bool = False, agreed: Agreed = NONE) -> tuple[Lit, Lit]:
    """Both values, each with what the other has otherwise.

    dialled: of telephone numbers, which are the same with and without the code of the country. parts: of values that
    may be incomplete, as addresses are: what one side does not say at all is no difference.
    """
    if (dialled and one_number(folded(left), folded(right))) or organisations.one_form(left, right):
        return plain(left), plain(right)
    met = _Met(list(words(left)), list(words(right)))
    if not any(word.script for word in (*met.ours, *met.theirs)):
        _figures(met)
    else:
        _words_meet(met, left, right, agreed)
    if parts and not (met.ours and met.theirs):
        met.ours, met.theirs = [], []
    near = [pair for pair in met.pairs if _accent(left[pair[0]], right[pair[1]])]
    for lone, rest in zip(met.lone, (met.ours, met.theirs), strict=True):
        lone.update(place for word in rest for place in word.all)
    return (_lit(left, met.lone[0], {i for i, _ in near}), _lit(right, met.lone[1], {j for _, j in near}))


def _figures(met: _Met) -> None:
    """Numbers and dates: the order of their digits counts, blanks do not."""
    one, other = ("".join(word.letters for word in some) for some in (met.ours, met.theirs))
    if fuzz.ratio(one, other) >= FIGURES:
        met.aligned(met.ours, met.theirs)
        met.ours, met.theirs = [], []


def _words_meet(met: _Met, left: str, right: str, agreed: Agreed) -> None:
    met.of(lambda word: word.letters)
    met.of(lambda word: fold(word.letters), lambda mine, yours: mine.script != yours.script)
    met.of(lambda word: streets.kinds().get(word.letters))
    forms = _form_words(left, right)
    known = [said | form for said, form in zip(agreed, forms, strict=True)]
    kept = [
        [w for w in some if w.letters not in said] for some, said in zip((met.ours, met.theirs), known, strict=True)
    ]
    met.ours, met.theirs = kept
    _runs(met)
    for mine, yours in _likest(met.ours, met.theirs):
        met.gone(mine, yours)
        met.aligned([mine], [yours])


def _form_words(left: str, right: str) -> Agreed:
    """Words that say what form a firm has, where both have the same (`S.L.`, `Sociedad Limitada`)."""
    (one, form), (other, theirs) = organisations.taken_off(left), organisations.taken_off(right)
    if form is None or theirs is None or not organisations.one_form(form, theirs):
        return NONE
    return _taken(left, one), _taken(right, other)


def _taken(text: str, kept: str) -> Set[str]:
    return {word.letters for word in words(text)} - {word.letters for word in words(kept)}


def _runs(met: _Met) -> None:
    """Words that the other side writes as one: `851 57` and `85157`."""
    for turned in (False, True):
        single, parted = (met.theirs, met.ours) if turned else (met.ours, met.theirs)
        for word in list(single):
            for run in _neighbours(parted):
                if "".join(w.letters for w in run) == word.letters:
                    single.remove(word)
                    parted[:] = [w for w in parted if w not in run]
                    break


def _neighbours(some: Sequence[Word]) -> Iterator[Sequence[Word]]:
    return (some[n : n + size] for size in range(2, RUN + 1) for n in range(len(some) - size + 1))


def _likest(ours: Sequence[Word], theirs: Sequence[Word]) -> list[tuple[Word, Word]]:
    """Words that are alike, each with one of the other side, the likest first."""
    scored = sorted(((_likeness(a, b), -i, -j) for i, a in enumerate(ours) for j, b in enumerate(theirs)), reverse=True)
    taken: dict[int, int] = {}
    for score, i, j in scored:
        if score >= ALIKE and -i not in taken and -j not in taken.values():
            taken[-i] = -j
    return [(ours[i], theirs[j]) for i, j in taken.items()]


def _likeness(one: Word, other: Word) -> float:
    """An initial is like any word that begins so."""
    short, long = sorted((one, other), key=lambda word: len(word.letters))
    initial = short.script and len(set(short.places)) == 1 and long.letters.startswith(short.letters)
    return ALIKE if initial else fuzz.ratio(one.letters, other.letters)


def one_number(one: str, other: str) -> bool:
    """Whether two numbers are one but for what is dialled before it."""
    digits = 0
    for a, b in zip(reversed(one), reversed(other), strict=False):
        if a != b:
            break
        digits += 1
    return digits >= NATIONAL and max(len(one), len(other)) - digits <= PREFIX


def plain(text: str) -> Lit:
    """A value that there is nothing to compare with."""
    return Lit((Bit(text, "same"),), latin(text))


def beside(
    lefts: Sequence[str], rights: Sequence[str], *, dialled: bool = False, parts: bool = False, agreed: Agreed = NONE
) -> list[tuple[Lit | None, Lit | None]]:
    """Two lists of values, the likest beside each other, the others alone."""
    ours, theirs = (list(map(folded, values)) for values in (lefts, rights))
    scores = sorted(
        ((fuzz.ratio(a, b), -i, -j) for i, a in enumerate(ours) for j, b in enumerate(theirs)), reverse=True
    )
    partner: dict[int, int] = {}
    for score, i, j in scores:
        alone = len(lefts) == len(rights) == 1
        if (score >= NEAR_ENOUGH or alone) and -i not in partner and -j not in partner.values():
            partner[-i] = -j
    rows: list[tuple[Lit | None, Lit | None]] = [
        lit(a, rights[partner[i]], dialled=dialled, parts=parts, agreed=agreed) if i in partner else (plain(a), None)
        for i, a in enumerate(lefts)
    ]
    return [*rows, *((None, plain(b)) for j, b in enumerate(rights) if j not in partner.values())]


def _accent(a: str, b: str) -> bool:
    """Whether two characters of one script differ, though their letter is the same; capitals often bear no accents."""
    return a.casefold() != b.casefold() and script(a) == script(b) and a.isupper() == b.isupper()


def _lit(text: str, changed: set[int], near: set[int]) -> Lit:
    changed = changed | set(_between(text, changed))
    bits: list[Bit] = []
    for place, ch in enumerate(text):
        kind: Kind = "differs" if place in changed else "near" if place in near else "same"
        if bits and (bits[-1].kind == kind or unicodedata.combining(ch)):  # an accent goes with its letter
            bits[-1] = Bit(bits[-1].text + ch, kind)
        else:
            bits.append(Bit(ch, kind))
    return Lit(tuple(bits), latin(text))


def _between(text: str, changed: set[int]) -> Iterator[int]:
    """Blanks and punctuation between what is lit: a stretch is lit as one."""
    last: int | None = None
    for place, ch in enumerate(text):
        if ch.isalnum():
            if place in changed and last in changed:
                yield from range((last or 0) + 1, place)
            last = place
