"""Any pairs of records weighed once more, by their keys; what holds some records together, and whom they would be."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from rules.matching import copies, story
from rules.matching.engine import Matched
from rules.matching.regroup import regrouped
from rules.matching.score import weigh
from rules.matching.types import Floats, Pairs

Key: TypeAlias = tuple[str, str]


def weights(matched: Matched, pairs: Sequence[tuple[Key, Key]]) -> Floats:
    """Match weight of each pair in bits; nan where the two were never compared: a person and a firm, or unknown.

    Copies that were not matched themselves weigh what the copy weighs that stands for them.
    """
    likes = [(matched.further.get(a, a), matched.further.get(b, b)) for a, b in pairs]
    out = np.array([copies.WEIGHT if a == b else np.nan for a, b in likes])
    for group in matched.groups.values():
        rows = [(group.row(a), group.row(b)) if a != b else (None, None) for a, b in likes]
        here = np.array([n for n, (a, b) in enumerate(rows) if a is not None and b is not None], np.int64)
        if len(here):
            both = np.sort(np.array([rows[n] for n in here], np.int32), axis=1)
            one = Pairs(both[:, 0], both[:, 1])
            out[here] = weigh(one, group.encoded, group.model, group.holders).weight
    return out


def together(matched: Matched, records: Sequence[Key]) -> story.Story | None:
    """The story that some records would have as one customer, however they were clustered: of those that are of one
    type of party, the most. None where none of them is there.
    """
    wanted = {matched.further.get(key, key) for key in records}
    rows = [(group, [r for key in wanted if (r := group.row(key)) is not None]) for group in matched.groups.values()]
    group, found = max(rows, key=lambda of: len(of[1]))
    return story.together(group, np.array(sorted(found), np.int32)) if found else None


def parted(matched: Matched, records: Sequence[Key]) -> list[list[Key]]:
    """The customers that some of the records matched would be, in the order of their first records."""
    label: dict[Key, tuple[int, int]] = {}
    for number, group in enumerate(matched.groups.values()):
        labels = regrouped(group)
        for key in {matched.further.get(key, key) for key in records}:
            if (row := group.row(key)) is not None:
                label[key] = (number, int(labels[row]))
    found: dict[tuple[int, int] | Key, list[Key]] = {}
    for key in records:
        like = matched.further.get(key, key)
        found.setdefault(label.get(like, like), []).append(key)
    return list(found.values())
