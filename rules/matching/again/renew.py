"""One type of party on a night on which some of its records changed: the steps of `group.match_group`, each for what
the change reaches.
"""

from dataclasses import dataclass

import numpy as np

from rules.matching import copies, guards, thresholds
from rules.matching.again.before import Before
from rules.matching.again.guess import guess
from rules.matching.again.reach import TwoNights, counted_with, pairs_with, together, weighed_otherwise
from rules.matching.again.scored import Now, further, rescored
from rules.matching.block import Blocks, Nights
from rules.matching.blocks import choose as blocking
from rules.matching.blocks.choose import Considered
from rules.matching.cluster import Clusters, Constraints, components
from rules.matching.config import Matching
from rules.matching.encode import Encoded, empty
from rules.matching.frequency import Holders, holders
from rules.matching.frozen import Frozen
from rules.matching.group import clustered
from rules.matching.model import Model
from rules.matching.score import Scored
from rules.matching.shared import LeftOut, leave_out
from rules.matching.types import Bools, Ints


@dataclass(frozen=True)
class Changed:
    """What is other than it was."""

    records: Bools
    """Of the records of now, those that changed or are new."""
    earlier: Encoded
    """The earlier versions of these, and the records that are gone."""
    named: Ints
    """Records of now that people said something of, then or now."""
    left_out: set[tuple[str, str]]
    """Column and value of what was left out as no evidence then."""


@dataclass(frozen=True)
class Frame:
    """What stays as it was: the model, how common values count under it, the settings; and what people decided."""

    model: Model
    frozen: Frozen
    config: Matching
    constraints: Constraints

    @property
    def rules(self) -> tuple[tuple[str, ...], ...] | None:
        """The blocking rules; None where they are chosen anew for all records each time."""
        return self.config.blocking if self.config.blocking is not None else self.model.blocking

    @property
    def threshold(self) -> float:
        """Match probability from which on two records are one customer."""
        return self.model.thresholds.merge if self.config.merge_only else self.model.thresholds.best


@dataclass(frozen=True)
class Renewed:
    """What is found of one type of party."""

    encoded: Encoded
    holders: Holders
    now: Now
    reached: Bools
    """Records whose clusters were worked out again."""
    clusters: Clusters
    """Those of the reached records; every other record is by itself here."""
    considered: list[Considered]
    left_out: list[LeftOut]


def renew(encoded: Encoded, changed: Changed, before: Before, frame: Frame) -> Renewed | None:
    """Pairs and clusters of now.

    None where the change reaches everything: other values are left out, rules that compare all with all, a model that
    is doubted.
    """
    fields = frame.model.fields
    encoded = encoded.with_columns(*(empty(f.name, len(encoded)) for f in fields if f.name not in encoded.columns))
    encoded, left_out = leave_out(encoded, fields, frame.config)
    if {(v.column, v.value) for v in left_out} != changed.left_out or not all(frame.rules or [()]):
        return None
    nights = together(encoded, changed.records, changed.earlier, left_out)
    compared = {f.name for f in fields}
    encoded, customers = frame.frozen.settled(nights.encoded, compared)
    rules, considered, crossed = _blocks(encoded, nights, frame)
    touched = changed.records | crossed | weighed_otherwise(nights, compared, frame.frozen)
    found = guess(encoded, frame.model, before, touched, pairs_with(rules, touched))
    known = holders(encoded, frame.model, found.label, customers)
    now = rescored(encoded, frame.model, known, before, found, counted_with(encoded, customers, found.other))
    now, told = further(now, encoded, frame, known, before, [b.rule for b in rules if b.rule != (copies.COPY,)])
    scored = Scored(now.links.pairs, now.links.weight, now.links.relation)
    if guards.check(frame.model, scored, len(encoded))[2]:
        return None
    reached = _reached(now, before, changed.named, thresholds.bits(frame.threshold), len(encoded))
    some = now.links.some(reached[now.links.pairs.left] & reached[now.links.pairs.right])
    those = Scored(some.pairs, some.weight, some.relation)
    clusters = clustered(those, encoded, frame.model, known, frame.threshold, frame.constraints)
    return Renewed(encoded, known, now, reached, clusters, [*considered, *told], left_out)


def _blocks(encoded: Encoded, nights: TwoNights, frame: Frame) -> tuple[list[Blocks], list[Considered], Bools]:
    """The blocks of now, and the records of those that were too large and are not, or the other way round."""
    watched = Nights(nights.now, nights.then, np.zeros(len(nights.both), bool))
    used, considered = blocking.given(nights.both, frame.rules or (), frame.config, watched)
    return [*copies.together(encoded), *used], considered, watched.crossed[nights.now]


def _reached(now: Now, before: Before, named: Ints, cut: float, records: int) -> Bools:
    """The records in components of likely pairs, as they were and as they are, in which anything is other than then."""
    then = np.where(before.row >= 0, before.row, records + np.arange(len(before.row)))
    likely, old = now.links.weight > cut, before.links.weight > cut
    pairs, earlier = now.links.pairs, before.links.pairs
    left = np.concatenate([pairs.left[likely], then[earlier.left[old]]])
    right = np.concatenate([pairs.right[likely], then[earlier.right[old]]])
    label = components(left, right, records + len(before.row))
    seeds = np.append(now.other, before.row < 0)
    seeds[named] = True
    hit = np.zeros(int(label.max(initial=0)) + 1, bool)
    hit[label[seeds]] = True
    return np.asarray(hit[label[:records]])
