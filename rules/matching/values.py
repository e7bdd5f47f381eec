"""The distinct texts of a column, and what is worked out once for each, so that pairs are left with arithmetic."""

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar
from weakref import WeakValueDictionary

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.matching.types import Bools, Ints, Texts, distinct

Made = TypeVar("Made")
LEAST_PARTS = 3
MOST_HELD = 1 << 17
"""Of so many texts the str objects are kept; columns of more have few pairs a text, and it would cost memory."""
Parts = Callable[[str], Iterable[object]]


class Values:
    """Texts by code. What is made of them is kept as long as they are."""

    def __init__(self, texts: pa.Array) -> None:
        self.texts = texts
        self._made: dict[Any, Any] = {}

    @classmethod
    def of(cls, texts: pa.Array) -> "Values":
        """The values of this very array: the same for all who hold it at once."""
        found = _AT_HAND.get(id(texts))
        if found is None or found.texts is not texts:
            found = _AT_HAND[id(texts)] = cls(texts)
        return found

    def __len__(self) -> int:
        return len(self.texts)

    def text(self, codes: Ints) -> Texts:
        """The texts of codes, none of them missing, as str objects."""
        if len(self) > MOST_HELD:
            taken: Texts = self.texts.take(pa.array(codes)).to_numpy(zero_copy_only=False)
            return taken
        return self.once(_as_objects)[codes]

    def once(self, make: Callable[[pa.Array], Made]) -> Made:
        """What a function of Arrow arrays makes of all texts at once."""
        if make not in self._made:
            self._made[make] = make(self.texts)
        found: Made = self._made[make]
        return found

    def know(self, make: Callable[[pa.Array], Any], made: object) -> None:
        """What a function makes of all texts, from elsewhere: it is not asked any more."""
        self._made[make] = made

    def made(self, make: Callable[[pa.Array], Made]) -> Made | None:
        """What a function made of all texts, if it was asked."""
        found: Made | None = self._made.get(make)
        return found

    def forms(self, parts: Parts, x: Ints, y: Ints) -> tuple[Ints, Ints]:
        """The parts of texts as numbers, equal parts having one: (codes, most parts, at least 3), -1 behind the last.

        None and "" are -1 as well. `parts` is asked once a text, when it is first needed.
        """
        if parts not in self._made:
            self._made[parts] = _Forms(len(self), parts)
        found: _Forms = self._made[parts]
        fresh = found.unknown(np.concatenate([x, y]))
        if len(fresh):
            found.learn(fresh, self.text(fresh))
        return found.table[x], found.table[y]

    def rank(self) -> Ints:
        """The place of each text in the order of all: comparing these says what comparing the texts would."""
        return self.once(_rank)

    def alike(self, parts: Parts, x: Ints, y: Ints) -> Bools:
        """Whether two texts share a part (`forms`); the rarer of the two is only asked where the commoner has any."""
        many = np.bincount(np.concatenate([x, y]), minlength=len(self))
        common, rare = np.where(many[x] >= many[y], x, y), np.where(many[x] >= many[y], y, x)
        some = np.flatnonzero((self.forms(parts, common, common)[0] >= 0).any(1))
        out = np.zeros(len(x), bool)
        out[some] = shared(*self.forms(parts, common[some], rare[some]))
        return out

    def formed(self, form: Callable[[str], str], codes: Ints) -> Texts:
        """Texts in another form, made when they are first needed."""
        if form not in self._made:
            self._made[form] = np.full(len(self), None, dtype=object)
        made: Texts = self._made[form]
        missing = np.asarray(made[codes] == None, bool)  # noqa: E711 - one by one
        fresh = distinct(codes[missing])
        if len(fresh):
            made[fresh] = [form(text) for text in self.text(fresh)]
        return made[codes]


_AT_HAND: Final[WeakValueDictionary[int, Values]] = WeakValueDictionary()


class _Forms:
    """A row of numbers for each text that was asked for."""

    def __init__(self, texts: int, parts: Parts) -> None:
        self.table = np.full((texts, LEAST_PARTS), -1, np.int32)
        self._known = np.zeros(texts, bool)
        self._parts = parts
        self._numbers: dict[object, int] = {None: -1, "": -1}

    def unknown(self, codes: Ints) -> Ints:
        return distinct(codes[~self._known[codes]])

    def learn(self, codes: Ints, texts: Texts) -> None:
        seen = self._numbers
        numbers: list[int] = []
        ends = [0]
        for text in texts:  # one flat list: a list a text would keep the garbage collector busy
            numbers += [seen.setdefault(part, len(seen) - 2) for part in self._parts(text)]
            ends.append(len(numbers))
        sizes = np.diff(ends)
        width = int(sizes.max())
        if width > self.table.shape[1]:
            self.table = np.pad(self.table, ((0, 0), (0, width - self.table.shape[1])), constant_values=-1)
        self.table[np.repeat(codes, sizes), np.arange(len(numbers)) - np.repeat(ends[:-1], sizes)] = numbers
        self._known[codes] = True


def numbers(texts: pa.Array) -> Ints:
    """A number for each text, equal ones having one; null is -1."""
    found: Ints = texts.dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    return found


def _as_objects(texts: pa.Array) -> Texts:
    found: Texts = texts.to_numpy(zero_copy_only=False)
    return found


def _rank(texts: pa.Array) -> Ints:
    out = np.empty(len(texts), np.int32)
    out[pc.sort_indices(texts).to_numpy()] = np.arange(len(texts), dtype=np.int32)
    return out


def ordered(a: Texts, b: Texts) -> tuple[Texts, Texts]:
    """Each pair in one fixed order, for measures that are not quite symmetric."""
    swap = np.asarray(a > b, bool)
    return np.where(swap, b, a), np.where(swap, a, b)


def within(a: Ints, b: Ints) -> Bools:
    """Whether every number in a row of `a` stands in the same row of `b`; -1 is none."""
    out = np.ones(len(a), bool)
    for part in a.T:
        out &= (part < 0) | (b == part[:, None]).any(1)
    return out


def shared(a: Ints, b: Ints) -> Bools:
    """Whether any number in a row of `a` stands in the same row of `b`; -1 is none."""
    out = np.zeros(len(a), bool)
    for part in a.T:
        out |= (part >= 0) & (b == part[:, None]).any(1)
    return out
