"""How many pairs came out at which probability: bars on a scale of logarithms, thresholds as marks.

Most pairs are surely the one or surely the other, so heights go by log(1 + pairs): a bar of 10 stays visible beside
one of 100,000, and each grid line says its number.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reports.format import number, share

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 820, 260, 64, 34, 28


@dataclass(frozen=True)
class Bar:
    """One bin."""

    x: float
    y: float
    width: float
    height: float
    kind: str
    title: str


@dataclass(frozen=True)
class Grid:
    """A horizontal line and its number."""

    y: float
    label: str


@dataclass(frozen=True)
class Tick:
    """A word at a place along the bottom, or a mark from top to bottom."""

    x: float
    label: str
    anchor: str
    """Where the word stands: start, middle or end of it is at x."""


@dataclass(frozen=True)
class Histogram:
    """The whole drawing."""

    width: int
    height: int
    left: int
    base: int
    bars: tuple[Bar, ...]
    grid: tuple[Grid, ...]
    ticks: tuple[Tick, ...]
    marks: tuple[Tick, ...]
    caption: str


TENTHS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)


def histogram(counts: Sequence[int], merge: float, review: float) -> Histogram | None:
    """Bars of equal bins of probability from 0 to 1; None where there is no pair.

    `merge` and `review` are probabilities: bins from `merge` up are joined, those between the two go to review.
    """
    most = max(counts, default=0)
    if not most:
        return None
    base = HEIGHT - BOTTOM
    unit = (base - TOP) / math.log1p(most)
    step = (WIDTH - LEFT) / len(counts)

    def x(probability: float) -> float:
        return round(LEFT + probability * (WIDTH - LEFT), 1)

    bars = []
    for place, count in enumerate(counts):
        low, high = place / len(counts), (place + 1) / len(counts)
        height = round(math.log1p(count) * unit, 1)
        kind = "merged" if low >= merge - 1e-9 else "review" if high > review else "other"
        title = f"{number(count)} pairs between {share(low)} and {share(high)}"
        bars.append(Bar(round(x(low) + 1, 1), base - height, round(step - 2, 1), height, kind, title))
    powers = [10**n for n in range(9) if 10**n <= most]
    grid = tuple(Grid(round(base - math.log1p(power) * unit, 1), number(power)) for power in powers)
    marks = sorted({("review", review), ("merge", merge)}, key=lambda mark: mark[1])
    return Histogram(
        WIDTH, HEIGHT, LEFT, base, tuple(bars), grid,
        tuple(Tick(x(p), share(p), "end" if p == 1 else "middle") for p in TENTHS),
        tuple(_mark(x(p), p < 0.8, f"{name} from {share(p, 1)}") for name, p in marks),
        "Number of compared pairs by match probability",
    )  # fmt: skip


def _mark(x: float, left_half: bool, label: str) -> Tick:
    """A mark whose words stand to its right, or to its left where there is no room."""
    return Tick(x + 5, label, "start") if left_half else Tick(x - 5, label, "end")
