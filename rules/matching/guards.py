"""Absurd models found before they do harm, said and corrected."""

from dataclasses import replace

import numpy as np

from rules.matching.model import Model
from rules.matching.score import Scored
from rules.matching.types import Floats

MOST_LINKS = 3.0
"""More merged pairs a record than this are not believed without strict proof."""


def check(model: Model, scored: Scored, records: int) -> tuple[Model, Scored, tuple[str, ...]]:
    """The model as it is, or with a stricter threshold, and what was wrong."""
    merged = int((scored.probability >= model.thresholds.best).sum())
    if records < 20 or merged <= MOST_LINKS * records or _tight(scored, model.thresholds.best, records):
        return model, scored, ()
    strict = replace(model.thresholds, best=max(model.thresholds.best, model.thresholds.merge))
    note = (
        f"The model would join {merged:,} pairs among {records:,} {model.party} records, which is hardly true: "
        f"only pairs above {strict.best} are joined. Look at the blocking table and at values that many records share."
    )
    return replace(model, thresholds=strict), scored, (note,)


def _tight(scored: Scored, threshold: float, records: int) -> bool:
    """Whether the merged pairs form small complete groups, as true duplicates of one customer do."""
    keep = scored.probability >= threshold
    degree: Floats = np.bincount(
        np.concatenate([scored.pairs.left[keep], scored.pairs.right[keep]]), minlength=records
    ).astype(float)
    return bool(np.quantile(degree, 0.99) <= 30)
