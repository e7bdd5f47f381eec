"""How far a change reaches: from records that changed to those whose weights or candidates it changes."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.matching.again.before import place
from rules.matching.block import Blocks
from rules.matching.blocks.sample import entries
from rules.matching.encode import Column, Encoded
from rules.matching.frozen import Frozen
from rules.matching.shared import LeftOut
from rules.matching.types import Bools, Longs, distinct, pair_key


@dataclass(frozen=True)
class TwoNights:
    """The records of now and, behind them, the earlier versions of those that changed or are gone, in one table."""

    both: Encoded
    now: Bools
    then: Bools
    encoded: Encoded
    """The records of now, with dictionaries that hold the values of then, too: blocks may have a form of them."""


def together(encoded: Encoded, changed: Bools, earlier: Encoded, left_out: list[LeftOut]) -> TwoNights:
    """`encoded`: the records of now, without the values that are `left_out`; `earlier`: those earlier versions."""
    gone: dict[str, list[str]] = {}
    for v in left_out:
        gone.setdefault(v.column, []).append(v.value)
    encoded, old = _widened(encoded, earlier), len(earlier)
    columns = {n: _behind(c, earlier.columns.get(n), old, gone.get(n, [])) for n, c in encoded.columns.items()}
    sources, ids = (pa.concat_arrays([getattr(encoded, n), getattr(earlier, n)]) for n in ("sources", "ids"))
    there = np.repeat([True, False], [len(encoded), old])
    then = ~there | np.append(~changed, np.zeros(old, bool))
    return TwoNights(Encoded(sources, ids, columns), there, then, encoded)


def _widened(encoded: Encoded, earlier: Encoded) -> Encoded:
    """The records with dictionaries that hold the values of `earlier`; columns that share one go on sharing one."""
    more: dict[int, list[pa.Array]] = {}
    for name, column in encoded.columns.items():
        if name in earlier.columns:
            more.setdefault(id(column.values), [column.values]).append(earlier.columns[name].values)
    wide = {of: _with(own, values) for of, (own, *values) in more.items()}
    columns = (replace(c, values=wide.get(id(c.values), c.values)) for c in encoded.columns.values())
    return encoded.with_columns(*columns)


def _with(values: pa.Array, more: list[pa.Array]) -> pa.Array:
    every = pc.unique(pa.concat_arrays(more))
    return pa.concat_arrays([values, every.filter(pc.invert(pc.is_in(every, value_set=values)))])


def _behind(column: Column, more: Column | None, records: int, left_out: list[str]) -> Column:
    """A column with the values of further records behind, which its dictionary has."""
    codes, sizes = np.full(records, -1, np.int32), np.zeros(records, np.int64)
    if more is not None:
        known = place(more.values, column.values)
        out = place(pa.array(left_out, pa.string()), more.values)
        known[out[out >= 0]] = -1
        codes, sizes = np.append(known, np.int32(-1))[more.codes], more.sizes
    if column.offsets is None:
        first = codes if more is None or more.offsets is None else _firsts(codes, sizes)
        return Column(column.name, column.values, np.concatenate([column.codes, first]))
    if more is not None and more.offsets is None:
        codes = codes[sizes > 0]
    elif more is None:
        codes = codes[:0]
    kept = codes >= 0
    of = np.bincount(np.repeat(np.arange(records), sizes)[kept], minlength=records)
    offsets = np.concatenate([column.offsets, column.offsets[-1] + np.cumsum(of)])
    return Column(column.name, column.values, np.concatenate([column.codes, codes[kept]]), offsets)


def _firsts(codes: np.ndarray, sizes: Longs) -> np.ndarray:
    begin = np.cumsum(sizes) - sizes
    return np.where(sizes > 0, np.append(codes, -1)[begin], -1).astype(np.int32)


def weighed_otherwise(nights: TwoNights, compared: set[str], frozen: Frozen) -> Bools:
    """Records with a value that counts more or less common than then."""
    found = np.zeros(len(nights.both), bool)
    for name in compared:
        column = nights.both.columns[name]
        record, code = entries(column)
        sides = []
        for side in (nights.now, nights.then):
            counts = np.bincount(code[side[record]], minlength=len(column.values)).astype(np.int64)
            sides.append(frozen.effective(column, counts))
        other = (sides[0][0] != sides[1][0]) | (sides[0][1] != sides[1][1])
        found[record[other[code]]] = True
    return found[nights.now]


def counted_with(settled: Encoded, customers: dict[str, Longs], which: Bools) -> Bools:
    """Records that share a value of which the customers are counted with one of `which`."""
    found = which.copy()
    for name, told in customers.items():
        record, code = entries(settled.columns[name])
        theirs = code[which[record]]
        wanted = np.zeros(len(told), bool)
        wanted[theirs] = told[theirs] == 0
        found[record[wanted[code]]] = True
    return found


def pairs_with(rules: list[Blocks], which: Bools) -> Longs:
    """The pairs that blocks give with a record of `which` in them, as sorted numbers (types.pair_key)."""
    return distinct(np.concatenate([np.zeros(0, np.int64), *(_of_rule(rule, which) for rule in rules)]))


def _of_rule(rule: Blocks, which: Bools) -> Longs:
    hit = np.zeros(int(rule.blocks.max(initial=-1)) + 1, bool)
    hit[rule.blocks[which[rule.records]]] = True
    near = hit[rule.blocks]
    record, block = rule.records[near], rule.blocks[near]
    order = np.argsort(block, kind="stable")
    record, block = record[order], block[order]
    begin, size = np.searchsorted(block, np.arange(len(hit))), np.bincount(block, minlength=len(hit))
    own = np.flatnonzero(which[record])
    many = size[block[own]]
    at = np.repeat(begin[block[own]] - (np.cumsum(many) - many), many) + np.arange(int(many.sum()))
    one, other = np.repeat(record[own], many), record[at]
    apart = one != other
    return pair_key(one[apart], other[apart])
