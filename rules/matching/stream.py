"""Candidate pairs in batches, from blocking to the pairs worth keeping: memory has a limit, pairs have none.

A pair on its way is three numbers: two records and a pattern. They are held in memory up to a part of the setting
`memory`, beyond it in a temporary file without a name; patterns are counted while they pass.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import Final, Self

import numpy as np

from rules.matching.block import gather
from rules.matching.compare import compare
from rules.matching.config import Field
from rules.matching.encode import Encoded
from rules.matching.expected import RELATIONS, expect
from rules.matching.frequency import Holders
from rules.matching.kinds import sizes
from rules.matching.model import Model
from rules.matching.score import Scored, score
from rules.matching.types import Bools, Bytes, Ints, Pairs, PatternCounts, Tally
from rules.vocabulary import Relation

MEGABYTE: Final = 1_000_000
BYTES_COMPARED: Final = 250
"""What a pair takes while it is compared or scored, measured; half of the memory is for that."""
BYTES_KEPT: Final = 50
"""What a kept pair takes, and the steps after it take for it."""
WORTH: Final = 0.001
"""Where not all pairs can be kept, those of a smaller probability go, unless they say who lives or is named alike."""
TELLING: Final = tuple(RELATIONS.index(r) for r in (Relation.HOUSEHOLD, Relation.NAMESAKE))


@dataclass(frozen=True)
class Kept:
    """The scored pairs that are kept, with the levels of each; `counted` counts all pairs, kept or not."""

    scored: Scored
    counted: PatternCounts
    gone: int = 0
    """Pairs that were scored and not kept."""

    @property
    def levels(self) -> Bytes:
        """Levels of each kept pair (rows) in each comparison."""
        return self.counted.patterns[self.counted.of_pair]


class Compared:
    """Candidate pairs and the patterns of their levels. To be closed: it may hold a file."""

    def __init__(self, encoded: Encoded, fields: tuple[Field, ...], memory: int) -> None:
        """`memory`: megabytes."""
        self._encoded, self._fields = encoded, fields
        self._tally = Tally(tuple(sizes(f.kind) for f in fields))
        self._file = SpooledTemporaryFile(max_size=memory * MEGABYTE // 4)  # noqa: SIM115 - closed with this object
        self._batches: list[int] = []
        self.at_once = max(memory * MEGABYTE // 2 // BYTES_COMPARED, 1000)
        """Pairs that may be compared at once."""
        self._most_kept = memory * MEGABYTE // 4 // BYTES_KEPT

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def __len__(self) -> int:
        return sum(self._batches)

    def add(self, pairs: Pairs) -> None:
        """Compare some pairs, none of which was here before."""
        numbers = self._tally.add(compare(pairs, self._encoded, self._fields).levels)
        self._file.seek(0, 2)
        for array in (pairs.left, pairs.right, numbers):
            self._file.write(np.ascontiguousarray(array, np.int32).data)
        self._batches.append(len(pairs))

    @property
    def counted(self) -> PatternCounts:
        """Every pattern in order, with the number of pairs that show it."""
        return self._tally.counted()

    def batches(self) -> Iterator[tuple[Pairs, PatternCounts]]:
        """The pairs as they came, with their patterns."""
        counted, place = self.counted, self._tally.place()
        self._file.seek(0)
        for size in self._batches:
            left, right, number = (np.frombuffer(self._file.read(4 * size), np.int32) for _ in range(3))
            yield Pairs(left, right), PatternCounts(counted.patterns, counted.counts, place[number])

    def sure(self, model: Model, probability: float) -> Pairs:
        """The pairs of at least this probability."""
        return gather(_taken(found.pairs, found.probability >= probability) for found, _ in self._scores(model, None))

    def _scores(self, model: Model, known: Holders | None) -> Iterator[tuple[Scored, Ints]]:
        """The batches scored, with the pattern of each pair."""
        expected = None
        for pairs, counted in self.batches():
            expected = expected or expect(counted.patterns, model)
            yield score(counted, pairs, self._encoded, model, known, expected), counted.of_pair

    def scored(self, model: Model, known: Holders | None) -> Kept:
        """All pairs scored; where they are more than the memory allows, only those worth keeping are kept."""
        parts: list[tuple[Scored, Ints]] = []
        for found, of_pair in self._scores(model, known):
            parts.append(_those(found, of_pair, None if len(self) <= self._most_kept else _worth(found)))
        counted = self.counted
        kept = _joined(parts)
        of_pair = np.concatenate([np.zeros(0, np.int32), *(p for _, p in parts)])
        return Kept(kept, PatternCounts(counted.patterns, counted.counts, of_pair), len(self) - len(of_pair))


def _taken(pairs: Pairs, keep: Bools) -> Pairs:
    return Pairs(pairs.left[keep], pairs.right[keep])


def _worth(found: Scored) -> Bools:
    return np.asarray((found.probability >= WORTH) | np.isin(found.relation, TELLING))


def _those(found: Scored, of_pair: Ints, keep: Bools | None) -> tuple[Scored, Ints]:
    if keep is None:
        return found, of_pair
    return Scored(_taken(found.pairs, keep), found.weight[keep], found.relation[keep]), of_pair[keep]


def _joined(parts: list[tuple[Scored, Ints]]) -> Scored:
    nothing = np.zeros(0, np.int32)
    found = [Scored(Pairs(nothing, nothing), np.zeros(0), np.zeros(0, np.int8)), *(s for s, _ in parts)]
    weight, relation = np.concatenate([s.weight for s in found]), np.concatenate([s.relation for s in found])
    return Scored(gather(s.pairs for s in found), weight, relation)
