"""The pairs that a person is asked about."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.matching.labels.ask import MAYBE, questions

NONE = np.zeros(0, np.int64)


@settings(max_examples=50, derandomize=True)
@given(st.lists(st.floats(0, 1), max_size=80), st.integers(0, 30), st.integers(0, 99))
def test_nobody_is_asked_twice(probability: list[float], n: int, seed: int) -> None:
    """Never the same pair again, never more than asked for, nothing that is surely different."""
    p = np.array(probability)
    pattern = (np.arange(len(p)) % 7).astype(np.int32)
    taken = np.arange(0, len(p), 3)
    found = questions(p, pattern, taken, n, seed).pairs
    assert len(found) == len(set(found.tolist())) <= n + 1
    assert not set(found.tolist()) & set(taken.tolist())
    assert (p[found] >= MAYBE).all()


def test_questions_are_doubtful_and_of_many_kinds() -> None:
    """A thousand doubtful pairs of one pattern do not crowd out the few of the others."""
    p = np.concatenate([np.full(1000, 0.5), np.full(20, 0.5), np.full(5000, 0.999)])
    pattern = np.concatenate([np.zeros(1000), np.arange(1, 21), np.full(5000, 21)]).astype(np.int32)
    found = questions(p, pattern, NONE, 40, seed=1)
    asked = pattern[found.pairs[~found.by_chance]]
    assert ((asked > 0) & (asked < 21)).sum() >= 7  # in proportion it would be one
    assert (asked == 21).sum() <= 5


def test_some_questions_are_drawn_by_chance() -> None:
    """About one in seven, and marked, so that the model can be measured by them."""
    p = np.random.default_rng(1).random(2000)
    found = questions(p, np.zeros(2000, np.int32), NONE, 200, seed=1)
    assert 25 <= found.by_chance.sum() <= 35


def test_the_same_state_asks_the_same() -> None:
    """What is asked depends on the pairs, on what was answered and on the round only."""
    p = np.random.default_rng(1).random(500)
    one, two = (questions(p, np.zeros(500, np.int32), NONE, 20, seed=4).pairs for _ in range(2))
    assert one.tolist() == two.tolist()
