"""The model: expectation maximisation, its reference, its way to disk and back."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matching_people import people

from rules.matching import em, engine, thresholds
from rules.matching.model import from_json, to_json
from rules.matching.types import count

SIZES = (2, 2, 2, 2)


def drawn(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of two classes: matches agree in nine of ten fields, others in one of ten."""
    rng = np.random.default_rng(seed)
    match = rng.random(n) < 0.3
    agree = rng.random((n, 4)) < np.where(match, 0.9, 0.1)[:, None]
    return agree.astype(np.int8), match


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 4), st.booleans())
def test_likelihood_never_falls(seed: int, classes: int, background: bool) -> None:
    """Each step of EM is at least as likely as the one before, with chance as a background and without."""
    levels, _ = drawn(300, seed)
    counted = count(levels, SIZES)
    x = em.one_hot(counted.patterns, SIZES)
    theta = em._normalise(np.random.default_rng(seed).random((8, classes)) + 0.1, SIZES)
    chance = np.full(len(x), np.log(5.0)) if background else None
    found = em.fit(x, counted.counts.astype(float), SIZES, theta, chance=chance, steps=60)
    assert (np.diff(found.likelihoods) >= -1e-6 * abs(found.likelihoods[0])).all()


def test_recovers_what_was_drawn() -> None:
    """On two clear classes EM finds their share and their agreement."""
    levels, match = drawn(20_000, 1)
    counted = count(levels, SIZES)
    start = np.tile([[0.3, 0.7], [0.7, 0.3]], (4, 1))
    found = em.fit(em.one_hot(counted.patterns, SIZES), counted.counts.astype(float), SIZES, start)
    assert found.converged
    assert found.size[0] / found.size.sum() == pytest.approx(match.mean(), abs=0.02)
    assert found.theta[1::2, 0] == pytest.approx([0.9] * 4, abs=0.02)


def test_agrees_with_recordlinkage() -> None:
    """The same pairs as recordlinkage's ECMClassifier on a two-class set."""
    recordlinkage = pytest.importorskip("recordlinkage")
    levels, _ = drawn(4_000, 2)
    index = pd.MultiIndex.from_arrays([range(len(levels)), range(len(levels))])
    reference = recordlinkage.ECMClassifier(binarize=None)
    theirs = set(reference.fit_predict(pd.DataFrame(levels.astype(int), index=index)).get_level_values(0))
    counted = count(levels, SIZES)
    start = np.tile([[0.3, 0.7], [0.7, 0.3]], (4, 1))
    found = em.fit(em.one_hot(counted.patterns, SIZES), counted.counts.astype(float), SIZES, start)
    ours = set(np.flatnonzero(found.responsibility[counted.of_pair, 0] > 0.5).tolist())
    assert ours == theirs


def test_saved_and_read_again() -> None:
    """A model survives JSON exactly, and matches as before when it is given back."""
    table, _ = people(400, seed=5)
    first = engine.match(table)
    assert to_json(from_json(first.model)) == first.model
    again = engine.match(table, model=first.model)
    assert again.model == first.model
    assert again.labels.equals(first.labels)
    assert again.pairs.equals(first.pairs)


def test_model_of_another_version() -> None:
    """A model that this program does not know is refused with the remedy."""
    with pytest.raises(ValueError, match=r"version 99.*goldseam fit"):
        from_json('{"version": 99, "models": {}}')


def test_best_threshold_is_that_of_expected_f1() -> None:
    """Sure pairs are kept, improbable ones are not, and no pair at all gives a sane threshold."""
    p = np.array([0.99] * 50 + [0.3] * 5 + [0.01] * 100)
    assert 0.3 < thresholds.best(p) <= 0.95
    assert thresholds.best(np.zeros(0)) == 0.5
