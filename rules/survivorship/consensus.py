"""The value that best explains all that was written: a noisy channel over the votes.

Each candidate is asked how likely the others' votes are if it were the true value and they were slips of the
keyboard, and how likely it is to be written at all (Kernighan, Church & Gale, *A spelling correction program
based on a noisy channel model*, COLING 1990). Votes are weighed by source and not counted, since copies are no
witnesses (Dong, Berti-Equille & Srivastava, *Integrating conflicting data: the role of source dependence*, PVLDB
2009). With equal prices for all slips this is the medoid of the cluster (Kohonen's set median, 1985), whose
distance here is Damerau's optimal string alignment; the winner always is a value that somebody wrote.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import process
from rapidfuzz.distance import OSA

from rules.survivorship import text
from rules.survivorship.config import Slips
from rules.survivorship.frequencies import Frequencies
from rules.survivorship.runs import Floats, Ints, Runs, numbered, pairs

MOST = 40
"""Candidates of one field of one golden record that are weighed against each other; the weightiest."""


@dataclass(frozen=True)
class Ballot:
    """Candidates: distinct values of a golden record, sorted by run."""

    run: Ints
    code: Ints
    weight: Floats
    values: pa.Array
    """The plain value of each code."""


def scores(ballot: Ballot, slips: Slips, field: str, frequencies: Frequencies | None) -> Floats:
    """The log likelihood (nats, but for a constant a run) of each candidate being the true value."""
    order = np.lexsort((ballot.code, -ballot.weight, ballot.run))
    run, code, weight = ballot.run[order], ballot.code[order], ballot.weight[order]
    left, right = pairs(run, MOST)
    # If `left` is true, `right` is a slip, and the other way round.
    of_right, of_left = _prices(code[left], code[right], ballot.values, slips)
    score = _prior(ballot.values, slips, field, frequencies)[code]
    score -= np.bincount(left, weight[right] * of_right, len(run))
    score -= np.bincount(right, weight[left] * of_left, len(run))
    runs = Runs.over(run)
    score[np.arange(len(run)) - runs.start[runs.of] >= MOST] = -np.inf
    result = np.empty(len(run))
    result[order] = np.round(score, 9)
    return result


def _prior(values: pa.Array, slips: Slips, field: str, frequencies: Frequencies | None) -> Floats:
    if frequencies is None:
        return np.zeros(len(values))
    cap = slips.frequency_cap
    # Less this golden record itself, and half a count for what nobody was seen to write.
    whole = np.log(np.clip(frequencies.values(field, values) - 1, 0, cap) + 0.5)
    letters = np.log(np.clip(frequencies.letters(field, values) - 1, 0, cap) + 0.5)
    return np.where(text.is_word(values), slips.frequency * whole + slips.letters * letters, 0.0)


def _prices(left: Ints, right: Ints, values: pa.Array, slips: Slips) -> tuple[Floats, Floats]:
    """The price of writing right where left is true, and left where right is true; each distinct pair once."""
    number, first = numbered(left, right)
    a, b = (pc.take(values, pa.array(side[first])).to_pylist() for side in (left, right))
    edits = process.cpdist(a, b, scorer=OSA.distance, dtype=np.int32)
    price = np.minimum(slips.typo + slips.further * (edits - 1.0), slips.other)
    longer = np.fromiter((max(len(x), len(y)) for x, y in zip(a, b, strict=True)), np.int64, len(a))
    price = np.where(2 * edits > longer, slips.other, price)
    short_right = np.fromiter((is_left_out(y, x) for x, y in zip(a, b, strict=True)), bool, len(a))
    short_left = np.fromiter((is_left_out(x, y) for x, y in zip(a, b, strict=True)), bool, len(a))
    of_right = np.where(short_right, np.minimum(price, slips.left_out), price)
    of_left = np.where(short_left, np.minimum(price, slips.left_out), price)
    return of_right[number], of_left[number]


def is_left_out(short: str, whole: str) -> bool:
    """Whether a value is the beginning of another: an initial, or words or parts of a date left out."""
    short = short.rstrip(".")
    if not short or len(short) >= len(whole) or not whole.startswith(short):
        return False
    return (len(short) == 1 and short.isalpha()) or whole[len(short)] in " -.,"
