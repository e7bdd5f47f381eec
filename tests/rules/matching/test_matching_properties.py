"""What must hold of any matching: symmetry, identity, order, and peace among the old when somebody new comes."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matching_people import features, people

from rules.matching import cluster, engine, score
from rules.matching.clusters.linkage import Linkage, Plain
from rules.matching.types import Floats, Ints, Pairs
from rules.vocabulary import PartyType

Key = tuple[str, str]


@pytest.fixture(scope="module")
def crowd() -> pa.Table:
    return people(300, seed=31)[0]


@pytest.fixture(scope="module")
def matched(crowd: pa.Table) -> engine.Matched:
    return engine.match(crowd)


def partition(found: engine.Matched, without: str = "new") -> set[frozenset[Key]]:
    """The clusters as sets of keys, without the records of one source."""
    groups: dict[int, set[Key]] = {}
    for r in found.labels.to_pylist():
        if r["source"] != without:
            groups.setdefault(r["cluster_id"], set()).add((r["source"], r["record_id"]))
    return set(map(frozenset, groups.values()))


def some_pairs(n: int, count: int, seed: int = 3) -> Pairs:
    rng = np.random.default_rng(seed)
    left = rng.integers(0, n, count).astype(np.int32)
    right = ((left + rng.integers(1, n, count)) % n).astype(np.int32)
    return Pairs(left, right)


def test_weights_are_symmetric(matched: engine.Matched) -> None:
    """A pair weighs the same from either side, and so does the evidence between two groups."""
    group = matched.groups[PartyType.PERSON]
    likely = Pairs(group.scored.pairs.left[:300], group.scored.pairs.right[:300])
    for pairs in (likely, some_pairs(len(group.encoded), 300)):
        back = Pairs(pairs.right, pairs.left)
        there, here = (score.weigh(p, group.encoded, group.model, group.holders) for p in (pairs, back))
        assert there.weight.tolist() == here.weight.tolist()
        assert there.relation.tolist() == here.relation.tolist()
        linkage = Linkage(group.encoded, group.model, group.holders, 0.0)
        one, two = (linkage.weigh(p)[1] for p in (pairs, back))
        assert np.allclose(one, two)


def test_a_record_matches_itself(crowd: pa.Table, matched: engine.Matched) -> None:
    """A copy of a record that has a name, a birth date and something else joins its original."""
    rows = [r for r in crowd.to_pylist() if r["given_name"] and r["surname"] and r["birth_date"] and r["postcode"]]
    rows = [r for r in rows if not r["birth_date"].startswith("1900")][:40]
    copies = pa.Table.from_pylist([{**r, "source": "new"} for r in rows], schema=crowd.schema)
    found = engine.match(pa.concat_tables([crowd, copies]), model=matched.model)
    of = {(r["source"], r["record_id"]): r["cluster_id"] for r in found.labels.to_pylist()}
    assert [r["record_id"] for r in rows if of["s", r["record_id"]] != of["new", r["record_id"]]] == []


COMMON = st.sampled_from(["", "robert", "nikolaos", "maria"])


@settings(max_examples=2, deadline=None, derandomize=True)
@given(st.lists(st.tuples(COMMON, st.dates()), min_size=1, max_size=3))
def test_strangers_change_no_cluster(crowd: pa.Table, matched: engine.Matched, who: list[tuple[str, object]]) -> None:
    """Under a frozen model records of strangers, some with common names, change no weight and no cluster of them."""
    rows = [
        {"source": "new", "record_id": str(i), "given_name": g or "zzyx", "surname": f"qwv{i}", "birth_date": str(d)}
        for i, (g, d) in enumerate(who)
    ]
    counted = matched.frequencies
    again = engine.match(pa.concat_tables([crowd, features(rows)]), model=matched.model, frequencies=counted)
    assert partition(again) == partition(matched)
    theirs = again.pairs.filter((pc.field("left_source") != "new") & (pc.field("right_source") != "new"))
    assert theirs.equals(matched.pairs)


def test_a_model_says_the_same_again(crowd: pa.Table, matched: engine.Matched) -> None:
    """The records that a model was fitted on get the same weights and clusters from the model and its counts alone."""
    again = engine.match(crowd, model=matched.model, frequencies=matched.frequencies)
    for table in ("labels", "pairs", "health", "contrary", "frequencies"):
        assert getattr(again, table).equals(getattr(matched, table)), table


def test_threads_and_order_change_nothing(crowd: pa.Table, matched: engine.Matched) -> None:
    """Any number of threads and any order of rows give the same tables, those of health too."""
    for threads, seed in ((1, 1), (3, 2)):
        shuffled = crowd.take(np.random.default_rng(seed).permutation(len(crowd)))
        again = engine.match(shuffled, threads=threads, model=matched.model)
        for table in ("labels", "pairs", "health", "contrary"):
            assert getattr(again, table).equals(getattr(matched, table)), table


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.lists(st.integers(-40, 60), min_size=36, max_size=36, unique=True), st.permutations(range(9)))
def test_names_of_records_change_no_cluster(bits: list[int], place: list[int]) -> None:
    """Which number a record has changes no cluster, where evidence has no ties."""
    w = np.zeros((9, 9))
    i, j = np.triu_indices(9, 1)
    w[i, j] = w[j, i] = np.array(bits) / 10 + 0.001 * np.arange(36) ** 2
    of = np.array(place)

    def clusters(number: Ints) -> set[frozenset[int]]:
        def weigh(pairs: Pairs) -> Floats:
            return w[number[pairs.left], number[pairs.right]]

        pairs = Pairs(i.astype(np.int32), j.astype(np.int32))
        label = cluster.cluster(pairs, weigh(pairs), 9, Plain(weigh)).label
        return {frozenset(number[label == c].tolist()) for c in set(label.tolist())}

    assert clusters(np.arange(9, dtype=np.int32)) == clusters(of.astype(np.int32))


def test_a_component_is_clustered_by_itself() -> None:
    """Records of other components change nothing in one, whatever numbers they push its records to."""
    weights = {(0, 1): 3.0, (1, 2): 2.0, (0, 2): -1.0, (2, 3): 2.0, (1, 3): 1.0, (0, 3): -2.0}

    def labels(shift: int, others: int) -> list[int]:
        def weigh(pairs: Pairs) -> Floats:
            keys = zip((pairs.left - shift).tolist(), (pairs.right - shift).tolist(), strict=True)
            return np.array([weights.get(k, 1.0) for k in keys])

        first = np.array([k[0] + shift for k in weights], np.int32)
        second = np.array([k[1] + shift for k in weights], np.int32)
        far = shift + 4 + 2 * np.arange(others, dtype=np.int32)
        near = 2 * np.arange(shift // 2, dtype=np.int32)
        pairs = Pairs(np.concatenate([first, far, near]), np.concatenate([second, far + 1, near + 1]))
        found = cluster.cluster(pairs, weigh(pairs), shift + 4 + 2 * others, Plain(weigh)).label[shift : shift + 4]
        return (found - found.min()).tolist()

    assert labels(0, 0) == labels(0, 5) == labels(10, 0) == labels(24, 7)
