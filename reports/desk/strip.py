"""What was done day by day, as a strip of bars: geometry only, in the units of the drawing (people/strip.html.j2)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from connectors.store.desk.work import Done

DAYS: Final = 14
"""Days that are shown, today among them."""
STEP: Final = 16
"""From one bar to the next."""
HIGH: Final = 36
"""Of the highest bar."""


@dataclass(frozen=True)
class Bar:
    """A day: the lower part of its bar, and the upper one on it."""

    day: str
    x: int
    lower: float
    upper: float
    many: tuple[int, int]
    weekend: bool


@dataclass(frozen=True)
class Strip:
    """The days from the first to today, on a scale on which `most` is the highest."""

    bars: tuple[Bar, ...]
    most: int

    @property
    def width(self) -> int:
        return STEP * len(self.bars)

    @property
    def empty(self) -> bool:
        return not any(sum(bar.many) for bar in self.bars)


@dataclass(frozen=True)
class Sums:
    """What somebody did in all these days."""

    answers: int
    batches: int
    packs: int
    rows: int
    closed: int


def days(today: str) -> tuple[str, ...]:
    """The days that are shown, oldest first (ISO)."""
    last = date.fromisoformat(today)
    return tuple((last - timedelta(days=n)).isoformat() for n in reversed(range(DAYS)))


def strip(of: Sequence[str], many: Callable[[str], tuple[int, int]], most: int) -> Strip:
    """Bars of two parts for some days."""
    scale = HIGH / most if most else 0.0
    return Strip(tuple(_bar(n, day, many(day), scale) for n, day in enumerate(of)), most)


def _bar(n: int, day: str, many: tuple[int, int], scale: float) -> Bar:
    lower, upper = (round(max(part * scale, 1.0 if part else 0.0), 1) for part in many)
    return Bar(day, n * STEP, lower, upper, many, date.fromisoformat(day).weekday() >= 5)


def of_person(of: Sequence[str], done: Iterable[Done], most: int) -> Strip:
    """The cases that somebody read, and on them the rows of the quarantine that were settled."""
    known = {one.day: (one.answers, one.rows) for one in done}
    return strip(of, lambda day: known.get(day, (0, 0)), most)


def sums(done: Iterable[Done]) -> Sums:
    """Of one person, or of all."""
    every = list(done)
    return Sums(*(sum(getattr(one, name) for one in every) for name in Sums.__dataclass_fields__))
