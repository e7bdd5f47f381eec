"""Which entries write the same name or the same address, and which of those stands for the golden record.

A name or an address never comes half from here and half from there. But "12 Hihg Street, Springfield" and
"12 High St." are one address written twice, and the better half of each is the better address: so entries are
first sorted into writings of one thing, one of these wins, and only its entries vote on the parts.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import process
from rapidfuzz.distance import OSA

from rules.survivorship import text
from rules.survivorship.chain import support
from rules.survivorship.config import Group, Survivorship
from rules.survivorship.consensus import MOST, is_left_out
from rules.survivorship.entries import Entries
from rules.survivorship.runs import Bools, Floats, Ints, Runs, numbered, pairs
from rules.survivorship.vote import YEAR

ALIKE = 0.6
"""Least similarity (1 - edits / letters) of two spellings of one word."""
TELLING = 1.0
"""Weight of a part that says something by itself; a bare country or middle name leads nothing."""
OVERLAP = 0.5
"""Least share of the shorter entry, by weight, that can be compared: one city makes no two addresses one."""
SHORTENED = 0.8
"""Similarity of an initial, or of a value with words left out, to the whole."""


@dataclass(frozen=True)
class Writings:
    """How the entries of each golden record fall together."""

    label: Ints
    """0: the name or address that survives; 1, 2...: others, the best first; -1: nothing is filled in. By entry."""
    voice: Bools
    """Whether the entry votes on the parts of what survives: label 0, in the winning script."""


@dataclass(frozen=True)
class Candidates:
    """Distinct entries of the golden records that have several."""

    of: Ints
    """Candidate of each entry concerned."""
    run: Ints
    codes: dict[str, Ints]
    """Number of each part's compared value, -1 where missing; by candidate."""
    plain: dict[str, pa.Array]
    votes: Floats
    keys: dict[str, Floats]
    """What each rule of the chain looks at."""


def writings(entries: Entries, group: Group, config: Survivorship) -> Writings:
    """Sort the entries of each golden record into writings of the same thing."""
    filled = filled_parts(entries, group)
    label = np.where(filled > 0, 0, -1)
    rows = _with_rivals(entries, filled)
    if len(rows):
        rivals = _candidates(entries, group, config, rows, filled)
        label[rows] = _labels(rivals, group)[rivals.of]
    return Writings(label, (label == 0) & _in_winning_script(entries, group, label))


def filled_parts(entries: Entries, group: Group) -> Ints:
    filled = np.zeros(len(entries.row), np.int64)
    for part in group.fields:
        filled += _present(entries, part)
    return filled


def _present(entries: Entries, part: str) -> Bools:
    present = pc.is_valid(entries.column(part)).to_numpy(zero_copy_only=False)
    return np.asarray(present & ~entries.flagged(part, "withheld"))


def _with_rivals(entries: Entries, filled: Ints) -> Ints:
    """The entries that are not alone with their golden record."""
    rows = np.flatnonzero(filled > 0)
    runs = Runs.over(entries.golden[rows])
    return rows[(runs.size > 1)[runs.of]]


def part_codes(entries: Entries, group: Group, part: str, rows: Ints) -> tuple[Ints, pa.Array]:
    """A part's compared values in some rows, as numbers in alphabetical order; -1 where missing."""
    arrow = pa.array(rows)
    value = pc.take(entries.column(part), arrow)
    if part in group.compare:
        form = pc.take(entries.column(group.compare[part]), arrow)
        value = pc.if_else(pc.is_valid(value), pc.coalesce(form, value), None)
    coded = pc.dictionary_encode(value)
    plain = text.plain(coded.dictionary)
    distinct = pc.unique(plain)
    distinct = pc.take(distinct, pc.sort_indices(distinct))
    index = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    place = np.append(pc.index_in(plain, value_set=distinct).to_numpy(zero_copy_only=False).astype(np.int64), -1)
    codes = place[index]
    codes[entries.flagged(part, "withheld")[rows]] = -1
    return codes, distinct


