"""Clusters: evidence for and against, and constraints that nothing outweighs."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matching_people import features

from rules.matching import cluster
from rules.matching.cluster import Clusters, Constraints
from rules.matching.clusters import apart
from rules.matching.clusters.linkage import CLIP, Plain
from rules.matching.encode import encode
from rules.matching.types import Floats, Ints, Pairs

Weights = dict[tuple[int, int], float]


def weigher(weights: Weights, other: float = -1.0) -> Callable[[Pairs], Floats]:
    """The weights of named pairs; pairs that are not named weigh `other`."""

    def weigh(pairs: Pairs) -> Floats:
        keys = zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)
        return np.array([weights.get((min(k), max(k)), other) for k in keys], float)

    return weigh


def clustered(weights: Weights, n: int, held: Constraints | None = None) -> Clusters:
    """Clusters of n records, of which the named pairs were candidates."""
    weigh = weigher(weights)
    known = np.array(sorted(weights), np.int32).reshape(-1, 2)
    pairs = Pairs(known[:, 0], known[:, 1])
    return cluster.cluster(pairs, weigh(pairs), n, Plain(weigh), held)


def run(weights: Weights, n: int, held: Constraints | None = None) -> list[int]:
    return clustered(weights, n, held).label.tolist()


def some(pairs: list[tuple[int, int]]) -> Ints:
    return np.array(pairs, np.int32).reshape(-1, 2)


def test_a_bridge_does_not_join() -> None:
    """Two groups of three held together by one wrong pair stay two."""
    inside = {(a, b): 5.0 for g in ((0, 1, 2), (3, 4, 5)) for a in g for b in g if a < b}
    assert run({**inside, (2, 3): 3.0}, 6) == [0, 0, 0, 1, 1, 1]


def test_weak_pairs_among_many_friends() -> None:
    """A record with two good links and one bad one joins its cluster."""
    assert run({(0, 1): 5.0, (0, 2): 4.0, (1, 2): -1.0}, 3) == [0, 0, 0]


def test_pairs_that_no_rule_produced_count() -> None:
    """A chain of candidates is parted by pairs that were never candidates, and a missing pair in favour joins."""
    chain = {(0, 1): 2.0, (1, 2): 1.5}
    pairs, bits = Pairs(np.array([0, 1], np.int32), np.array([1, 2], np.int32)), np.array([2.0, 1.5])
    against = cluster.cluster(pairs, bits, 3, Plain(weigher({**chain, (0, 2): -9.0})))
    in_favour = cluster.cluster(pairs, bits, 3, Plain(weigher({**chain, (0, 2): 1.0})))
    assert (against.label.tolist(), in_favour.label.tolist()) == ([0, 0, 1], [0, 0, 0])


def test_must_and_cannot() -> None:
    """People are obeyed: joined against the evidence, parted against it, also two records no rule ever compared."""
    assert run({}, 3, Constraints(must=some([(0, 2)]))) == [0, 1, 0]
    assert run({(0, 1): 9.0}, 2, Constraints(cannot=some([(0, 1)]))) == [0, 1]
    assert run({(0, 1): 9.0, (1, 2): 3.0}, 3, Constraints(cannot=some([(0, 2)]))) == [0, 0, 1]


def test_a_person_wins_over_a_rule() -> None:
    """A veto parts two records that agree in all else, also two groups; a person may still join them."""
    weights = {(0, 1): 9.0, (1, 2): 9.0, (0, 2): -1000.0}
    assert run(weights, 3)[0] != run(weights, 3)[2]
    assert run(weights, 3, Constraints(must=some([(0, 2)])))[0] == run(weights, 3, Constraints(must=some([(0, 2)])))[2]


def test_different_codes_stay_apart() -> None:
    """Two codes of one kind are never in one cluster, also through a third record; a person may still join them."""
    weights = dict.fromkeys(itertools.combinations(range(3), 2), 9.0)
    unlike = np.array([[7], [-1], [8]], np.int32)
    label = run(weights, 3, Constraints(cannot=some([]), unlike=unlike))
    assert label[0] != label[2]
    told = Constraints(must=some([(0, 2)]), unlike=unlike)
    assert run(weights, 3, told)[0] == run(weights, 3, told)[2]


def test_codes_of_records() -> None:
    """Valid tax ids are coded by scheme, an id without a scheme is none; in a large cluster two codes never meet."""
    ids = ["it.iva:1", "it.iva:2", "gr.afm:1", "7", None]
    found = apart.codes(encode(features([{"tax_id": i} if i else {} for i in ids])))
    assert found is not None
    assert (found >= 0).tolist() == [[True, False], [True, False], [False, True], [False, False], [False, False]]
    assert found[0, 0] != found[1, 0]
    assert apart.codes(encode(features([{"surname": "lee"}]))) is None


def test_codes_part_a_large_cluster() -> None:
    """Where only a part of the pairs is weighed, two records with two codes are still never in one cluster."""

    def weigh(pairs: Pairs) -> Floats:
        return np.full(len(pairs), 5.0)

    left, right = (x.astype(np.int32) for x in np.triu_indices(400, 1))
    unlike = np.full((400, 1), -1, np.int32)
    unlike[[3, 390], 0] = 1, 2
    some_of = np.random.default_rng(1).permutation(len(left))[:12_000]
    pairs = Pairs(left[some_of], right[some_of])
    label = cluster.cluster(pairs, weigh(pairs), 400, Plain(weigh), Constraints(unlike=unlike)).label
    assert label[3] != label[390]
    assert label.max() == 1


PAIR = st.tuples(st.integers(0, 8), st.integers(0, 8)).filter(lambda p: p[0] < p[1])
WEIGHTS = st.dictionaries(PAIR, st.floats(-6, 8), max_size=25)
SOME = st.lists(PAIR, max_size=5)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(WEIGHTS, SOME, SOME, st.booleans())
def test_cannot_link_is_never_violated(
    weights: Weights, cannot: list[tuple[int, int]], must: list[tuple[int, int]], large: bool
) -> None:
    """No cannot-link is inside a cluster, whatever the evidence and chains of must-links say, small or large."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cluster, "ALL_PAIRS", 2 if large else 200)
        label = run(weights, 9, Constraints(must=some(must), cannot=some(cannot)))
    assert all(label[a] != label[b] for a, b in cannot)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(WEIGHTS, SOME)
