"""How much speaks for two rows being one record, in bits: each column's evidence, added up.

A shared cell speaks as loud as it is rare; a cell that differs speaks against, a cell that is a spelling of the other
still for. (Fellegi and Sunter, A Theory for Record Linkage, 1969, with the weights of a sheet that is edited by
hand: in one night a clerk changes few cells of a row.)
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from rules.keys import memory, names
from rules.keys.columns import Columns, counted

Row = dict[str, str]
"""Yesterday's column -> filled cell, folded."""
LEAST_ROWS: Final = 1_000
"""A small sheet is weighed as if it had so many rows: that a value stands once in ten rows does not make it common."""
BITS_A_LETTER: Final = 1.3
"""The most that a letter of a shared cell can say (Shannon, 1951): `yes` is no evidence however rare."""
DIFFERENT: Final = {"name": -6.0, "mark": -4.0, "other": -2.0, "note": -1.0}
SHARE: Final = {"name": 1.0, "mark": 1.0, "other": 0.8, "note": 0.6}
"""How much of a shared cell's rarity counts, by what the column is."""
ABSENT: Final = {"name": -1.0, "mark": -3.0, "other": -1.0, "note": -0.5}
"""For a cell that is empty on one of the days."""
SPELLING: Final = 0.75
MOST_BITS: Final = 16.0


@dataclass(frozen=True)
class Weight:
    """Evidence in bits, and whether the name speaks of another person although the rest agrees."""

    bits: float
    other_name: bool = False


class Weigh:
    """Weighs rows of two days; rarity is that among yesterday's rows and today's open ones."""

    def __init__(
        self,
        previous: pa.Table,
        current: pa.Table,
        columns: Columns,
        targets: Mapping[str, str],
        parts: Sequence[pa.Table],
    ) -> None:
        self._total = max(LEAST_ROWS, len(previous))
        self._counts: dict[str, dict[str, int]] = {}
        self._kind: dict[str, str] = {}
        self._target: dict[str, str] = {}
        for a, b in columns:
            target = targets.get(b) or targets.get(a) or ""
            short = target if target in names.NAME_TARGETS else target.partition(".")[0]
            self._target[a], self._kind[a] = short, _kind(short, bool(targets))
            wanted = pa.chunked_array([*parts[0][a].chunks, *parts[1][b].chunks], pa.string())
            self._counts[a] = _most(counted(previous[a], wanted), counted(current[b], wanted))
        self._names = [a for a, kind in self._kind.items() if kind == "name"]

    def weigh(self, before: Row, now: Row) -> Weight:
        """The evidence that `now` is `before`."""
        bits, other_name = self._name(before, now)
        for column, kind in self._kind.items():
            if kind != "name":
                bits += self._cell(column, kind, before.get(column), now.get(column))
        return Weight(bits, other_name)

    def _cell(self, column: str, kind: str, before: str | None, now: str | None) -> float:
        if before is None or now is None:
            return 0.0 if before == now else ABSENT[kind]
        if before == now:
            return self.rarity(column, now)
        like = _similar(before, now)
        rarity = min(self.rarity(column, before), self.rarity(column, now))
        return (2 * like - 1) * rarity if like else DIFFERENT[kind]

    def rarity(self, column: str, value: str) -> float:
        """Bits that sharing a value says."""
        rare = math.log2(self._total / max(1, min(self._total, self._counts[column].get(value, 1))))
        return min(rare, BITS_A_LETTER * len(value), MOST_BITS) * SHARE[self._kind[column]]

    def _name(self, before: Row, now: Row) -> tuple[float, bool]:
        """All columns of the name together: words may have moved from one to another."""
        left, right = ({c: row[c] for c in self._names if c in row} for row in (before, now))
        rarity = sum(self.rarity(c, right[c]) for c in right)
        if left == right:
            return rarity, False
        if not left or not right:
            return ABSENT["name"], False
        cells = [
            {t: [row[c] for c in row if self._target[c] == t] for t in names.NAME_TARGETS} for row in (left, right)
        ]
        compared = names.compare(*cells)
        if not compared.replaced:
            equal = len(compared.common) / max(1, len(compared.common) + len(compared.lost) + len(compared.gained))
            return rarity * (0.5 + 0.5 * equal) - 1, False
        given = left.keys() & {c for c in self._names if self._target[c] == "given_name"}
        married = any(self._target[c] == "surname" for c in left) and any(left[c] == right.get(c) for c in given)
        return DIFFERENT["name"] + (sum(self.rarity(c, left[c]) for c in given) if married else 0.0), not married


def _most(left: list[tuple[str, int]], right: list[tuple[str, int]]) -> dict[str, int]:
    """By folded value, the greater count of two days."""
    counts: list[dict[str, int]] = [{}, {}]
    for side, found in zip(counts, (left, right), strict=True):
        for value, count in found:
            folded = " ".join(value.split()).casefold()
            side[folded] = side.get(folded, 0) + count
    return {
        value: max(counts[0].get(value, 0), counts[1].get(value, 0)) for value in counts[0].keys() | counts[1].keys()
    }


def _kind(target: str, mapped: bool) -> str:
    if target in names.NAME_TARGETS:
        return "name"
    if target in memory.STRONG or not mapped:
        return "mark"
    return "note" if target == "note" else "other"


def _similar(left: str, right: str) -> float:
    """0 (two values) or SPELLING to 1: one value written in two ways."""
    a, b = (re.sub(r"[\W_]+", "", v) for v in (left, right))
    if a == b:
        return 0.98
    digits = [sum(c.isdigit() for c in v) for v in (a, b)]
    if 2 * min(digits) >= min(len(a), len(b)):
        if min(len(a), len(b)) >= 7 and (a.endswith(b) or b.endswith(a)):
            return 0.95
        return 0.8 if len(a) >= 5 and OSA.distance(a, b, score_cutoff=1) <= 1 else 0.0
    ratio = fuzz.ratio(left, right) / 100
    return ratio if ratio >= SPELLING else 0.0
