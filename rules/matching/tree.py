"""What chance predicts for a pattern, as a tree of conditional level tables."""

import numpy as np

from rules.matching.chance import Chance
from rules.matching.model import Branch
from rules.matching.types import Bytes, Floats


def grow(chance: Chance, same_pairs: float, same: list[Floats]) -> tuple[Branch, ...]:
    """For each field the parent that tells most about its agreement by chance.

    `same_pairs` true matches with the level distributions `same` are taken out of the tables first: pairs that share
    a value are partly the same person, and that is no chance.
    """
    cleaned = {key: _without_matches(chance, key, t, same_pairs, same) for key, t in chance.given.items()}
    by_size = sorted(chance.agreeing, key=lambda j: (-chance.agreeing[j], j))
    tree = []
    for rank, i in enumerate(by_size):
        found = [(_gain(chance, i, j, cleaned[i, j]), -at, j) for at, j in enumerate(by_size[:rank]) if (i, j) in cleaned]
        gain, _, j = max(found, default=(0.0, 0, -1))
        if gain > 0:
            tree.append(Branch(i, j, cleaned[i, j], _other(chance, i, j, cleaned[i, j])))
    return tuple(tree)


def _without_matches(
    chance: Chance, key: tuple[int, int], counted: Floats, same_pairs: float, same: list[Floats]
) -> Floats:
    i, j = key
    u = chance.random[i]
    matches = min(same_pairs * same[j][-1] / chance.agreeing[j], 0.9)
    left: Floats = np.maximum(counted - counted.sum() * matches * same[i], 0) + 2 * u * len(u)
    left = left / left.sum()
    return u if left[-1] < u[-1] else left


def _other(chance: Chance, i: int, j: int, equal: Floats) -> Floats:
    """Levels of field i where j is not equal, such that both together give the random levels."""
    p = chance.random[j][-1]
    other = np.maximum((chance.random[i] - p * equal) / (1 - p), 1e-9)
    return np.asarray(other / other.sum())


def _gain(chance: Chance, i: int, j: int, equal: Floats) -> float:
    """Mutual information of field i's level and the equality of field j, in nats."""
    u, p, other = chance.random[i], float(chance.random[j][-1]), _other(chance, i, j, equal)
    return p * float((equal * np.log(equal / u)).sum()) + (1 - p) * float((other * np.log(other / u)).sum())


def log_chance(patterns: Bytes, random: list[Floats], tree: tuple[Branch, ...]) -> Floats:
    """Log probability of the known levels of each pattern when the two records have nothing to do with each other."""
    out = np.zeros(len(patterns))
    branch = {b.child: b for b in tree}
    for i, u in enumerate(random):
        here = _levels(patterns[:, i], u)
        if i in branch:
            b = branch[i]
            parent = patterns[:, b.parent]
            at_parent = parent == len(random[b.parent]) - 1
            here = np.where(
                at_parent, _levels(patterns[:, i], b.equal), np.where(parent >= 0, _levels(patterns[:, i], b.other), here)
            )
        out += here
    return out


def _levels(column: Bytes, distribution: Floats) -> Floats:
    """Log probability of each level; 0 where the field is missing (index -1 is the appended zero)."""
    out: Floats = np.append(np.log(np.maximum(distribution, 1e-12)), 0.0)[column]
    return out
