"""The health of clusters: the weakest link, contrary pairs, and the edge to cut first."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.matching.clusters import health, spanning
from rules.matching.clusters.health import Health
from rules.matching.clusters.known import Known
from rules.matching.clusters.linkage import CLIP, Plain
from rules.matching.types import Floats, Pairs

NONE = np.zeros((0, 2), np.int32)


def measured(weights: dict[tuple[int, int], float], label: list[int], must: list[tuple[int, int]] | None = None,
             cut: float = 0.0) -> Health:  # fmt: skip
    """Health of clusters whose candidates are the pairs above 0; weights are match weights, threshold `cut`."""

    def weigh(pairs: Pairs) -> Floats:
        keys = zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)
        return np.array([weights[min(k), max(k)] - cut for k in keys], float)

    known = np.array([p for p in sorted(weights) if weights[p] > 0], np.int32).reshape(-1, 2)
    pairs = Pairs(known[:, 0], known[:, 1])
    held = np.array(must, np.int32).reshape(-1, 2) if must else NONE
    of = np.array(label, np.int32)
    return health.measure(of, Known(of, pairs, weigh(pairs), Plain(weigh, cut), held))


def every(n: int, bits: float) -> dict[tuple[int, int], float]:
    return dict.fromkeys(itertools.combinations(range(n), 2), bits)


def test_weakest_link_and_contrary_pair() -> None:
    """A chain tells the pair it hangs by, the pair that speaks against it, and which record would go."""
    found = measured({(0, 1): 5.0, (1, 2): 2.0, (0, 2): -1.0}, [0, 0, 0])
    assert (found.weakest.tolist(), found.weakest_pair.tolist()) == ([2.0], [[1, 2]])
    assert (found.contrary.tolist(), found.worst[0].tolist()) == ([1], [-1.0, np.inf, np.inf])
    assert found.worst_pairs[0].tolist() == [[0, 2], [-1, -1], [-1, -1]]
    assert (found.cut.tolist(), found.cut_pair.tolist(), found.apart.tolist()) == ([0.5], [[1, 2]], [1])
    assert found.health[0] == pytest.approx(0.8 * 2 / 3)  # probability of 2 bits; 2 of 3 bits across speak for it


def test_a_cluster_of_one_mind_is_healthy() -> None:
    """Where all pairs are sure health is nearly 1; single records have no row."""
    found = measured({**every(3, 12.0), (3, 4): 8.0}, [0, 0, 0, 2, 2, 1])
    assert (found.cluster.tolist(), found.records.tolist()) == ([0, 2], [3, 2])
    assert found.contrary.tolist() == [0, 0]
    assert (found.health > 0.99).all()


def test_a_bridge_is_the_edge_to_cut_first() -> None:
    """Two groups of three held by one edge: that edge is named, three records would go, and health is poor."""
    inside = {p: 6.0 for g in ((0, 1, 2), (3, 4, 5)) for p in itertools.combinations(g, 2)}
    found = measured({**every(6, -2.0), **inside, (2, 3): 4.0}, [0] * 6)
    assert (found.cut_pair.tolist(), found.apart.tolist()) == ([[2, 3]], [3])
    assert (found.contrary.tolist(), found.worst[0].tolist()) == ([8], [-2.0] * 3)
    assert found.health[0] < 0.25


def test_weights_are_those_of_pairs() -> None:
    """Whatever the threshold, weights are told as match weights, and a pair is contrary below 0 bits."""
    found = measured({(0, 1): 5.0, (1, 2): 3.0, (0, 2): 0.5}, [0, 0, 0], cut=2.0)
    assert (found.weakest.tolist(), found.contrary.tolist()) == ([3.0], [0])


def test_what_a_person_joined_is_not_contrary() -> None:
    """A confirmed pair counts as certain; other pairs of the cluster may still speak against it."""
    weights = {(0, 1): -3.0, (1, 2): 6.0, (0, 2): -2.0}
    found = measured(weights, [0, 0, 0], must=[(0, 1)])
    assert (found.contrary.tolist(), found.worst_pairs[0, 0].tolist()) == ([1], [0, 2])
    assert found.weakest.tolist() == [6.0]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(2, 6), st.lists(st.integers(-30, 60), min_size=15, max_size=15, unique=True))
def test_tree_and_cut_against_brute_force(n: int, bits: list[int]) -> None:
    """The weakest link is the best of the worst split; the least cut is the least of those that cut one tree link."""
    w = np.full((1, n, n), -np.inf)
    for (i, j), b in zip(itertools.combinations(range(n), 2), bits, strict=False):
        w[0, i, j] = w[0, j, i] = b / 7
    parts = [np.array([bool(mask >> i & 1) for i in range(n)]) for mask in range(1, 2 ** (n - 1))]
    tree = spanning.links(w)
    assert tree.weight[0].min() == min(w[0][np.ix_(side, ~side)].max() for side in parts)
    found = spanning.least_cut(tree, w, CLIP)
    across = np.clip(w[0][np.ix_(found.side[0], ~found.side[0])], *CLIP)
    assert found.mean[0] == pytest.approx(across.mean(), abs=1e-4)
    assert found.link[0] == w[0][np.ix_(found.side[0], ~found.side[0])].max()
    assert found.mean[0] >= min(np.clip(w[0][np.ix_(s, ~s)], *CLIP).mean() for s in parts) - 1e-4


def test_large_clusters_are_measured_too() -> None:
    """Of a cluster of more records than are looked at, an even part is."""
    n = health.MOST + 500

    def weigh(pairs: Pairs) -> Floats:
        return np.full(len(pairs), 7.0)

    nothing = Pairs(np.zeros(0, np.int32), np.zeros(0, np.int32))
    label = np.zeros(n, np.int32)
    found = health.measure(label, Known(label, nothing, np.zeros(0), Plain(weigh), NONE))
    assert (found.records.tolist(), found.weakest.tolist(), found.contrary.tolist()) == ([n], [7.0], [0])
