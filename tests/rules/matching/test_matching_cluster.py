"""Clusters: evidence for and against, and constraints that nothing outweighs."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.matching import cluster, contract
from rules.matching.cluster import Constraints
from rules.matching.types import Floats, Ints, Pairs


def all_pairs(n: int) -> Pairs:
    left, right = np.triu_indices(n, 1)
    return Pairs(left.astype(np.int32), right.astype(np.int32))


def run(weights: dict[tuple[int, int], float], n: int, held: Constraints | None = None) -> list[int]:
    """Labels of n records; pairs that are not named weigh -1."""

    def weigh(pairs: Pairs) -> Floats:
        keys = zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)
        return np.array([weights.get((min(k), max(k)), -1.0) for k in keys])

    known = np.array(sorted(weights), np.int32).reshape(-1, 2)
    pairs = Pairs(known[:, 0], known[:, 1])
    return cluster.cluster(pairs, weigh(pairs), n, weigh, held).label.tolist()


def some(pairs: list[tuple[int, int]]) -> Ints:
    return np.array(pairs, np.int32).reshape(-1, 2)


def test_a_bridge_does_not_join() -> None:
    """Two groups of three held together by one wrong pair stay two."""
    inside = {(a, b): 5.0 for g in ((0, 1, 2), (3, 4, 5)) for a in g for b in g if a < b}
    assert run({**inside, (2, 3): 3.0}, 6) == [0, 0, 0, 1, 1, 1]


def test_weak_pairs_among_many_friends() -> None:
    """A record with two good links and one bad one joins its cluster."""
    assert run({(0, 1): 5.0, (0, 2): 4.0, (1, 2): -1.0}, 3) == [0, 0, 0]


def test_must_and_cannot() -> None:
    """People are obeyed: joined against the evidence, parted against it, also two records no rule ever compared."""
    assert run({}, 3, Constraints(must=some([(0, 2)]))) == [0, 1, 0]
    assert run({(0, 1): 9.0}, 2, Constraints(cannot=some([(0, 1)]))) == [0, 1]
    assert run({(0, 1): 9.0, (1, 2): 3.0}, 3, Constraints(cannot=some([(0, 2)]))) == [0, 0, 1]


PAIR = st.tuples(st.integers(0, 8), st.integers(0, 8)).filter(lambda p: p[0] < p[1])


@settings(max_examples=80, deadline=None)
@given(st.dictionaries(PAIR, st.floats(-6, 8), max_size=25), st.lists(PAIR, max_size=5), st.lists(PAIR, max_size=5))
def test_cannot_link_is_never_violated(
    weights: dict[tuple[int, int], float], cannot: list[tuple[int, int]], must: list[tuple[int, int]]
) -> None:
    """No cannot-link is inside a cluster, whatever the evidence and the must-links say."""
    label = run(weights, 9, Constraints(must=some(must), cannot=some(cannot)))
    assert all(label[a] != label[b] for a, b in cannot)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(PAIR, st.floats(-6, 8), max_size=25), st.lists(st.integers(0, 2), min_size=9, max_size=9))
def test_groups_stay_apart(weights: dict[tuple[int, int], float], group: list[int]) -> None:
    """With link no cluster holds two records of one source."""
    label = run(weights, 9, Constraints(group=np.array(group, np.int32)))
    keys = list(zip(label, group, strict=True))
    assert len(set(keys)) == len(keys)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-12, 12), min_size=28, max_size=28))
def test_sparse_is_dense(weights: list[int]) -> None:
    """Both contractions give the same total weight inside clusters when all pairs are known and weights differ."""
    w = np.array(weights) + np.linspace(0.01, 0.4, 28) ** 2
    pairs = all_pairs(8)
    dense = np.full((1, 8, 8), -np.inf)
    dense[0, pairs.left, pairs.right] = dense[0, pairs.right, pairs.left] = w
    a = cluster.numbered(contract.contract(dense)[0])
    b = cluster.numbered(contract.sparse(8, pairs.left, pairs.right, w, -1.5))
    assert a.tolist() == b.tolist()


def test_large_component_is_split_too() -> None:
    """A component too large for all its pairs, two crowds with one bridge, comes apart at the bridge."""
    n = cluster.ALL_PAIRS + 100
    half = n // 2
    chain = {(i, j): 6.0 for g in (range(half), range(half, n)) for i in g for j in (i + 1, i + 2) if j in g}
    held = Constraints(cannot=some([(0, n - 1)]))
    label = run({**chain, (half - 1, half): 1.0}, n, held)
    assert label[0] != label[-1]
    assert max(np.bincount(label)) <= half


def test_weakest_link() -> None:
    """Each cluster tells how well its least attached record holds; a single record is held by nothing else."""
    found = cluster.cluster(
        Pairs(np.array([0, 1], np.int32), np.array([1, 2], np.int32)), np.array([5.0, 2.0]), 4,
        lambda p: np.where(p.right - p.left == 1, 5.0, 1.0),
    )  # fmt: skip
    assert found.label.tolist() == [0, 0, 0, 1]
    assert found.weakest.tolist() == [2.0, np.inf]
