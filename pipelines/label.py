"""`goldseam label`: the pairs that teach the model most, asked one after the other; each answer is kept at once.

What is asked is chosen by what the model knows: after every few answers it learns, and chooses anew.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import pyarrow as pa

from pipelines import labelled
from pipelines.labelled import Row
from rules.matching.group import Group
from rules.matching.labels.ask import questions
from rules.matching.labels.judged import judgements
from rules.matching.labels.learn import Learned, learn
from rules.matching.model import Model
from rules.matching.score import score
from rules.matching.types import Floats, Longs, Pairs, PatternCounts

ROUND: Final = 10
"""After so many answers the model learns, and the next questions are chosen anew."""
POOL: Final = 0.001
"""Pairs of a smaller probability before anything is learned are not looked at again."""
SKIPPED: Final = "skipped"
Key: TypeAlias = tuple[str, str]
Shown: TypeAlias = Callable[[Key], dict[str, str]]
"""The values of a record as they stood, by column."""


@dataclass(frozen=True)
class Question:
    """Two records to be judged, and what the model thinks of them."""

    number: int
    left: Key
    right: Key
    probability: float
    by_chance: bool


@dataclass(frozen=True)
class Taught:
    """What the answers have taught so far."""

    learned: Learned
    by_chance: int
    """Questions drawn by chance that were answered here."""
    agreed: int
    """Of those, how many the model had judged as the person did."""


class Session:
    """Questions about the pairs of one group, and the answers. The file of labels is written after each answer.

    Pairs that the file judges are not asked about again, nor those that were skipped (a second file keeps them).
    """

    def __init__(self, group: Group, out: Path) -> None:
        """Raises schema.Mistakes where `out` is there and is no file of labels."""
        self.out, self._skips = out, out.with_name(f"{out.stem}.skipped{out.suffix}")
        self._group = group
        self._pool = np.flatnonzero(group.scored.probability >= POOL)
        self._of_pool = Pairs(group.scored.pairs.left[self._pool], group.scored.pairs.right[self._pool])
        self._pattern = group.kept.counted.of_pair[self._pool]
        self._kept = _rows(out)
        self._skipped = _rows(self._skips, skipped=True)
        self._taken = set(self._known([*self._kept, *self._skipped]))
        self._answered: list[tuple[Question, str]] = []
        self._queue: list[Question] = []
        self._rounds = len(self._taken)
        self._probability = group.scored.probability[self._pool]

    @property
    def answers(self) -> int:
        """Answers given in this session; skipping is none."""
        return sum(answer != SKIPPED for _, answer in self._answered)

    @property
    def earlier(self) -> int:
        """Judgements that the file held before."""
        return len(self._kept) - self.answers

    def next(self) -> Question | None:
        """The next question; None where there is nothing left to ask."""
        if not self._queue:
            found = questions(self._probability, self._pattern, self._asked(), ROUND, self._rounds)
            self._rounds += 1
            self._queue = [self._question(int(i), bool(c)) for i, c in zip(found.pairs, found.by_chance, strict=True)]
        return self._queue[0] if self._queue else None

    def answer(self, judgement: str) -> None:
        """Judge the question at hand: same, different, related, or `SKIPPED`."""
        question = self._queue.pop(0)
        self._answered.append((question, judgement))
        self._taken.add(question.number)
        row: Row = (*question.left, *question.right, judgement)
        if judgement == SKIPPED:
            self._skipped.append(row)
            labelled.write(self._skips, self._skipped)
        else:
            self._kept.append(row)
            labelled.write(self.out, self._kept)

    def undo(self) -> bool:
        """Take the last answer of this session back and ask again; False where there is none."""
        if not self._answered:
            return False
        question, judgement = self._answered.pop()
        self._taken.discard(question.number)
        self._queue.insert(0, question)
        if judgement == SKIPPED:
            self._skipped.pop()
            labelled.write(self._skips, self._skipped)
        else:
            self._kept.pop()
            labelled.write(self.out, self._kept)
        return True

    def learn(self) -> Taught | None:
        """Learn from every judgement and choose the next questions anew; None where nobody judged a pair of these."""
        group = self._group
        table = pa.table(list(zip(*self._kept, strict=True)), schema=labelled.SCHEMA) if self._kept else None
        judged = judgements([table] if table else [], group.encoded.sources, group.encoded.ids)
        if not judged:
            return None
        learned = learn(group.model, group.kept.counted, group.encoded, group.holders, judged)
        self._probability = self._scored(learned.model)
        self._queue = []
        drawn = [(q, a) for q, a in self._answered if q.by_chance and a != SKIPPED]
        cut = group.model.thresholds.best
        agreed = sum((q.probability >= cut) == (a == "same") for q, a in drawn)
        return Taught(learned, len(drawn), agreed)

    def _scored(self, model: Model) -> Floats:
        every = self._group.kept.counted
        counted = PatternCounts(every.patterns, every.counts, self._pattern)
        return score(counted, self._of_pool, self._group.encoded, model, self._group.holders).probability

    def _question(self, number: int, by_chance: bool) -> Question:
        e, p = self._group.encoded, self._of_pool
        left, right = ((str(e.sources[int(r)]), str(e.ids[int(r)])) for r in (p.left[number], p.right[number]))
        return Question(number, left, right, float(self._probability[number]), by_chance)

    def _asked(self) -> Longs:
        return np.array(sorted(self._taken), np.int64)

    def _known(self, rows: list[Row]) -> list[int]:
        """Numbers of the pairs that these rows are about."""
        n = len(self._group.encoded)
        of = [(self._group.row((a, b)), self._group.row((c, d))) for a, b, c, d, _ in rows]
        keys = [min(a, b) * n + max(a, b) for a, b in of if a is not None and b is not None]
        pool = self._of_pool.left.astype(np.int64) * n + self._of_pool.right
        return [int(i) for i in np.flatnonzero(np.isin(pool, keys))]


def _rows(path: Path, *, skipped: bool = False) -> list[Row]:
    found = labelled.read(path, also=(SKIPPED,) if skipped else ()) if path.exists() else None
    return [tuple(row.values()) for row in found.to_pylist()] if found else []
