"""How many pairs came out at which probability: bars on a scale of logarithms, thresholds as marks.

Most pairs are surely the one or surely the other, so heights go by log(1 + pairs): a bar of 10 stays visible beside
one of 100,000, and each grid line says its number.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reports.format import number, share
from reports.thresholds import JOINED, SHOWN

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


WORDS: Final = 185.0
"""Room that the words of a mark take, in the drawing's units."""
TENTHS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)


def histogram(counts: Sequence[int], joined: float, shown: float) -> Histogram | None:
    """Bars of equal bins of probability from 0 to 1; None where there is no pair.

    Probabilities: bins from `joined` up are joined, those between the two are shown to people.
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
        kind = "merged" if low >= joined - 1e-9 else "review" if high > shown else "other"
        title = f"{number(count)} pairs between {share(low)} and {share(high)}"
        bars.append(Bar(round(x(low) + 1, 1), base - height, round(step - 2, 1), height, kind, title))
    powers = [10**n for n in range(9) if 10**n <= most]
    grid = tuple(Grid(round(base - math.log1p(power) * unit, 1), number(power)) for power in powers)
    return Histogram(
        WIDTH, HEIGHT, LEFT, base, tuple(bars), grid,
        tuple(Tick(x(p), share(p), "end" if p == 1 else "middle") for p in TENTHS),
        _marks((x(shown), f"{SHOWN} {share(shown, 1)}"), (x(joined), f"{JOINED} {share(joined, 1)}")),
        "Number of compared pairs by match probability",
    )  # fmt: skip


def _marks(low: tuple[float, str], high: tuple[float, str]) -> tuple[Tick, Tick]:
    """Two marks whose words stand to their right, or to their left where the other mark or the edge is near."""
    near = high[0] - low[0] < WORDS < low[0]
    return _mark(*low, to_left=near), _mark(*high, to_left=high[0] > WIDTH - WORDS)


def _mark(x: float, label: str, *, to_left: bool) -> Tick:
    return Tick(x - 5, label, "end") if to_left else Tick(x + 5, label, "start")
