"""Which words of a value the evidence calls equal: those are the same for whoever looks at them, however written.

Matching compares what is left of a value when its habits are taken off: one spelling of a street's kind, one name of a
city, no legal form. So its words are looked for in the value by their sound (rules.standardise.latin.skeleton).
"""

from collections.abc import Sequence, Set
from typing import TYPE_CHECKING, Final

from reports.desk.spelt import Word, words
from rules.standardise import places, streets
from rules.standardise.latin import skeleton

if TYPE_CHECKING:
    from rules.matching.explain import Evidence

WHOLE: Final = ("organisation", "birth_date", "tax_id")
"""Fields whose evidence is about all of the value."""
STREET: Final = ("street", "address")
"""Those of the line that an address begins with."""
LONGEST: Final = 3
"""Words of a city's name."""


def agreed(values: Sequence[str], said: Sequence[str], evidence: "Sequence[Evidence]") -> Set[str]:
    """Words (small Latin letters) of one side's values. `said`: what the evidence has of this side."""
    found: set[str] = set()
    for one, text in zip(evidence, said, strict=True):
        if one.level != "equal":
            if one.field in STREET and one.weight > 0:  # one street in two spellings (Chaikovskogo, Чайковского)
                common = _common(one.left, one.right), _common(one.right, one.left)
                both = common == (one.left.split(), one.right.split())
                found |= _said(values, common[text == one.right], whole=both)
        elif one.field in WHOLE:
            found |= {word.letters for value in values if len(values) == 1 for word in words(value)}
        elif one.field == "city":
            found |= {word for value in values for word in _city(words(value), text)}
        else:
            found |= _said(values, text.split(), whole=one.field in STREET)
    return found


def _common(left: str, right: str) -> list[str]:
    theirs = set(map(skeleton, right.split()))
    return [word for word in left.split() if skeleton(word) in theirs]


def _said(values: Sequence[str], said: Sequence[str], *, whole: bool = False) -> Set[str]:
    """Words of values that are among some; whole: with all that stands beside them before a comma."""
    found: set[str] = set()
    for part in (part for value in values for part in value.split(",")):
        all_of = {word.letters for word in words(part)}
        mine = {word.letters for word in words(part) if _is_said(word, said)}
        found |= all_of if whole and any(not word.isdigit() for word in mine) else mine
    return found


def _is_said(word: Word, said: Sequence[str]) -> bool:
    kind = streets.kinds().get(word.letters)
    alike = word.script and len(word.letters) > 1 and skeleton(word.letters) in map(skeleton, said)
    return bool(word.letters in said or (kind and kind in said) or alike)


def _city(some: Sequence[Word], text: str) -> Set[str]:
    """The words that name a city, by whichever of its names."""
    for size in range(LONGEST, 0, -1):
        for n in range(len(some) - size + 1):
            run = [word.letters for word in some[n : n + size]]
            if places.city(" ".join(run)) == text:
                return set(run)
    return set()