def _candidates(entries: Entries, group: Group, config: Survivorship, rows: Ints, filled: Ints) -> Candidates:
    run = Runs.over(entries.golden[rows])
    coded = {part: part_codes(entries, group, part, rows) for part, weight in group.fields.items() if weight}
    same, _ = numbered(*(codes for codes, _ in coded.values()))
    weight = _weights(entries, group, config, rows, run)
    source = entries.members.source[entries.member[rows]]
    candidate, first, votes = support(run, same, source, weight, config.votes.copies)
    suspect = np.zeros(len(rows), bool)
    for part in coded:
        suspect |= entries.flagged(part, "suspect")[rows]

    def highest(values: Floats) -> Floats:
        best = np.full(len(first), -np.inf)
        np.maximum.at(best, candidate, values)
        return best

    keys = {
        "unsuspected": highest((~suspect).astype(np.float64)),
        "most_recent": highest(entries.date[rows]),
        "most_complete": highest(filled[rows].astype(np.float64)),
        "most_trusted": highest(entries.members.trust[entries.member[rows]]),
        "most_frequent": np.round(votes, 9),
        "longest": highest(_letters(entries, group, rows)),
    }
    codes = {part: codes[first] for part, (codes, _) in coded.items()}
    plain = {part: values for part, (_, values) in coded.items()}
    return Candidates(candidate, run.of[first], codes, plain, votes, keys)


def _weights(entries: Entries, group: Group, config: Survivorship, rows: Ints, run: Runs) -> Floats:
    weight = np.maximum(2 * entries.members.trust[entries.member[rows]], 0.02) * entries.weight[rows]
    if group.half_life_years is None:
        return weight
    date = entries.date[rows]
    latest = run.max(date)[run.of]
    age = np.where(date >= 0, latest - date, 0) / (YEAR * group.half_life_years)
    return weight * np.where(latest < 0, 1.0, np.where(date >= 0, 0.5**age, config.votes.undated))


def _letters(entries: Entries, group: Group, rows: Ints) -> Floats:
    total = np.zeros(len(rows))
    for part in group.fields:
        total += pc.fill_null(pc.utf8_length(pc.take(entries.column(part), pa.array(rows))), 0).to_numpy()
    return total


def _labels(rivals: Candidates, group: Group) -> Ints:
    """The writing of each candidate: leaders in the order of the chain, each followed by what means the same."""
    left, right, agreed = _same_pairs(rivals, group)
    filled = np.maximum(_weight_filled(rivals, group), 1e-9)
    # An entry speaks for another as far as that one says what it says itself: a bare city speaks for a whole
    # address there, which hardly speaks for a bare city.
    around = rivals.votes + np.bincount(left, agreed / filled[right] * rivals.votes[right], len(rivals.run))
    around += np.bincount(right, agreed / filled[left] * rivals.votes[left], len(rivals.run))
    heaviest = np.max([np.where(codes >= 0, group.fields[part], 0) for part, codes in rivals.codes.items()], axis=0)
    keys = {**rivals.keys, "consensus": np.round(around, 9), "telling": heaviest >= TELLING}
    label = np.full(len(rivals.run), -1, np.int64)
    for number in range(MOST):
        rest = np.flatnonzero(label < 0)
        if not len(rest):
            break
        leaders = rest[_leaders(rivals.run[rest], {name: key[rest] for name, key in keys.items()}, group)]
        leads = np.zeros(len(label), bool)
        leads[leaders] = True
        joins = np.concatenate([right[leads[left]], left[leads[right]]])
        label[joins[label[joins] < 0]] = number
        label[leaders] = number
    label[label < 0] = MOST
    return label


def _leaders(run: Ints, keys: dict[str, Floats], group: Group) -> Ints:
    runs = Runs.over(run)
    alive = np.ones(len(run), bool)
    for name in ("telling", "unsuspected", *group.rules):
        if name in keys:
            alive = runs.keep_best(alive, keys[name])
    return runs.keep_first(alive)


def _weight_filled(rivals: Candidates, group: Group) -> Floats:
    weight = np.zeros(len(rivals.run))
    for part, codes in rivals.codes.items():
        weight += np.where(codes >= 0, group.fields[part], 0.0)
    return weight


