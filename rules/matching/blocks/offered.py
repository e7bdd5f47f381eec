"""The keys that a table offers: the forms of its columns, from which blocking rules are put together."""

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Final

from pydantic import Field as Limit

from rules.matching import keys
from rules.matching.chance import equal_by_chance
from rules.matching.config import default
from rules.matching.encode import Column, Encoded
from rules.schema import Strict
from rules.vocabulary import PartyType

WHOLE: Final = "whole"
LEAST_FILL: Final = 0.005
"""A column filled in less than this share of the records is no key, unless it has this many values."""
LEAST_VALUES: Final = 2
ENOUGH_GROUPS: Final = 3
"""With so many groups of known columns, columns without a meaning are keys only where they are telling."""
TELLING: Final = 0.005
"""Two strangers are equal in a telling column no more often than this."""
MOST_TEXT: Final = 10
"""So many columns without a meaning are keys, those that tell most: rules of more would take minutes to choose."""


class Keys(Strict):
    """Keys of one column; see `blocking.yml`."""

    of: str = ""
    differ: Annotated[float, Limit(ge=0)] = 1.0
    forms: tuple[str, ...] = (WHOLE,)
    holds: tuple[str, ...] = ()


class Offered(Strict):
    """`blocking.yml`: keys by type of party, and those of columns whose meaning is not known."""

    person: dict[str, Keys]
    organisation: dict[str, Keys]
    text: Keys


@dataclass(frozen=True)
class Key:
    """One key: its name in a rule, its column, and what is known of that."""

    name: str
    column: str
    of: str
    """Group of columns that go wrong together."""
    differ: float
    holds: tuple[str, ...]

    def clashes(self, other: "Key") -> bool:
        """Whether the two say the same: forms of one column, or of a column and one that it holds."""
        return self.column == other.column or self.column in other.holds or other.column in self.holds


@cache
def _offered() -> Offered:
    return default("blocking.yml", Offered)


def offered(encoded: Encoded, party: PartyType) -> list[Key]:
    """The keys of the columns that are filled; those of known columns first, in the order of the file."""
    known = _offered().person if party == PartyType.PERSON else _offered().organisation
    known = {name: said for name, said in known.items() if _filled(encoded, name)}
    text = [n for n in sorted(encoded.columns) if n.startswith("text.") and _filled(encoded, n)]
    if len({said.of for said in known.values()}) >= ENOUGH_GROUPS:
        text = [n for n in text if _telling(encoded, n)]
    text = sorted(sorted(text, key=lambda n: (_spread(encoded.columns[n]), n))[:MOST_TEXT])
    out = []
    for name, said in {**known, **dict.fromkeys(text, _offered().text)}.items():
        for form in said.forms:
            full = name if form == WHOLE else f"{name}.{form}"
            out.append(Key(full, name, said.of or name, said.differ, said.holds))
    return out


def _spread(column: Column) -> float:
    """How little a column tells: the smaller, the rarer are its values and the more often it is filled."""
    return equal_by_chance(column) / max(column.fill, 1e-9)


def _telling(encoded: Encoded, name: str) -> bool:
    """Whether few records share a value (Simpson 1949)."""
    counts = encoded.columns[name].counts.astype(float)
    return float((counts * (counts - 1)).sum()) <= TELLING * max(float(counts.sum()) ** 2, 1.0)


def _filled(encoded: Encoded, name: str) -> bool:
    if not keys.has(encoded, name):
        return False
    column = encoded.columns[name]
    enough = column.fill >= LEAST_FILL or int(column.counts.sum()) >= LEAST_VALUES * 10
    return enough and (int((column.counts > 0).sum()) >= LEAST_VALUES or len(encoded) < LEAST_VALUES * 10)
