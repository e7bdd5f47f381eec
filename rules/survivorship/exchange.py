"""Given name and surname in each other's box: seen by how the other records of the same customer have them."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.survivorship.config import Group
from rules.survivorship.entries import Entries
from rules.survivorship.frequencies import Frequencies
from rules.survivorship.runs import Bools, Floats, Ints, Runs
from rules.survivorship.writings import part_codes

CLEAR = 3.0
"""Log of the odds (nats) at which names that are seen the other way round elsewhere decide a tie."""


@dataclass(frozen=True)
class _Box:
    """One of the two parts: its name, its values as numbers shared by both parts, -1 where missing."""

    part: str
    codes: Ints


def straighten(entries: Entries, group: Group, frequencies: Frequencies | None) -> Entries:
    """The entries with the two parts put right where they were exchanged."""
    if not group.exchanged:
        return entries
    rows = exchanged(entries, group, frequencies)
    if not rows.any():
        return entries
    first, second = group.exchanged
    columns = {first: second}
    if first in group.compare and second in group.compare:
        columns[group.compare[first]] = group.compare[second]
    return entries.exchanging(columns, rows)


def exchanged(entries: Entries, group: Group, frequencies: Frequencies | None) -> Bools:
    """The entries whose two parts stand in each other's place, by their fellows; ties by the whole table."""
    result = np.zeros(len(entries.row), bool)
    runs = Runs.over(entries.golden)
    rows = np.flatnonzero((runs.size > 1)[runs.of]) if len(runs.of) else np.zeros(0, np.int64)
    if not len(rows):
        return result
    one, other, plain = _boxes(entries, group, rows)
    run = Runs.over(entries.golden[rows])
    as_is = _fellows(run, one.codes, one.codes, 1) + _fellows(run, other.codes, other.codes, 1)
    turned = _fellows(run, one.codes, other.codes, 0) + _fellows(run, other.codes, one.codes, 0)
    odds = _odds(one, other, plain, frequencies)
    wants = (turned > as_is) | ((turned == as_is) & (turned > 0) & (odds > CLEAR))
    filled = (one.codes >= 0) | (other.codes >= 0)
    # Where all would turn, two ways stand against each other: the table knows which is which, or nobody does.
    all_want = ~run.any(filled & ~wants)[run.of]
    wants &= ~all_want | (odds > 0)
    all_want = ~run.any(filled & ~wants)[run.of]
    result[rows] = wants & ~all_want
    return result


def _boxes(entries: Entries, group: Group, rows: Ints) -> tuple[_Box, _Box, pa.Array]:
    first, second = group.exchanged
    a, plain_a = part_codes(entries, group, first, rows)
    b, plain_b = part_codes(entries, group, second, rows)
    plain = pc.unique(pa.concat_arrays([plain_a, plain_b]))
    shared = []
    for codes, values in ((a, plain_a), (b, plain_b)):
        place = np.append(pc.index_in(values, value_set=plain).to_numpy(zero_copy_only=False).astype(np.int64), -1)
        shared.append(place[codes])
    return _Box(first, shared[0]), _Box(second, shared[1]), plain


def _fellows(run: Runs, mine: Ints, theirs: Ints, self_: int) -> Ints:
    """How many entries of the same golden record have my value in their box, less myself."""
    span = int(max(mine.max(initial=0), theirs.max(initial=0))) + 1
    known, counts = np.unique((run.of * span + theirs)[theirs >= 0], return_counts=True)
    if not len(known):
        return np.zeros(len(mine), np.int64)
    key = run.of * span + mine
    at = np.minimum(np.searchsorted(known, key), len(known) - 1)
    found = np.where((mine >= 0) & (known[at] == key), counts[at] - self_, 0)
    return np.asarray(found, np.int64)


def _odds(one: _Box, other: _Box, plain: pa.Array, frequencies: Frequencies | None) -> Floats:
    """Log odds, by the frequencies of the whole table, that the two values stand in each other's place."""
    if frequencies is None:
        return np.zeros(len(one.codes))
    first, second = (np.append(np.log(frequencies.values(box.part, plain) - 0.5), 0.0) for box in (one, other))
    turn = second - first
    return np.asarray(turn[one.codes] - turn[other.codes])