def _same_pairs(rivals: Candidates, group: Group) -> tuple[Ints, Ints, Floats]:
    """Pairs of candidates that mean the same, and the weight of the parts in which they agree."""
    left, right = pairs(rivals.run, MOST)
    agreed, weighed = np.zeros(len(left)), np.zeros(len(left))
    for part, codes in rivals.codes.items():
        a, b = codes[left], codes[right]
        both = (a >= 0) & (b >= 0)
        agreed[both] += group.fields[part] * _likeness(a[both], b[both], rivals.plain[part], part in group.exact)
        weighed[both] += group.fields[part]
    filled = _weight_filled(rivals, group)
    enough = weighed >= OVERLAP * np.minimum(filled[left], filled[right])
    same = (weighed > 0) & enough & (agreed >= group.same_from * weighed)
    return left[same], right[same], agreed[same]


def _likeness(a: Ints, b: Ints, plain: pa.Array, exact: bool) -> Floats:
    equal: Floats = (a == b).astype(np.float64)
    differ = np.flatnonzero(a != b)
    if exact or not len(differ):
        return equal
    number, first = numbered(a[differ], b[differ])
    lefts, rights = (pc.take(plain, pa.array(side[differ][first])).to_pylist() for side in (a, b))
    likeness = process.cpdist(lefts, rights, scorer=OSA.normalized_similarity, dtype=np.float64)
    likeness = np.where(likeness >= ALIKE, likeness, 0.0)
    both = zip(lefts, rights, strict=True)
    shortened = np.fromiter((is_left_out(x, y) or is_left_out(y, x) for x, y in both), bool, len(lefts))
    equal[differ] = np.where(shortened, np.maximum(likeness, SHORTENED), likeness)[number]
    return np.asarray(equal)


def _in_winning_script(entries: Entries, group: Group, label: Ints) -> Bools:
    """Whether an entry is written in the script that most votes for the winner use; the original before Latin. A script
    in which a telling part is but an initial, that another one spells out, comes after it.
    """
    script = np.zeros(len(label), np.int64)
    for part in group.fields:
        script |= text.scripts(entries.column(part))
    rows = np.flatnonzero((label == 0) & (script > 0))
    fits = np.ones(len(label), bool)
    runs = Runs.over(entries.golden[rows])
    if not len(rows) or not (runs.max(script[rows]) != runs.min(script[rows])).any():
        return fits
    candidate, first = numbered(runs.of, script[rows])
    votes = np.bincount(candidate, entries.members.trust[entries.member[rows]], len(first))
    of_candidate = Runs.over(runs.of[first])
    bits = script[rows][first]
    pure = np.bitwise_count(bits.astype(np.uint64)) == 1
    alive = np.ones(len(first), bool)
    for key in (_spelled(entries, group, rows, candidate), np.round(votes, 9), pure, bits):
        alive = of_candidate.keep_best(alive, key)
    winner = np.zeros(int(entries.golden[-1]) + 1, np.int64)
    winner[entries.golden[rows][first[alive]]] = bits[alive]
    wanted = winner[entries.golden]
    return np.asarray((script == 0) | (wanted == 0) | (script == wanted))


def _spelled(entries: Entries, group: Group, rows: Ints, candidate: Ints) -> Ints:
    """By candidate, less one for each telling part that none of its rows writes as more than an initial."""
    found = np.zeros(int(candidate.max(initial=-1)) + 1, np.int64)
    for part, weight in group.fields.items():
        if weight >= TELLING:
            value = pc.take(entries.column(part), pa.array(rows))
            initial = pc.fill_null(pc.match_substring_regex(value, r"^\p{L}\.?$"), False).to_numpy(zero_copy_only=False)
            there = pc.is_valid(value).to_numpy(zero_copy_only=False)
            short = np.bincount(candidate, there & initial, len(found)) > 0
            found -= short & (np.bincount(candidate, there & ~initial, len(found)) == 0)
    return found
