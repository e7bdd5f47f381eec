"""The pairs of now: those that stay as they were, and those that are scored again."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from rules.matching.again.before import Before, Links
from rules.matching.again.guess import Guess
from rules.matching.blocks.choose import Considered
from rules.matching.blocks.second_round import second_round
from rules.matching.clusters.contract import among
from rules.matching.compare import compare
from rules.matching.encode import Encoded
from rules.matching.frequency import Holders
from rules.matching.group import SECOND
from rules.matching.model import Model
from rules.matching.score import probability, score
from rules.matching.types import Bools, Bytes, Pairs, count, pair_key, unpacked

if TYPE_CHECKING:
    from rules.matching.again.renew import Frame


@dataclass(frozen=True)
class Now:
    """The pairs of now."""

    links: Links
    """Those that stay as they were, then those that were scored again."""
    levels: Bytes
    """Of the pairs that were scored again."""
    stays: Bools
    """Which of the earlier pairs stay as they were."""
    other: Bools
    """Records with a pair that was scored again, or is no candidate any more."""


def rescored(encoded: Encoded, model: Model, known: Holders, before: Before, found: Guess, other: Bools) -> Now:
    """The pairs of the first round. `other`: records whose pairs weigh otherwise than then."""
    pairs = before.now
    there = (pairs.left >= 0) & (pairs.right >= 0)
    a, b = pairs.left, pairs.right
    stays = there & ~other[a] & ~other[b]
    again = there & ~before.links.second & ~stays & ~found.touched[a] & ~found.touched[b]
    keys = np.sort(np.concatenate([found.pairs, pair_key(a[again], b[again])]))
    fresh, levels = _scored(unpacked(keys), encoded, model, known)
    first = stays & ~before.links.second
    return Now(_now(before, first).and_those(fresh), levels, stays, other)


def further(
    now: Now, encoded: Encoded, frame: "Frame", known: Holders, before: Before, rules: list[tuple[str, ...]]
) -> tuple[Now, list[Considered]]:
    """The same with the pairs of the second round: it is done for all, and what it did not find then is scored."""
    most = int(frame.config.second_round * len(encoded))
    if frame.config.blocking is not None or not most:
        return replace(now, stays=now.stays & ~before.links.second), []
    links = now.links
    extra = second_round(encoded, known.label, links.pairs, probability(links.weight), rules, most)
    keys = pair_key(extra.left, extra.right)
    pairs = before.now
    earlier = pair_key(pairs.left, pairs.right)
    kept = now.stays & before.links.second
    kept[kept] = among(earlier[kept], keys)
    new = keys[~among(keys, np.sort(earlier[kept]))]
    fresh, levels = _scored(unpacked(new), encoded, frame.model, known, second=True)
    other = now.other.copy()
    for gone in (
        pairs.left[now.stays & before.links.second & ~kept],
        pairs.right[now.stays & before.links.second & ~kept],
    ):
        other[gone] = True
    other[fresh.pairs.left], other[fresh.pairs.right] = True, True
    stays = np.where(before.links.second, kept, now.stays)
    old = int(now.links.pairs.left.size - len(now.levels))
    first = np.arange(len(links)) < old
    both = links.some(first).and_those(_now(before, kept)).and_those(links.some(~first)).and_those(fresh)
    told = [Considered((SECOND,), len(extra), 0, 0, 0, True, "in the neighbourhood of what matched")] * bool(len(extra))
    return Now(both, np.concatenate([now.levels, levels]), stays, other), told


def _now(before: Before, which: Bools) -> Links:
    """Some of the earlier pairs, records by their numbers of now."""
    some = before.links.some(which)
    return replace(some, pairs=Pairs(before.row[some.pairs.left], before.row[some.pairs.right]))


def _scored(
    pairs: Pairs, encoded: Encoded, model: Model, known: Holders, *, second: bool = False
) -> tuple[Links, Bytes]:
    """Pairs with weights and relations, and the levels of each."""
    levels = compare(pairs, encoded, model.fields).levels
    found = score(count(levels, model.sizes), pairs, encoded, model, known)
    return Links(pairs, found.weight, found.relation, np.full(len(pairs), second)), levels
