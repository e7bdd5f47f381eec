"""Which word of one name stands for which of the other: the pairing of greatest likeness."""

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

Grid: TypeAlias = list[list[float]]
"""Likeness of each word of one name (rows) with each of the other (columns)."""
Pairing: TypeAlias = list[tuple[int, int]]

LARGEST: Final = 6
"""Words on the shorter side up to which the best of all pairings is found; above it pairs are taken greedily."""
LEAST: Final = 0.22
"""Words less alike than this are not paired."""


def grid(a: Sequence[str], b: Sequence[str], alike: Callable[[str, str], float]) -> Grid:
    """Likeness of every word with every word."""
    return [[alike(p, q) for q in b] for p in a]


def best(likeness: Grid, left: Sequence[float], right: Sequence[float]) -> Pairing:
    """Pairs of a row and a column, each used once, of the greatest sum of likeness by weight."""
    value = [
        [s * (left[i] + right[j]) if s >= LEAST else 0.0 for j, s in enumerate(row)] for i, row in enumerate(likeness)
    ]
    if len(left) == len(right) == 2:
        straight, crossed = value[0][0] + value[1][1], value[0][1] + value[1][0]
        pairs = [(0, 0), (1, 1)] if straight >= crossed else [(0, 1), (1, 0)]
    elif min(len(left), len(right)) > LARGEST:
        pairs = _greedy(value)
    elif len(left) >= len(right):
        pairs = _optimal(value)
    else:
        pairs = [(i, j) for j, i in _optimal([list(column) for column in zip(*value, strict=True)])]
    return [(i, j) for i, j in pairs if value[i][j] > 0]


def _optimal(value: Grid) -> Pairing:
    """Row by row over the sets of used columns, which are the fewer."""
    states: dict[int, tuple[float, Pairing]] = {0: (0.0, [])}
    for i, row in enumerate(value):
        then = dict(states)
        for used, (got, pairs) in states.items():
            for j, v in enumerate(row):
                if v > 0 and not used >> j & 1:
                    key = used | 1 << j
                    if key not in then or got + v > then[key][0]:
                        then[key] = (got + v, [*pairs, (i, j)])
        states = then
    return max(states.values(), key=lambda state: state[0])[1]


def _greedy(value: Grid) -> Pairing:
    ranked = sorted((-v, i, j) for i, row in enumerate(value) for j, v in enumerate(row) if v > 0)
    rows: set[int] = set()
    columns: set[int] = set()
    pairs = []
    for _, i, j in ranked:
        if i not in rows and j not in columns:
            rows.add(i)
            columns.add(j)
            pairs.append((i, j))
    return pairs


def joined(a: tuple[str, ...], b: tuple[str, ...], alike: Callable[[str, str], float]) -> tuple[tuple[str, ...], ...]:
    """Both names, with neighbours written as one where the other name has them as one (De Santis, Desantis)."""
    return _join(a, b, alike), _join(b, a, alike)


def _join(a: tuple[str, ...], b: tuple[str, ...], alike: Callable[[str, str], float]) -> tuple[str, ...]:
    for i in range(len(a) - 1):
        if a[i] in b or a[i + 1] in b or "." in a[i] + a[i + 1]:
            continue
        for size in (2, 3):
            parts = a[i : i + size]
            both = "".join(parts)
            if len(parts) == size and any(_as_one(both, parts, w, alike) for w in b):
                return _join((*a[:i], both, *a[i + size :]), b, alike)
    return a


def _as_one(both: str, parts: tuple[str, ...], word: str, alike: Callable[[str, str], float]) -> bool:
    if both == word:
        return True
    if len(both) < 4 or (word.isascii() and abs(len(both) - len(word)) > 3):
        return False
    return alike(both, word) >= 0.8 > max(alike(part, word) for part in parts)
