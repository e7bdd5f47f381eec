"""Judgements as row numbers, and the correction that is estimated from them."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.matching.labels.choose import LEAST, View, choose, folds, unusable
from rules.matching.labels.correction import estimate, judged_same, losses
from rules.matching.labels.judged import judgements
from rules.matching.types import Pairs

SOURCES, IDS = pa.array(["a", "a", "b", "b"]), pa.array(["1", "2", "1", "2"])
COLUMNS = ("left_source", "left_id", "right_source", "right_id")


def labels(*rows: tuple[str, str, str], column: str = "judgement") -> pa.Table:
    """Rows `("a:1", "b:2", "same")` as a table of labels, or of decisions."""
    split = [(*left.split(":"), *right.split(":"), said) for left, right, said in rows]
    return pa.table([pa.array(c, pa.string()) for c in zip(*split, strict=True)], names=[*COLUMNS, column])


def test_judgements_become_row_numbers() -> None:
    """Either order of a pair is the same pair; records that are not here are left out."""
    said = labels(("b:2", "a:1", "same"), ("a:2", "b:1", "related"), ("a:1", "c:9", "same"))
    found = judgements([said], SOURCES, IDS)
    assert list(zip(found.pairs.left.tolist(), found.pairs.right.tolist(), strict=True)) == [(0, 3), (1, 2)]
    assert found.same.tolist() == [1.0, 0.0]
    assert found.rows == 2


def test_decisions_are_judgements_too() -> None:
    """`same`, `different`, `related` and `split` judge a pair; other decisions do not."""
    said = labels(("a:1", "b:1", "split"), ("a:2", "b:2", "same"), ("a:1", "a:2", "value"), column="kind")
    assert judgements([said], SOURCES, IDS).same.tolist() == [0.0, 1.0]


def test_contradictory_judgements_teach_nothing() -> None:
    """A pair that was judged the same and not the same, whichever way round, is left out and counted."""
    said = [("a:1", "b:1", "same"), ("b:1", "a:1", "different"), ("a:2", "b:2", "different"), ("a:2", "b:2", "related")]
    found = judgements([labels(*said)], SOURCES, IDS)
    assert (len(found), found.contradicted, found.said.tolist()) == (1, 1, [2])


@settings(max_examples=50, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(21, 40)), min_size=1, max_size=60))
def test_no_part_knows_a_record_of_another(pairs: list[tuple[int, int]]) -> None:
    """Pairs that share a record are always kept apart together."""
    left, right = (np.array(side, np.int32) for side in zip(*pairs, strict=True))
    part = folds(Pairs(left, right), seed=0)
    for side in (left, right):
        for record in np.unique(side):
            assert len(set(part[side == record].tolist())) == 1


def world(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Judgements in a world where the model overrates the second feature by two nats: features, log odds, truth."""
    rng = np.random.default_rng(seed)
    x = np.stack([np.ones(n), rng.random(n) < 0.5, rng.random(n) < 0.5], 1).astype(float)
    offset = rng.normal(0, 2, n)
    same = (rng.random(n) < 1 / (1 + np.exp(-(offset - 2 * x[:, 1])))).astype(float)
    return x, offset, same


def views(x: np.ndarray, offset: np.ndarray) -> list[View]:
    return [View(np.arange(len(x)) % 5 == fold, x, offset) for fold in range(5)]


def test_the_correction_finds_what_the_model_overrates() -> None:
    """From two thousand judgements the two nats are found; from twenty hardly anything is moved."""
    x, offset, same = world(2000, 1)
    assert estimate(x, offset, same, 1.0, 0.01)[1] == pytest.approx(-2, abs=0.35)
    x, offset, same = world(20, 1)
    assert np.abs(estimate(x, offset, same, 10.0, 0.01)).max() < 0.5


def test_a_correction_that_helps_is_used() -> None:
    """Two hundred judgements of people who err now and then are enough."""
    x, offset, same = world(200, 2)
    same[::40] = 1 - same[::40]
    found = choose(views(x, offset), offset, same)
    assert not found.refused
    assert found.after.mean() < found.before.mean()


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.soak) for n in range(1, 5))])
def test_judgements_without_sense_change_nothing(seed: int) -> None:
    """Tossed coins, even or not, correct no weight."""
    x, offset, _ = world(200, seed)
    rng = np.random.default_rng(1000 + seed)
    for part in (0.5, 0.2):
        same = (rng.random(200) < part).astype(float)
        assert choose(views(x, offset), offset, same).refused


def test_swapped_answers_are_refused() -> None:
    """Where people say the opposite of the records, they have taken one key for the other."""
    _, offset, same = world(200, 3)
    assert "opposite" in unusable(offset, 1 - same)
    assert not unusable(offset, same)


def test_one_answer_alone_is_refused() -> None:
    """It takes some pairs of either answer."""
    _, offset, same = world(200, 4)
    assert str(LEAST) in unusable(offset[same > 0.5], same[same > 0.5])


def test_a_slip_among_sure_pairs_costs_little() -> None:
    """People err: one wrong judgement of a pair that is sure is no reason to doubt the model."""
    sure = np.array([20.0])
    assert losses(sure, np.array([0.0]), 0.01)[0] < 5
    assert judged_same(sure, 0.01)[0] == pytest.approx(0.99)
