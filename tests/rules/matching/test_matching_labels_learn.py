"""What judgements do to a model: they help where they are right, and do no harm where they are not."""

from dataclasses import replace

import numpy as np
import pytest
from matching_people import people

from rules.matching import engine
from rules.matching.group import Group
from rules.matching.labels.ask import questions
from rules.matching.labels.classes import supervised
from rules.matching.labels.correction import Correction, losses
from rules.matching.labels.judged import Judged
from rules.matching.labels.learn import Learned, learn, strongest, told
from rules.matching.labels.thresholds import moved
from rules.matching.model import Model, from_json, to_json
from rules.matching.score import score, weigh
from rules.matching.types import Pairs
from rules.vocabulary import Relation

NONE = np.zeros(0, np.int64)


@pytest.fixture(scope="module")
def world() -> tuple[Group, np.ndarray]:
    """A thousand records of persons in households, matched, and whether each candidate pair is one person.

    The model is bent: it takes members of a household for one person more often than it should.
    """
    table, who = people(1000, seed=4)
    truth = dict(zip(table["record_id"].to_pylist(), who, strict=True))
    group = engine.match(table).groups["person"]
    entity = np.array([truth[i] for i in group.encoded.ids.to_pylist()])
    pairs = group.scored.pairs
    times = np.where([r in (Relation.SAME, Relation.MOVED) for r in group.model.relations], 6.0, 1.0)
    model = replace(group.model, share=group.model.share * times)
    return replace(group, model=model), entity[pairs.left] == entity[pairs.right]


def asked(group: Group, n: int, seed: int) -> np.ndarray:
    kept = group.kept
    probability = score(kept.counted, kept.scored.pairs, group.encoded, group.model, group.holders).probability
    return questions(probability, kept.counted.of_pair, NONE, n, seed).pairs


def taught(group: Group, rows: np.ndarray, said: np.ndarray) -> Learned:
    pairs = group.scored.pairs
    judged = Judged(Pairs(pairs.left[rows], pairs.right[rows]), said.astype(np.int8))
    return learn(group.model, group.kept.counted, group.encoded, group.holders, judged)


def f1(group: Group, model: Model, same: np.ndarray) -> float:
    """F1 of the candidate pairs at one half."""
    p = score(group.kept.counted, group.scored.pairs, group.encoded, model, group.holders).probability
    joined = p >= 0.5
    return float(2 * (joined & same).sum() / (joined.sum() + same.sum()))


def loss(group: Group, model: Model, same: np.ndarray) -> float:
    """Mean log loss of the candidate pairs, in nats."""
    weight = score(group.kept.counted, group.scored.pairs, group.encoded, model, group.holders).weight
    return float(losses(weight * np.log(2), same.astype(float), 0.01).mean())


@pytest.mark.parametrize("seed", [1, *(pytest.param(s, marks=pytest.mark.soak) for s in (2, 3))])
def test_two_hundred_judgements_help(world: tuple[Group, np.ndarray], seed: int) -> None:
    """A model that joins too much is put right by the pairs that `label` asks about."""
    group, same = world
    rows = asked(group, 200, seed)
    found = taught(group, rows, same[rows])
    assert not found.refused
    assert f1(group, found.model, same) > f1(group, group.model, same) + 0.004
    assert loss(group, found.model, same) < 0.85 * loss(group, group.model, same)


@pytest.mark.parametrize(
    "kind", ["swapped", *(pytest.param(k, marks=pytest.mark.soak) for k in ("coins", "always", "third"))]
)
def test_judgements_that_contradict_do_no_harm(world: tuple[Group, np.ndarray], kind: str) -> None:
    """Tossed coins, swapped keys, one answer to everything, a third of the answers wrong: not worse than none."""
    group, same = world
    rng, rows = np.random.default_rng(5), asked(group, 200, 1)
    truth = same[rows]
    said = {
        "coins": rng.random(len(rows)) < 0.5, "swapped": ~truth, "always": np.ones(len(rows), bool),
        "third": truth ^ (rng.random(len(rows)) < 0.33),
    }[kind]  # fmt: skip
    found = taught(group, rows, said)
    assert f1(group, found.model, same) >= f1(group, group.model, same) - 0.005
    if kind != "third":
        assert found.refused
        assert found.model is group.model
        assert "change no weight" in " ".join(told(found))


def test_a_few_judgements_change_little(world: tuple[Group, np.ndarray]) -> None:
    """Twenty judgements move no pair by more than some two bits."""
    group, same = world
    rows = asked(group, 20, 3)
    found = taught(group, rows, same[rows])
    before, after = (
        weigh(group.scored.pairs, group.encoded, m, group.holders).weight for m in (group.model, found.model)
    )
    assert np.abs(after - before).max() < 2.5


def test_what_was_learned_is_saved_with_the_model(world: tuple[Group, np.ndarray]) -> None:
    """A saved model weighs as it did, and says in words what it learned."""
    group, same = world
    rows = asked(group, 200, 1)
    found = taught(group, rows, same[rows])
    again = from_json(to_json({"person": found.model}))["person"]
    some = Pairs(group.scored.pairs.left[:200], group.scored.pairs.right[:200])
    one, two = (weigh(some, group.encoded, m, group.holders).weight for m in (found.model, again))
    assert np.array_equal(one, two)
    assert again.correction is not None
    assert again.correction.judgements == len(rows)
    assert strongest(found)
    assert "kept apart" in " ".join(told(found))


def test_judgements_hold_classes_in_em(world: tuple[Group, np.ndarray]) -> None:
    """Told that pairs of a pattern are the same, EM expects more of them to be; counts of patterns stay as they are."""
    group, _ = world
    counted = group.kept.counted
    p = score(counted, group.scored.pairs, group.encoded, group.model, group.holders).probability
    row = int(np.flatnonzero((p > 0.2) & (p < 0.8))[0])
    pattern = counted.patterns[counted.of_pair[[row]]].repeat(20, axis=0)
    one = Pairs(group.scored.pairs.left[[row]], group.scored.pairs.right[[row]])
    odds = [
        weigh(one, group.encoded, supervised(group.model, counted, pattern, np.full(20, said, np.int8)), group.holders)
        for said in (0, 1)
    ]
    assert odds[1].weight[0] > odds[0].weight[0]


def test_working_thresholds_move_only_against_evidence(world: tuple[Group, np.ndarray]) -> None:
    """Where people part pairs that would be joined unseen, `merge` rises; where they agree, nothing moves."""
    group, _ = world
    used = Correction({}, 100, 1.0, 0.01, 0.5, 0.4)
    model = replace(group.model, correction=used)
    pairs = Pairs(group.scored.pairs.left[:100], group.scored.pairs.right[:100])
    sure = np.full(100, 0.999)
    for wrong, rises in ((1, False), (20, True)):
        said = (np.arange(100) >= wrong).astype(np.int8)
        found = moved(model, Learned(model, Judged(pairs, said), sure, sure))
        assert (found.thresholds.merge > model.thresholds.merge) is rises
        assert found.thresholds.best == model.thresholds.best
