"""Candidate pairs in SQL: records that share a block of at least one rule.

A rule is made into a table of records and block numbers first (`blocks`), so that the join is on one integer and can be
handed to any SQL engine. What several rules find is one pair all the same; null never joins.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa

from rules import duck
from rules.matching import keys
from rules.matching.encode import Column, Encoded
from rules.matching.types import Bools, Ints, Longs, Pairs, distinct, grouped, unpacked

SPLIT_BY: Final = ("birth_date", "postcode", "given_name", "surname", "house_number", "street", "city", "organisation")
"""By these, in this order, a block that is too large is split, where nothing is known of the data."""
AT_ONCE: Final = 2_000_000
NO_BLOCK: Final = -1


@dataclass(frozen=True)
class Blocks:
    """One rule worked out: the records that share a block with another, entry by entry (a record may be in several)."""

    rule: tuple[str, ...]
    records: Ints
    blocks: Ints
    split: tuple[str, ...] = ()
    """Columns by which blocks that were too large were split."""
    refused: int = 0
    """Blocks that stayed too large and are left out."""
    refused_pairs: int = 0
    largest: int = 0

    @property
    def pairs(self) -> int:
        """Pairs the rule would give, before those of earlier rules are taken off."""
        size = np.bincount(self.blocks).astype(np.int64) if len(self.blocks) else np.zeros(0, np.int64)
        return int((size * (size - 1) // 2).sum())

    def later_mates(self, records: int) -> Longs:
        """For each of all records how many pairs the rule gives in which it is the left, the lower one."""
        order = np.argsort(self.blocks.astype(np.int64) << 32 | self.records)
        last = np.cumsum(np.bincount(self.blocks, minlength=1))[self.blocks[order]]
        mates = np.bincount(self.records[order], last - np.arange(len(order)) - 1, minlength=records)
        return mates.astype(np.int64)


@dataclass(frozen=True)
class Nights:
    """Records of two nights in one table: which are there now, which were there then.

    `crossed` is told the records of blocks that were too large then and are not now, or the other way round.
    """

    now: Bools
    then: Bools
    crossed: Bools

    def note(self, record: Ints, code: Ints, largest_block: int) -> None:
        many = int(code.max(initial=-1)) + 1
        large = [np.bincount(code[side[record]], minlength=many) > largest_block for side in (self.now, self.then)]
        self.crossed[record[(large[0] != large[1])[code]]] = True


def blocks(
    encoded: Encoded,
    rule: tuple[str, ...],
    largest_block: int,
    made: dict[str, Column] | None = None,
    split_by: tuple[str, ...] = SPLIT_BY,
    nights: Nights | None = None,
) -> Blocks:
    """The blocks of one rule. One key of a rule may hold several values a record (e-mails, words).

    `made` keeps the columns of keys from rule to rule; `split_by`: columns by which too large blocks are split;
    `nights`: blocks are those of the records that are there now.
    """
    formed = {} if made is None else made
    for k in rule:
        if k not in formed:
            formed[k] = keys.column(encoded, k)
    record, code = _entries(encoded, [formed[k] for k in rule])
    size = _sizes(record, code, largest_block, nights)
    split: list[str] = []
    used = {keys.split(k)[0] for k in rule}
    for name in split_by:
        if size.max() <= largest_block:
            break
        if name in used or not keys.has(encoded, name):
            continue
        code = _split(code, size[code] > largest_block, encoded.columns[name].first[record])
        record, code = record[code >= 0], code[code >= 0]
        size = _sizes(record, code, largest_block, nights)
        split.append(name)
    if nights:
        record, code = record[nights.now[record]], code[nights.now[record]]
    refused = size[size > largest_block].astype(np.int64)
    kept = (size > 1) & (size <= largest_block)
    entries = kept[code] if len(code) else np.zeros(0, bool)
    number = (np.cumsum(kept) - 1).astype(np.int32)
    refused_pairs = int((refused * (refused - 1) // 2).sum())
    biggest = int(size[kept].max(initial=0))
    return Blocks(rule, record[entries], number[code[entries]], tuple(split), len(refused), refused_pairs, biggest)


def _sizes(record: Ints, code: Ints, largest_block: int, nights: Nights | None) -> Longs:
    """How many records each block has."""
    if nights is None:
        return np.bincount(code, minlength=1)
    nights.note(record, code, largest_block)
    return np.bincount(code[nights.now[record]], minlength=int(code.max(initial=0)) + 1)


def _entries(encoded: Encoded, columns: list[Column]) -> tuple[Ints, Ints]:
    """Record and combined key of each entry that has every key of the rule, and shares each with another."""
    lists = [c for c in columns if c.offsets is not None]
    record = np.arange(len(encoded), dtype=np.int32)
    if lists:
        record = np.repeat(record, lists[0].sizes)
    # Of a second list only the first value counts: a rule with two lists would join every with every.
    parts = [lists[0].codes if lists and c is lists[0] else c.first[record] for c in columns]
    known = np.ones(len(record), bool)
    for column, part in zip(columns, parts, strict=True):
        known &= np.append(column.counts > 1, False)[part]
    if len(parts) == 1:
        return record[known], parts[0][known]
    code, most = np.zeros(int(known.sum()), np.int64), 1
    for column, part in zip(columns, parts, strict=True):
        size = len(column.values) + 1
        if most * size > np.iinfo(np.int64).max:
            code, most = grouped(code)[1].astype(np.int64), len(code)
        code, most = code * size + part[known], most * size
    return record[known], grouped(code)[1]


def _split(code: Ints, too_large: Bools, by: Ints) -> Ints:
    """Entries of large blocks get a block of their own for each value of `by`; those without the value leave."""
    key = np.where(too_large, code.astype(np.int64) * (int(by.max(initial=0)) + 2) + by + 1 + len(code), code)
    out = grouped(key)[1]
    out[too_large & (by < 0)] = NO_BLOCK
    return out


def block(
    encoded: Encoded, rules: list[Blocks], *, link: bool = False, threads: int = 2, at_once: int = AT_ONCE
) -> Iterator[Pairs]:
    """Pairs of records that share a block, each pair once. With `link` only pairs of different sources.

    They come sorted by left and right record, in partitions by ranges of the left one, of about `at_once` pairs
    each; the number of threads changes nothing. A partition can be handed to any SQL engine by itself.
    """
    if not rules:  # a few records that are only to be weighed
        yield unpacked(np.zeros(0, np.int64))
        return
    with duck.session(threads) as con:
        _load(con, encoded, rules, link)
        for low, high in _ranges(rules, len(encoded), at_once):
            found = [_keys(con, _sql(n, link), low, high) for n in range(len(rules))]
            key = distinct(np.concatenate([np.zeros(0, np.int64), *found]))
            yield unpacked(key)


def new_pairs(
    encoded: Encoded, rules: list[Blocks], *, link: bool = False, threads: int = 2, at_once: int = AT_ONCE
) -> list[int]:
    """How many pairs each rule gives that no rule before it gives; joined and counted, not kept."""
    counts = [0] * len(rules)
    with duck.session(threads) as con:
        _load(con, encoded, rules, link)
        for low, high in _ranges(rules, len(encoded), at_once):
            seen = np.zeros(0, np.int64)
            for n in range(len(rules)):
                every = distinct(np.concatenate([seen, _keys(con, _sql(n, link), low, high)]))
                counts[n] += len(every) - len(seen)
                seen = every
    return counts


def gather(batches: Iterable[Pairs]) -> Pairs:
    """All pairs in one."""
    held = [Pairs(np.zeros(0, np.int32), np.zeros(0, np.int32)), *batches]
    return Pairs(np.concatenate([b.left for b in held]), np.concatenate([b.right for b in held]))


def _ranges(rules: list[Blocks], records: int, at_once: int) -> list[tuple[int, int]]:
    """Ranges of records that are the left ones of at most `at_once` pairs; one record may have more."""
    if sum(rule.pairs for rule in rules) <= at_once:
        return [(0, records)]
    mates = np.zeros(records, np.int64)
    for rule in rules:
        mates += rule.later_mates(records)
    total = np.cumsum(mates)
    ranges, low = [], 0
    while low < records:
        behind = int(total[low - 1]) if low else 0
        high = max(int(np.searchsorted(total, behind + at_once, side="right")), low + 1)
        ranges.append((low, min(high, records)))
        low = high
    return ranges


def _keys(con: duckdb.DuckDBPyConnection, sql: str, low: int, high: int) -> Longs:
    """The pairs of one rule and range, left and right record as one number."""
    key: Longs = con.sql(sql, params={"low": low, "high": high}).to_arrow_table()["key"].to_numpy()
    return key


def _load(con: duckdb.DuckDBPyConnection, encoded: Encoded, rules: list[Blocks], link: bool) -> None:
    """A table `e0`, `e1`... a rule: the records in its blocks, and the number of the block."""
    for number, rule in enumerate(rules):
        columns = {"row": pa.array(rule.records), "k": pa.array(rule.blocks)}
        if link:
            columns["source"] = pa.array(encoded.source_codes[rule.records])
        con.register(f"e{number}", pa.table(columns))


def _sql(number: int, link: bool) -> str:
    """The pairs of one rule, left records from $low to before $high; a pair in several blocks comes several times."""
    left = f"(select * from e{number} where row >= $low and row < $high)"  # noqa: S608 - names of our own
    where = "l.row < r.row" + (" and l.source <> r.source" if link else "")
    return f"select l.row::bigint << 32 | r.row as key from {left} l join e{number} r on l.k = r.k where {where}"  # noqa: S608
