"""Evidence between groups of records: as one record each, and pair by pair."""

from dataclasses import replace

import numpy as np
import pytest
from matching_people import people

from rules.matching import engine, score
from rules.matching.clusters.linkage import CLIP, OWN, Linkage
from rules.matching.compare import compare
from rules.matching.group import Group
from rules.matching.types import Pairs, count
from rules.vocabulary import PartyType


@pytest.fixture(scope="module")
def group() -> Group:
    return engine.match(people(300, seed=41)[0]).groups[PartyType.PERSON]


def test_single_records_are_weighed_as_pairs_are(group: Group) -> None:
    """Two single records: evidence has the sign of their weight, and as one record they weigh what the model says.

    But for what `score` adds to the model: that likeness never outweighs equality, and which fields are missing.
    """
    linkage = Linkage(group.encoded, group.model, group.holders, 1.0)
    pairs = group.scored.pairs
    weight, traits = linkage.weigh(pairs)
    assert weight == pytest.approx(group.scored.weight - 1.0)
    assert (np.sign(linkage.bits(traits)) == np.sign(np.round(np.clip(weight, *CLIP), 9))).all()
    counted = count(compare(pairs, group.encoded, group.model.fields).levels, group.model.sizes)
    bare = replace(group.model, masks={})
    odds = score.evidence(counted, pairs, group.encoded, bare, group.holders).log_odds / np.log(2)
    assert np.median(np.abs(linkage.as_one(traits) - odds)) < 1e-6


def test_copies_add_no_evidence(group: Group) -> None:
    """Ten pairs of the same traits say what one says: evidence between groups is an average, not a sum."""
    linkage = Linkage(group.encoded, group.model, group.holders, 0.0)
    _, traits = linkage.weigh(Pairs(group.scored.pairs.left[:200], group.scored.pairs.right[:200]))
    assert linkage.as_one(10 * traits) == pytest.approx(linkage.as_one(traits))
    assert linkage.bits(20 * traits) == pytest.approx(linkage.bits(10 * traits))


def test_a_missing_field_is_filled_by_companions(group: Group) -> None:
    """As one record, a group says of a field what the pairs say that know it, however many do not."""
    linkage = Linkage(group.encoded, group.model, group.holders, 0.0)
    _, known = linkage.weigh(group.scored.pairs)
    model, wide = group.model, len(group.model.theta)
    for i, (start, size) in enumerate(zip(model.starts, model.sizes, strict=True)):
        unknown = known.copy()
        unknown[:, OWN + start : OWN + start + size] = 0
        unknown[:, OWN + wide + start : OWN + wide + start + size] = 0
        unknown[:, [OWN + 2 * wide + i, OWN + 2 * wide + len(model.fields) + i]] = 0
        assert linkage.as_one(known + 4 * unknown) == pytest.approx(linkage.as_one(known))