def test_must_links_hold(weights: Weights, must: list[tuple[int, int]]) -> None:
    """Where nobody says otherwise every must-link is inside a cluster, also over chains and against vetoes."""
    label = run({p: w if w > -5 else -1000.0 for p, w in weights.items()}, 9, Constraints(must=some(must)))
    assert all(label[a] == label[b] for a, b in must)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(WEIGHTS, st.lists(st.integers(0, 2), min_size=9, max_size=9))
def test_groups_stay_apart(weights: Weights, group: list[int]) -> None:
    """With link no cluster holds two records of one source."""
    label = run(weights, 9, Constraints(group=np.array(group, np.int32)))
    keys = list(zip(label, group, strict=True))
    assert len(set(keys)) == len(keys)


def slowly(weights: Weights, n: int) -> list[set[int]]:
    """Average linkage, one pair of groups at a time, best first: what rounds must come to."""
    groups = [{i} for i in range(n)]

    def mean(a: set[int], b: set[int]) -> float:
        each = [np.clip(weights.get((min(x, y), max(x, y)), -1.0), *CLIP) for x in a for y in b]
        return float(np.mean(each))

    while len(groups) > 1:
        a, b = max(itertools.combinations(groups, 2), key=lambda p: mean(*p))
        if mean(a, b) <= 0:
            break
        groups = [g for g in groups if g not in (a, b)] + [a | b]
    return groups


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.integers(-40, 60), min_size=28, max_size=28, unique=True), st.integers(2, 200))
def test_rounds_come_to_what_single_steps_come_to(bits: list[int], all_pairs: int) -> None:
    """Joining all best pairs at once gives the clusters of joining one at a time, in small and in large components."""
    weights = {p: b / 10 + 0.001 * i**2 for i, (p, b) in enumerate(zip(itertools.combinations(range(8), 2), bits,
               strict=True))}  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cluster, "ALL_PAIRS", all_pairs)
        label = run(weights, 8)
    found = {frozenset(np.flatnonzero(np.array(label) == c).tolist()) for c in set(label)}
    assert found == {frozenset(g) for g in slowly(weights, 8)}


@pytest.mark.parametrize("n", [600, 5000])
def test_large_component_comes_apart(n: int) -> None:
    """Clusters of ten, chained into one component too large for all its pairs, come apart at the bridges."""

    def weigh(pairs: Pairs) -> Floats:
        return np.where(pairs.left // 10 == pairs.right // 10, 4.0, np.where(pairs.right - pairs.left == 1, 2.0, -4.0))

    first = np.arange(n - 1, dtype=np.int32)
    pairs = Pairs(np.concatenate([first, first[:-1]]), np.concatenate([first + 1, first[:-1] + 2]))
    found = cluster.cluster(pairs, weigh(pairs), n, Plain(weigh), Constraints(cannot=some([(0, n - 1)])))
    assert found.label.tolist() == (np.arange(n) // 10).tolist()


def test_a_large_cluster_stays_one() -> None:
    """A thousand copies of one record are one cluster, found in tens of rounds."""
    rng, weighed = np.random.default_rng(1), []

    def weigh(pairs: Pairs) -> Floats:
        weighed.append(len(pairs))
        return np.full(len(pairs), 5.0)

    left, right = np.sort(rng.integers(0, 1000, (2, 20_000)), axis=0).astype(np.int32)
    pairs = Pairs(left[left < right], right[left < right])
    found = cluster.cluster(pairs, weigh(pairs), 1000, Plain(weigh))
    assert found.label.max() == 0
    assert sum(n > 0 for n in weighed) < 60


def test_nothing_to_cluster() -> None:
    """No record, and records without a pair."""
    assert run({}, 0) == []
    assert run({}, 2) == [0, 1]
