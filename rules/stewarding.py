"""How well people decide: agreement with what is known, decisions that others took back, and only then speed.

Shares come with Wilson's score interval at 95 % (E. B. Wilson, Probable inference, the law of succession, and
statistical inference, JASA 22, 1927): unlike the usual one it holds for few cases and for shares near all or nothing.
"""

import math
from dataclasses import dataclass
from statistics import median
from typing import Final, Literal

AGREEMENT: Final = 0.97
"""Goal: so many known cases, of all, answered as they are known."""
REVERSALS: Final = 0.01
"""Goal: so many of one's decisions, of all, taken back or overruled by others, at most."""
LEAST: Final = 30
"""Cases, below which a share says nothing."""
DAYS: Final = 90
"""Of which a measure is made."""
WORKED: Final = 3
"""Days on which cases were closed, before which no end can be foretold."""
Z: Final = 1.959964
"""Normal quantile of 95 %, two-sided."""
Verdict = Literal["too few", "reached", "missed", "open"]


@dataclass(frozen=True)
class Share:
    """Some of all; `of` may be nought."""

    hits: int
    of: int

    @property
    def value(self) -> float | None:
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float]:
        """Between these the true share lies, with 95 % confidence."""
        return wilson(self.hits, self.of)


@dataclass(frozen=True)
class Measure:
    """Of one person, in the last DAYS days."""

    user: str
    agreement: Share
    """Known cases answered as they are known, of all that were shown."""
    reversals: Share
    """Decisions that others took back or overruled, of all that this person made."""
    seconds: float | None
    """Median from seeing a case to its answer."""
    timed: int
    """Answers of which the time is known."""

    @property
    def agrees(self) -> Verdict:
        return verdict(self.agreement, AGREEMENT, more=True)

    @property
    def holds(self) -> Verdict:
        return verdict(self.reversals, REVERSALS, more=False)


def wilson(hits: int, of: int, z: float = Z) -> tuple[float, float]:
    """The score interval of a share; from nought to one where there is no case."""
    if not of:
        return 0.0, 1.0
    share, square = hits / of, z * z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = z * math.sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    return (0.0 if hits == 0 else middle - half), (1.0 if hits == of else middle + half)


def verdict(share: Share, goal: float, *, more: bool) -> Verdict:
    """Whether a goal is reached, as far as the interval can tell; `more`: the goal is a least, else a most."""
    if share.of < LEAST:
        return "too few"
    low, high = share.interval
    if (low >= goal) if more else (high <= goal):
        return "reached"
    return "missed" if ((high < goal) if more else (low > goal)) else "open"


def measure(user: str, agreement: Share, reversals: Share, seconds: list[float]) -> Measure:
    """Of one person."""
    return Measure(user, agreement, reversals, median(seconds) if seconds else None, len(seconds))


@dataclass(frozen=True)
class Outlook:
    """Of the open cases: how many people closed and how many came, in some days of the calendar."""

    open: int
    closed: int
    came: int
    days: int
    worked: int
    """Days on which any was closed."""

    @property
    def a_day(self) -> float:
        """By so many fewer are open each day; negative: by so many more."""
        return (self.closed - self.came) / self.days if self.days else 0.0

    @property
    def days_left(self) -> int | None:
        """Days of the calendar until none is open, at this speed; None: that cannot be told, or will not be."""
        if self.said != "falls":
            return None
        return math.ceil(self.open / self.a_day)

    @property
    def said(self) -> Literal["none open", "too early", "grows", "falls"]:
        """What can be told of it."""
        if not self.open:
            return "none open"
        if self.worked < WORKED:
            return "too early"
        return "falls" if self.a_day > 0 else "grows"
