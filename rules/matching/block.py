"""Candidate pairs in SQL: records that share a block of at least one rule.

A rule is made into one column of block numbers first (`blocks`), so that the join is on one integer a rule and can
be handed to any SQL engine. Each pair comes from the first rule that finds it; null never joins.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa

from rules.matching import keys
from rules.matching.encode import Column, Encoded
from rules.matching.types import Bools, Ints, Longs, Pairs

SPLIT_BY: Final = ("birth_date", "postcode", "given_name", "surname", "house_number", "street", "city", "organisation")
"""By these, in this order, a block that is too large is split."""
BATCH: Final = 500_000
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

    @property
    def several(self) -> bool:
        """Whether a record may be in several blocks."""
        return len(self.records) > 0 and bool((np.diff(np.sort(self.records)) == 0).any())


def blocks(
    encoded: Encoded, rule: tuple[str, ...], largest_block: int, made: dict[str, Column] | None = None
) -> Blocks:
    """The blocks of one rule. One key of a rule may hold several values a record (e-mails, words).

    `made` keeps the columns of keys from rule to rule.
    """
    formed = {} if made is None else made
    for k in rule:
        if k not in formed:
            formed[k] = keys.column(encoded, k)
    record, code = _entries(encoded, [formed[k] for k in rule])
    split: list[str] = []
    too_large = _too_large(code, largest_block)
    used = {k.partition(".")[0] for k in rule}
    for name in SPLIT_BY:
        if not too_large.any():
            break
        if name in used or not keys.has(encoded, name):
            continue
        code = _split(code, too_large, encoded.columns[name].first[record])
        split.append(name)
        too_large = _too_large(code, largest_block)
    size = np.bincount(code[too_large]) if too_large.any() else np.zeros(0, np.int64)
    size = size[size > 0].astype(np.int64)
    keep = ~too_large & (code >= 0)
    record, code = _shared(record[keep], code[keep])
    biggest = int(np.bincount(code).max()) if len(code) else 0
    return Blocks(rule, record, code, tuple(split), len(size), int((size * (size - 1) // 2).sum()), biggest)


def _entries(encoded: Encoded, columns: list[Column]) -> tuple[Ints, Ints]:
    """Record and combined key of each entry that has every key of the rule."""
    lists = [c for c in columns if c.offsets is not None]
    record = np.arange(len(encoded), dtype=np.int32)
    if lists:
        record = np.repeat(record, lists[0].sizes)
    code = np.zeros(len(record), np.int64)
    known = np.ones(len(record), bool)
    for column in columns:
        # Of a second list only the first value counts: a rule with two lists would join every with every.
        part = lists[0].codes if lists and column is lists[0] else column.first[record]
        known &= part >= 0
        code = _dense(code * (len(column.values) + 1) + part)
    return record[known], code[known].astype(np.int32)


def _dense(key: Longs) -> Longs:
    import pandas as pd  # its hash table is several times faster than sorting

    return pd.factorize(key)[0].astype(np.int64)


def _too_large(code: Ints, largest: int) -> Bools:
    if not len(code):
        return np.zeros(0, bool)
    return (code >= 0) & (np.bincount(np.maximum(code, 0))[np.maximum(code, 0)] > largest)


def _split(code: Ints, too_large: Bools, by: Ints) -> Ints:
    """Entries of large blocks get a block of their own for each value of `by`; those without the value leave."""
    key = np.where(too_large, code.astype(np.int64) * (int(by.max(initial=0)) + 2) + by + 1 + len(code), code)
    out = _dense(key).astype(np.int32)
    out[too_large & (by < 0)] = NO_BLOCK
    return out


def _shared(record: Ints, code: Ints) -> tuple[Ints, Ints]:
    """Only the entries whose block holds two records or more, blocks numbered anew."""
    if not len(code):
        return record, code
    keep = np.bincount(code)[code] > 1
    return record[keep], _dense(code[keep].astype(np.int64)).astype(np.int32)


def block(encoded: Encoded, rules: list[Blocks], *, link: bool = False, threads: int = 2) -> Iterator[Pairs]:
    """Pairs of records that share a block, in batches, each pair once. With `link` only pairs of different sources.

    The order of pairs within a rule is not fixed; sort where it matters.
    """
    con = duckdb.connect()
    try:
        con.execute(f"set threads={int(threads)}")
        _load(con, encoded, rules, link)
        for number in range(len(rules)):
            reader = con.sql(_sql(rules, number, link)).to_arrow_reader(BATCH)
            for batch in reader:
                left, right = (batch.column(i).to_numpy(zero_copy_only=False) for i in range(2))
                yield Pairs(left.astype(np.int32), right.astype(np.int32), number)
    finally:
        con.close()


def _load(con: duckdb.DuckDBPyConnection, encoded: Encoded, rules: list[Blocks], link: bool) -> None:
    """Table `r`: one row a record, a column of block numbers a rule (a list where a record has several)."""
    columns: dict[str, pa.Array] = {"row": pa.array(np.arange(len(encoded), dtype=np.int32))}
    if link:
        columns["source"] = pa.array(encoded.source_codes)
    for i, rule in enumerate(rules):
        order = np.argsort(rule.records, kind="stable")
        records, codes = rule.records[order], rule.blocks[order]
        if rule.several:
            offsets = np.searchsorted(records, np.arange(len(encoded) + 1)).astype(np.int32)
            columns[f"b{i}"] = pa.ListArray.from_arrays(pa.array(offsets), pa.array(codes))
        else:
            dense = np.full(len(encoded), NO_BLOCK, np.int32)
            dense[records] = codes
            columns[f"b{i}"] = pa.array(dense, mask=dense < 0)
    con.register("r", pa.table(columns))


def _sql(rules: list[Blocks], number: int, link: bool) -> str:
    """The pairs of one rule that no earlier rule finds."""
    used = [f"b{i}" for i in range(number)] + (["source"] if link else [])
    here = f"b{number}"
    earlier = [_apart(f"b{i}", rules[i].several) for i in range(number)]
    where = " and ".join(["l.row < r.row", *(["l.source <> r.source"] if link else []), *earlier])
    columns = ", ".join(["row", *used])
    if rules[number].several:
        side = f"(select {columns}, unnest({here}) k from r where len({here}) > 0)"  # noqa: S608 - names of our own
        return f"select distinct l.row, r.row from {side} l join {side} r on l.k = r.k where {where}"  # noqa: S608
    side = f"(select {columns}, {here} k from r where {here} is not null)"  # noqa: S608 - names of our own
    return f"select l.row, r.row from {side} l join {side} r on l.k = r.k where {where}"  # noqa: S608


def _apart(name: str, several: bool) -> str:
    if several:
        return f"not coalesce(list_has_any(l.{name}, r.{name}), false)"
    return f"(l.{name} <> r.{name} or l.{name} is null or r.{name} is null)"
