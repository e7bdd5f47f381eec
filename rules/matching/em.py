"""Latent classes over agreement patterns: expectation maximisation on the counts of distinct patterns.

A class is a product of one level distribution a field (Lazarsfeld and Henry 1968; two classes are Fellegi and Sunter
1969). The cost depends on the number of distinct patterns, not of pairs. A missing field says nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rules.matching.types import Bytes, Floats, Longs

ONE_THREAD = 200_000
"""Multiplications that BLAS does not spread over threads (OpenBLAS: up to 262,144)."""
TWO_IN_ONE = 0.05
"""A class is worth dividing where a field is equal and different in at least this share of it."""
PART_BITS = 50
PRIOR = 0.05
"""Pseudo-count of every level, so that no level is impossible."""


@dataclass(frozen=True)
class Fit:
    """Classes by EM. `theta`: (all levels of all fields, classes), the levels of a field adding up to one."""

    likelihoods: tuple[float, ...]
    """Log likelihood with the prior after each step; never falls."""
    theta: Floats
    size: Floats
    """Expected number of pairs of each class."""
    responsibility: Floats
    converged: bool


def one_hot(patterns: Bytes, sizes: tuple[int, ...]) -> Floats:
    """(patterns, all levels): 1 where a pattern has the level; a missing field has none."""
    starts = np.cumsum([0, *sizes])
    out = np.zeros((len(patterns), int(starts[-1])))
    for i in range(len(sizes)):
        known = np.flatnonzero(patterns[:, i] >= 0)
        out[known, starts[i] + patterns[known, i]] = 1.0
    return out


def _normalise(theta: Floats, sizes: tuple[int, ...]) -> Floats:
    starts = np.cumsum([0, *sizes[:-1]])
    out: Floats = theta / np.repeat(np.add.reduceat(theta, starts, axis=0), sizes, axis=0)
    return out


def product(x: Floats, y: Floats) -> Floats:
    """x @ y for a long x, in rows so few that the product stays on one thread.

    Threads that wait for each other cost thirty times what the product does (measured), and sums would depend on them.
    """
    step = max(1, ONE_THREAD // max(x.shape[1] * y.shape[1], 1))
    return np.concatenate([x[at : at + step] @ y for at in range(0, max(len(x), 1), step)])


class _Parts:
    """Patterns cut into parts of some fields each: there are far fewer distinct parts than patterns.

    Products with all patterns are worked out once a distinct part, and put together by where each part stands.
    """

    def __init__(self, x: Floats) -> None:
        self._parts: list[tuple[slice, Floats, Longs]] = []
        for at in range(0, x.shape[1], width := _width(x.shape[1])):
            columns = slice(at, at + width)
            code = x[:, columns] @ np.exp2(np.arange(x[:, columns].shape[1]))
            _, first, where = np.unique(code, return_index=True, return_inverse=True)
            self._parts.append((columns, x[first, columns], where))

    def product(self, y: Floats) -> Floats:
        """(columns of y, patterns): (x @ y).T."""
        return np.asarray(sum(np.take((rows @ y[at]).T, where, axis=1) for at, rows, where in self._parts))

    def summed(self, weight: Floats) -> Floats:
        """(levels, classes): x.T @ weight.T, of weights (classes, patterns)."""
        out = [
            rows.T @ np.stack([np.bincount(where, w, minlength=len(rows)) for w in weight], 1)
            for _, rows, where in self._parts
        ]
        return np.concatenate(out)


def _width(columns: int) -> int:
    """Columns of a part: two parts, unless their rows would not fit the bits of a float."""
    return -(-columns // max(2, -(-columns // PART_BITS)))


def log_expected(x: Floats, theta: Floats, size: Floats) -> Floats:
    """(patterns, classes): log of the expected number of pairs with the pattern; `size` is that of the class."""
    out: Floats = product(x, np.log(np.maximum(theta, 1e-12))) + np.log(np.maximum(size, 1e-300))
    return out


def log_expected_of(patterns: Bytes, sizes: tuple[int, ...], theta: Floats, size: Floats) -> Floats:
    """The same, level by level: to the last bit what it is for the pattern alone, in whatever batch it stands."""
    levels = np.vstack([np.log(np.maximum(theta, 1e-12)), np.zeros(theta.shape[1])])
    out = np.tile(np.log(np.maximum(size, 1e-300)), (len(patterns), 1))
    for i, start in enumerate(np.cumsum([0, *sizes])[:-1]):
        out += levels[np.where(patterns[:, i] >= 0, start + patterns[:, i], len(theta))]
    return out


def fit(
    x: Floats,
    counts: Floats,
    sizes: tuple[int, ...],
    theta: Floats,
    *,
    size: Floats | None = None,
    chance: Floats | None = None,
    prior: Floats | float = PRIOR,
    steps: int = 300,
    tolerance: float = 1e-6,
    judged: Callable[[Floats], Floats] | None = None,
) -> Fit:
    """EM from the level distributions `theta`.

    `chance`: log of the number of pairs of each pattern that are there by chance; known, so it is no class but a
    background, and the counts are a superposition of Poisson counts. `judged`: holds the class probabilities of
    rows to what people said of them (labels/classes.py). `prior`: pseudo-counts of the levels. Stops when a step gains
    less than `tolerance` of the log likelihood; `converged` says whether it did.
    """
    k = theta.shape[1]
    size = np.full(k, counts.sum() / k) if size is None else size
    base = np.full(len(x), -1e9) if chance is None else chance
    history: list[float] = []
    parts, resp = _Parts(x), np.zeros((k, len(x)))
    for _ in range(steps):
        # Classes stand in rows here: numpy adds up long rows many times faster than short ones.
        resp = parts.product(np.log(np.maximum(theta, 1e-12)))
        resp += np.log(np.maximum(size, 1e-300))[:, None]
        top = np.maximum(resp.max(0), base)
        np.exp(np.subtract(resp, top, out=resp), out=resp)
        total = resp.sum(0) + np.exp(base - top)
        resp /= total
        before = float((prior * np.log(np.maximum(theta, 1e-12))).sum())
        history.append(float((counts * (top + np.log(total))).sum()) - float(size.sum()) + before)
        if len(history) > 5 and history[-1] - history[-2] < tolerance * abs(history[-1]):
            return Fit(tuple(history), theta, size, np.ascontiguousarray(resp.T), True)
        if judged is not None:
            resp = np.ascontiguousarray(judged(resp.T).T)
        weight = resp * counts
        size = weight.sum(1)
        theta = _normalise(parts.summed(weight) + prior, sizes)
    return Fit(tuple(history), theta, size, np.ascontiguousarray(resp.T), False)


def best(
    x: Floats,
    counts: Floats,
    sizes: tuple[int, ...],
    starts: list[Floats],
    chance: Floats | None = None,
    *,
    short: int = 25,
    steps: int = 300,
) -> Fit:
    """The best of several starts: short runs of each, the likeliest two run to the end (Biernacki et al. 2003)."""
    runs = [fit(x, counts, sizes, start, chance=chance, steps=short) for start in starts]
    runs.sort(key=lambda r: -r.likelihoods[-1])
    finals = [fit(x, counts, sizes, r.theta, size=r.size, chance=chance, steps=steps) for r in runs[:2]]
    return max(finals, key=lambda r: r.likelihoods[-1])


def refine(
    x: Floats,
    counts: Floats,
    sizes: tuple[int, ...],
    found: Fit,
    own: list[int],
    chance: Floats | None = None,
    *,
    most: int,
) -> Fit:
    """Split classes that are two: where a field of `own` is often equal and often different in one class.

    Father and son, or twins, share a class with the same person until such a class is divided. A division is kept
    where it pays by the Bayesian information criterion (Schwarz 1978); at most `most` classes.
    """
    cost = 0.5 * (sum(sizes) - len(sizes) + 1) * np.log(max(counts.sum(), 2))
    refused: set[tuple[int, int]] = set()
    while found.theta.shape[1] < most:
        k, i = _two_in_one(found, sizes, own, refused)
        if k < 0:
            break
        theta, size = _divide(found, sizes, k, i)
        tried = fit(x, counts, sizes, theta, size=size, chance=chance, steps=60, tolerance=3e-6)
        if tried.likelihoods[-1] - found.likelihoods[-1] > cost:
            found, refused = tried, set()
        else:
            refused.add((k, i))
    return found


def without_small(
    x: Floats, counts: Floats, sizes: tuple[int, ...], found: Fit, chance: Floats | None = None, *, least: float
) -> Fit:
    """The fit without classes of fewer than `least` pairs, unless that leaves none."""
    keep = found.size >= least
    if keep.all() or not keep.any():
        return found
    return fit(x, counts, sizes, found.theta[:, keep], size=found.size[keep], chance=chance, steps=100)


def _two_in_one(found: Fit, sizes: tuple[int, ...], own: list[int], refused: set[tuple[int, int]]) -> tuple[int, int]:
    """Class and field with the most pairs on the smaller side; (-1, -1) where no class is worth dividing."""
    starts = np.cumsum([0, *sizes])
    best, at = 0.0, (-1, -1)
    for i in own:
        low, high = found.theta[starts[i]], found.theta[starts[i + 1] - 1]
        smaller = np.minimum(low, high)
        worth = np.where(smaller > TWO_IN_ONE, smaller * found.size, 0)
        for k in np.flatnonzero(worth > best):
            if (int(k), i) not in refused and worth[k] > best:
                best, at = float(worth[k]), (int(k), i)
    return at


def _divide(found: Fit, sizes: tuple[int, ...], k: int, i: int) -> tuple[Floats, Floats]:
    """Class k as two: one in which field i differs, one in which it agrees."""
    start, stop = int(np.sum(sizes[:i])), int(np.sum(sizes[: i + 1]))
    apart, alike = found.theta[:, [k]].copy(), found.theta[:, [k]].copy()
    level = found.theta[start:stop, k]
    share = float(level[0])
    apart[start:stop, 0] = np.append(0.9, np.full(stop - start - 1, 0.1 / (stop - start - 1)))
    alike[start:stop, 0] = np.append(0.02, 0.98 * level[1:] / max(float(level[1:].sum()), 1e-9))
    theta = np.concatenate([np.delete(found.theta, k, 1), apart, alike], 1)
    return theta, np.append(np.delete(found.size, k), [found.size[k] * share, found.size[k] * (1 - share)])
