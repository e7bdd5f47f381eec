"""Agreement levels of pairs: each distinct pair of values is compared once, however many pairs of records show it."""

import numpy as np

from rules.matching import kinds
from rules.matching.config import Field
from rules.matching.encode import Column, Encoded
from rules.matching.explained import explained
from rules.matching.types import Bools, Bytes, Ints, Longs, Pairs, Patterns, grouped, pair_key


def compare(pairs: Pairs, encoded: Encoded, comparisons: tuple[Field, ...]) -> Patterns:
    """Levels of each pair (rows) in each comparison (columns)."""
    out = np.empty((len(pairs), len(comparisons)), np.int8, order="F")
    for i, field in enumerate(comparisons):
        if field.name == "name":
            out[:, i] = _whole_names(pairs, encoded, field, comparisons)
        else:
            out[:, i] = field_levels(pairs, encoded, field)
    _swapped(out, pairs, encoded, comparisons)
    explained(out, pairs, encoded, comparisons)
    return Patterns(out)


def field_levels(pairs: Pairs, encoded: Encoded, field: Field) -> Bytes:
    if field.kind == "address":
        return _address(pairs, encoded)
    return _levels(encoded.columns[field.name], pairs.left, pairs.right, field.kind)


def matched(column: Column, left: Ints, right: Ints) -> Ints:
    """The value that both records of each pair hold, -1 where there is none (of several: the rarest)."""
    if column.offsets is None:
        a, b = column.codes[left], column.codes[right]
        return np.where(a == b, a, np.int32(-1)).astype(np.int32)
    many = np.flatnonzero((column.sizes[left] > 1) | (column.sizes[right] > 1))
    a, b = column.first[left], column.first[right]
    out = np.where(a == b, a, np.int32(-1)).astype(np.int32)
    out[many] = -1
    pair, a, b = _combinations(column, left[many], right[many])
    same = a == b
    order = np.argsort(-column.counts[a[same]], kind="stable")
    out[many[pair[same][order]]] = a[same][order]
    return out


def _levels(column: Column, left: Ints, right: Ints, kind: str) -> Bytes:
    if column.offsets is None:
        return code_levels(column, column.codes[left], column.codes[right], kind)
    single = (column.sizes[left] <= 1) & (column.sizes[right] <= 1)
    out = np.full(len(left), -1, np.int8)
    first = column.first
    out[single] = code_levels(column, first[left[single]], first[right[single]], kind)
    many = np.flatnonzero(~single)
    pair, a, b = _combinations(column, left[many], right[many])
    np.maximum.at(out, many[pair], code_levels(column, a, b, kind))
    return out


def _combinations(column: Column, left: Ints, right: Ints) -> tuple[Longs, Ints, Ints]:
    """Every value of the left record with every value of the right: pair number, left code, right code."""
    nl, nr = column.sizes[left], column.sizes[right]
    total = nl * nr
    pair = np.repeat(np.arange(len(left)), total)
    within = np.arange(len(pair)) - np.repeat(np.cumsum(total) - total, total)
    i, j = within // np.maximum(nr[pair], 1), within % np.maximum(nr[pair], 1)
    return pair, column.codes[column.begin[left][pair] + i], column.codes[column.begin[right][pair] + j]


def code_levels(column: Column, a: Ints, b: Ints, kind: str) -> Bytes:
    """Levels of pairs of codes of one dictionary."""
    missing = (a < 0) | (b < 0)
    equal = (a == b) & ~missing
    out = np.zeros(len(a), np.int8)
    rest = np.flatnonzero(~equal & ~missing)
    if len(rest):
        x, y, where = distinct_pairs(a[rest], b[rest])
        out[rest] = kinds.KINDS[kind](column.held, x, y)[where]
    out[equal] = kinds.equal(kind, column.values)[a[equal]]
    out[missing] = -1
    return out


def distinct_pairs(a: Ints, b: Ints) -> tuple[Ints, Ints, Ints]:
    """The distinct unordered pairs of codes, and which of them each pair is."""
    unique, where = grouped(pair_key(a, b))
    return (unique >> 32).astype(np.int32), (unique & 0xFFFFFFFF).astype(np.int32), where


def _address(pairs: Pairs, encoded: Encoded) -> Bytes:
    """Street and house number as one level: see kinds.LEVELS["address"]."""
    whole, street = encoded.columns["address"], encoded.columns["street"]
    a, b = street.codes[pairs.left], street.codes[pairs.right]
    near = code_levels(street, a, b, "street")
    house = _house(pairs, encoded)
    out = np.where(near == 2, np.where(house < 0, 2, house * 3), np.where(near == 1, np.where(house == 1, 3, 0), 0))
    out = np.where((near == 2) & (house == 0), 1, out).astype(np.int8)
    equal = (whole.codes[pairs.left] == whole.codes[pairs.right]) & (a >= 0)
    if "house_number" in encoded.columns:
        no_number = encoded.columns["house_number"].codes[pairs.left] < 0
        equal &= ~no_number | (encoded.columns["house_number"].fill < 0.5)
    out[equal] = 4
    out[(a < 0) | (b < 0)] = -1
    return out


def _house(pairs: Pairs, encoded: Encoded) -> Ints:
    """1 equal, 0 different, -1 missing on a side."""
    column = encoded.columns.get("house_number")
    if column is None:
        return np.full(len(pairs), -1, np.int32)
    a, b = column.codes[pairs.left], column.codes[pairs.right]
    return np.where((a < 0) | (b < 0), -1, a == b).astype(np.int32)


def _position(comparisons: tuple[Field, ...], name: str) -> int | None:
    return next((i for i, f in enumerate(comparisons) if f.name == name), None)


def _swapped(levels: Bytes, pairs: Pairs, encoded: Encoded, comparisons: tuple[Field, ...]) -> None:
    """Given name and surname that stand in each other's column count as very alike, not as different."""
    g, s = _position(comparisons, "given_name"), _position(comparisons, "surname")
    if g is None or s is None or comparisons[g].kind != "name" or comparisons[s].kind != "name":
        return
    rest = np.flatnonzero((levels[:, g] == 0) & (levels[:, s] == 0))
    given, surname = encoded.columns["given_name"], encoded.columns["surname"].first
    left, right = pairs.left[rest], pairs.right[rest]
    one = code_levels(given, given.codes[left], surname[right], "name") >= 2
    other = np.zeros(len(rest), bool)
    other[one] = code_levels(given, surname[left[one]], given.codes[right[one]], "name") >= 2
    levels[rest[other], g] = 2
    levels[rest[other], s] = 2


def unsplit(encoded: Encoded) -> Bools:
    """Records with a whole name of which no part is known apart."""
    parts = [encoded.columns[p].sizes > 0 for p in ("given_name", "surname") if p in encoded.columns]
    whole: Bools = encoded.columns["name"].sizes > 0
    return whole & ~np.logical_or.reduce(parts) if parts else whole


def _whole_names(pairs: Pairs, encoded: Encoded, field: Field, comparisons: tuple[Field, ...]) -> Bytes:
    """The whole name is compared only where a side could not be split: agreement must not count twice."""
    if not any(f.name in ("given_name", "surname") for f in comparisons):
        return field_levels(pairs, encoded, field)
    whole = unsplit(encoded)
    out = np.full(len(pairs), -1, np.int8)
    at = np.flatnonzero(whole[pairs.left] | whole[pairs.right])
    out[at] = field_levels(Pairs(pairs.left[at], pairs.right[at]), encoded, field)
    return out
