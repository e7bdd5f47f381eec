"""The tree of best links of a cluster, and the cut across which least holds it together; many clusters at a time."""

from dataclasses import dataclass

import numpy as np

from rules.matching.types import Bools, Floats, Ints


@dataclass(frozen=True)
class Tree:
    """Maximum spanning trees (Prim 1957): s - 1 links each, in the order in which they were found.

    All arrays are (clusters, s - 1); `node` is reached from `parent`.
    """

    node: Ints
    parent: Ints
    weight: Floats


@dataclass(frozen=True)
class Cuts:
    """The least cut of each cluster among those that take out one link of its tree.

    `link` is the weight of that link, the strongest of all across the cut; `mean` the mean clipped weight across;
    `agreed` the part of the evidence across that is positive; `side` (clusters, s) the records below the link.
    """

    node: Ints
    parent: Ints
    link: Floats
    mean: Floats
    agreed: Floats
    side: Bools


def links(weights: Floats) -> Tree:
    """`weights`: (clusters, s, s), symmetric, the diagonal -inf."""
    m, s, _ = weights.shape
    rows = np.arange(m)
    inside = np.zeros((m, s), bool)
    inside[:, 0] = True
    best, parent = weights[:, 0].copy(), np.zeros((m, s), np.int32)
    found = Tree(np.zeros((m, s - 1), np.int32), np.zeros((m, s - 1), np.int32), np.zeros((m, s - 1)))
    for k in range(s - 1):
        at = np.where(inside, -np.inf, best).argmax(1)
        found.node[:, k], found.parent[:, k], found.weight[:, k] = at, parent[rows, at], best[rows, at]
        inside[rows, at] = True
        closer = (weights[rows, at] > best) & ~inside
        parent = np.where(closer, at[:, None], parent).astype(np.int32)
        best = np.where(closer, weights[rows, at], best)
    return found


def least_cut(tree: Tree, weights: Floats, clip: tuple[float, float]) -> Cuts:
    """The cut of least mean evidence, a pair counting for no more than `clip` bits."""
    m, s, _ = weights.shape
    rows = np.arange(m)
    below = np.zeros((m, s, s), np.float32)
    below[:, np.arange(s), np.arange(s)] = 1
    for k in range(s - 2, -1, -1):
        below[rows, tree.parent[:, k]] += below[rows, tree.node[:, k]]
    clipped = np.clip(weights, *clip).astype(np.float32)
    clipped[:, np.arange(s), np.arange(s)] = 0
    other = 1 - below
    speaks_for = (below @ np.maximum(clipped, 0) * other).sum(2)
    against = (below @ np.maximum(-clipped, 0) * other).sum(2)
    pairs = below.sum(2) * other.sum(2)
    mean = (speaks_for - against)[rows[:, None], tree.node] / pairs[rows[:, None], tree.node]
    k = np.round(mean, 4).argmin(1)
    at = tree.node[rows, k]
    agreed = speaks_for[rows, at] / np.maximum(speaks_for[rows, at] + against[rows, at], 1e-9)
    return Cuts(
        at, tree.parent[rows, k], tree.weight[rows, k], mean[rows, k].astype(float), agreed.astype(float),
        below[rows, at] > 0,
    )  # fmt: skip
