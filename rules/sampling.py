"""How large a random sample must be to prove how right a batch of cases is, and what a sample proves.

Exact, and for a finite batch: a case that was sampled cannot be drawn again (hypergeometric distribution), so that
small batches need smaller samples. The bounds invert the test as Clopper and Pearson do (Biometrika 26, 1934, 404-413),
each end by itself; for finite batches after T. Wright, Exact Confidence Bounds when Sampling from Small Finite
Universes (Springer, 1991). The larger the batch, the nearer they come to Clopper and Pearson's own: 299 without an
error for 99 %.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, floor, lgamma
from typing import Final

CONFIDENCE: Final = 0.95
CLAIMS: Final = (0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
"""Precisions that can be claimed of a batch."""
_HAIR: Final = 1e-9
"""What a computed share may be off by rounding."""


@dataclass(frozen=True)
class Measured:
    """What a sample says about its batch: shares from 0 to 1."""

    precision: float
    """Of the sample."""
    low: float
    """The batch is at least so right..."""
    high: float
    """...and at most so: each at the confidence asked for."""


def confidence(look: int) -> float:
    """At which the n-th look at a batch is judged (the first is 1). Whoever samples on until it fits would find a lucky
    moment in the end: the risk of each further look is half of that before, together at most twice the first.
    """
    return float(1 - (1 - CONFIDENCE) * 0.5 ** (look - 1))


def measure(size: int, sampled: int, errors: int, confidence: float = CONFIDENCE) -> Measured:
    """What a random sample of a batch of `size` cases proves. Raises ValueError where the numbers cannot be."""
    if not 0 <= errors <= sampled <= size or not size:
        message = f"{errors} errors among {sampled} sampled of {size} cannot be"
        raise ValueError(message)
    if not sampled:
        return Measured(1.0, 0.0, 1.0)
    risk = 1 - confidence
    most = _last(errors, size - sampled + errors, lambda bad: _at_most(errors, size, bad, sampled) > risk)
    if errors:  # the fewest errors that the batch may have
        rare = _last(errors - 1, most, lambda bad: bad < errors or 1 - _at_most(errors - 1, size, bad, sampled) <= risk)
        fewest = min(rare + 1, most)
    else:
        fewest = 0
    return Measured(1 - errors / sampled, 1 - most / size, 1 - fewest / size)


def enough(size: int, precision: float, errors: int = 0, confidence: float = CONFIDENCE) -> int | None:
    """The smallest sample that proves a precision of a batch of `size` cases, with so many errors in it; None: no
    sample can, for the batch has more errors than the claim allows.
    """
    bad = floor(size * (1 - precision) + _HAIR) + 1  # the fewest errors that belie the claim
    if errors >= bad:
        return None
    risk = 1 - confidence
    return _last(errors - 1, size - 1, lambda n: n < errors or _at_most(errors, size, bad, n) > risk + _HAIR) + 1


def holds(size: int, sampled: int, errors: int, precision: float, confidence: float = CONFIDENCE) -> bool:
    """Whether a sample proves the precision that was claimed."""
    least = enough(size, precision, errors, confidence)
    return least is not None and sampled >= least


def _last(low: int, high: int, true: Callable[[int], bool]) -> int:
    """The last number for which a condition is true that is true up to a number and false from there on; it is true
    of `low`.
    """
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if true(middle) else (low, middle - 1)
    return low


def _at_most(errors: int, size: int, bad: int, sampled: int) -> float:
    """The probability of at most so many errors in a sample, where `bad` of `size` cases are wrong (hypergeometric)."""
    if bad > size:
        return 0.0
    whole = _choose(size, sampled)
    likely = range(max(0, sampled - size + bad), min(errors, bad, sampled) + 1)
    return min(1.0, sum(exp(_choose(bad, k) + _choose(size - bad, sampled - k) - whole) for k in likely))


def _choose(n: int, k: int) -> float:
    """The logarithm of how many ways there are to choose k of n."""
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
