"""Memory has a limit, pairs have none: batches and a temporary file change nothing that is found."""

import tracemalloc

import numpy as np
import pytest
from matching_people import people

from rules.matching import engine
from rules.matching.block import block, blocks
from rules.matching.config import Matching, default_fields
from rules.matching.encode import encode
from rules.matching.engine import Matched
from rules.matching.stream import MEGABYTE, WORTH, Compared
from rules.matching.types import Pairs
from rules.vocabulary import PartyType

RULES = (("emails",), ("phones",), ("surname",), ("given_name", "birth_date.year"), ("postcode",))


@pytest.fixture(scope="module")
def found() -> list[Matched]:
    """One set matched with much memory and with very little."""
    table, _ = people(1500, seed=5)
    return [engine.match(table, config=Matching(blocking=RULES, memory=memory)) for memory in (1000, 1)]


def test_memory_changes_nothing(found: list[Matched]) -> None:
    """With a thousandth of the memory the model, the clusters and every pair that says something are the same."""
    much, little = found
    assert little.model == much.model
    assert little.labels.equals(much.labels)
    worth = much.pairs["match_probability"].to_numpy() >= WORTH
    assert set(zip(*_keys(much, worth), strict=True)) <= set(zip(*_keys(little), strict=True))


def test_what_is_not_kept_is_said(found: list[Matched]) -> None:
    """Where the pairs do not fit, those that say nothing are left out of the table, and the notes say how many."""
    much, little = found
    gone = len(much.pairs) - len(little.pairs)
    assert gone > 0
    assert any(f"{gone:,} pairs" in note for note in little.notes)
    assert not any("not in the table of pairs" in note for note in much.notes)


def _keys(matched: Matched, which: np.ndarray | None = None) -> list[list[str]]:
    pairs = matched.pairs if which is None else matched.pairs.filter(which)
    return [pairs[name].to_pylist() for name in ("left_id", "right_id", "match_weight")]


def test_pairs_pass_through_a_file() -> None:
    """What is read back are the pairs that were added, batch by batch, with the levels they had."""
    encoded = encode(people(400, seed=6)[0])
    fields = tuple(f for f in default_fields(PartyType.PERSON) if f.name in ("given_name", "surname", "birth_date"))
    with Compared(encoded, fields, memory=1) as compared:
        rng = np.random.default_rng(1)
        added = [_random(rng, len(encoded)) for _ in range(60)]
        for pairs in added:
            compared.add(pairs)
        assert len(compared) * 12 > MEGABYTE // 4
        read = list(compared.batches())
        assert int(compared.counted.counts.sum()) == len(compared)
    for (pairs, counted), before in zip(read, added, strict=True):
        assert np.array_equal(pairs.left, before.left)
        assert np.array_equal(pairs.right, before.right)
        assert len(counted.of_pair) == len(pairs)


def _random(rng: np.random.Generator, n: int) -> Pairs:
    left = rng.integers(0, n - 1, 500).astype(np.int32)
    return Pairs(left, np.minimum(left + 1 + rng.integers(0, 5, 500), n - 1).astype(np.int32))


def test_blocking_holds_one_partition() -> None:
    """Pairs of a rule that gives very many are handed on in parts: what is held does not grow with their number."""
    encoded = encode(people(3000, seed=7)[0])
    wide = blocks(encoded, ("city.1",), 3000)
    assert wide.pairs > 100_000
    tracemalloc.start()
    total = sum(len(pairs) for pairs in block(encoded, [wide], at_once=20_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == wide.pairs
    assert peak < total * 8
