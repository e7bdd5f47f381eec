"""How often values and words stand in records, as it was when a model was fitted: counted once, kept with the model.

A pair's weight depends on how common its values are. Counted anew each night, a new customer called Smith would change
the weights of all Smiths a little, and no pair could be taken over from the night before. So the counts are frozen with
the model. A value that the model has not seen, or that has outgrown what it saw, is counted as it is: up to FEW records
one by one, beyond that by powers of two.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from rules.matching import firm_words, keys, name_made
from rules.matching.encode import Column, Encoded, Whole
from rules.matching.kinds import word_weights
from rules.matching.types import Longs

FREQUENCIES: Final = pa.schema([
    ("party_type", pa.string()), ("column", pa.string()), ("kind", pa.string()), ("text", pa.string()),
    ("records", pa.int64()), ("customers", pa.int64()),
])  # fmt: skip
"""Kinds: `value`; `word` of a blocking key; `firm`, a word of names that are compared word by word (records: the names
with it; with the text "" customers: all names); `host` of e-mail addresses where everybody may have one; `fill` (text:
the column; records: millionths that have a value)."""
LEAST: Final = 3
"""Values of fewer records are not kept: of two records that share a value nobody else has, nobody else has it."""
FEW: Final = 8
GROWN: Final = 2
"""A value in so many times the records, and FEW more, has outgrown what the model saw."""
MILLION: Final = 1_000_000
MANY: Final = 1_000
"""Values of a column that are looked up together, once: it is quicker than to find each of them."""


FORMS: Final = pa.schema([("form", pa.string()), ("text", pa.string()), ("formed", pa.string())])
"""Values in a form by which records are blocked, which takes long to make: how a name sounds."""


@dataclass(frozen=True)
class Frozen:
    """The counts of one type of party."""

    table: pa.Table
    """FREQUENCIES."""
    forms: dict[str, keys.Forms] | None = None
    """Forms of values that an earlier run made."""
    _indexes: dict[str, pd.Index] = field(default_factory=dict, init=False, repr=False, compare=False)
    """The values that were counted, by column: of few values, each is found in them without going through all."""
    _kept: dict[str, tuple[pa.Array, Longs, Longs]] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What was looked up, by column, for the values that it was looked up for."""
    _firms: dict[str, firm_words.Weights] = field(default_factory=dict, init=False, repr=False, compare=False)
    """The weights of the words of names, by column."""

    def settled(self, encoded: Encoded, compared: Collection[str]) -> tuple[Encoded, dict[str, Longs]]:
        """The records, with columns that know how common their values count instead of how common they are; and how
        many customers hold each value of the `compared` columns, 0 where that is to be counted.
        """
        fill = {row["text"]: row["records"] / MILLION for row in self._of("fill", "").to_pylist()}
        columns, customers = [], {}
        for name, column in encoded.columns.items():
            counts = column.counts
            if name in compared:
                counts, customers[name] = self.effective(column, counts)
            columns.append(replace(column, whole=Whole(counts, fill.get(name, column.fill))))
            self._tell(columns[-1])
        return encoded.with_columns(*columns), customers

    def effective(self, column: Column, counts: Longs) -> tuple[Longs, Longs]:
        """In how many records and customers each value of a column counts as standing, customers 0: to be counted.

        `counts`: the records that it does stand in.
        """
        records, customers = self._told(column)
        kept = (records > 0) & (counts < GROWN * records + FEW)
        rounded = np.int64(1) << np.log2(np.maximum(counts, 1)).astype(np.int64)
        few = counts < FEW
        uncounted = np.where(counts < LEAST, 1, np.where(few, 0, rounded))
        return np.where(kept, records, np.where(few, counts, rounded)), np.where(kept, customers, uncounted)

    def _told(self, column: Column) -> tuple[Longs, Longs]:
        """The records and customers that were counted of each value of a column, 0 where none were."""
        kept = self._kept.get(column.name)
        if kept is None or kept[0] is not column.values:
            said, place = self._of("value", column.name), self._places(column)
            records, customers = (np.append(said[n].to_numpy(), 0)[place] for n in ("records", "customers"))
            kept = self._kept[column.name] = (column.values, records, customers)
        return kept[1], kept[2]

    def _places(self, column: Column) -> Longs:
        """The row of each value of a column among those that were counted; -1: it was not."""
        if len(column.values) > MANY:
            texts = self._of("value", column.name)["text"].combine_chunks()
            at = pc.fill_null(pc.index_in(column.values, value_set=texts), -1)
            found: Longs = at.to_numpy(zero_copy_only=False).astype(np.int64)
            return found
        if column.name not in self._indexes:
            self._indexes[column.name] = pd.Index(self._of("value", column.name)["text"].to_pandas())
        return np.asarray(self._indexes[column.name].get_indexer(column.values.to_pandas()), np.int64)

    @cached_property
    def _parts(self) -> dict[tuple[str, str], pa.Table]:
        """The rows by kind and column."""
        found = {}
        for kind in pc.unique(self.table["kind"]).to_pylist():
            rows = self.table.filter(pc.equal(self.table["kind"], kind))
            for column in pc.unique(rows["column"]).to_pylist():
                found[kind, column] = rows.filter(pc.equal(rows["column"], column))
        return found

    def _of(self, kind: str, column: str) -> pa.Table:
        return self._parts.get((kind, column), self.table.slice(0, 0))

    def _tell(self, column: Column) -> None:
        """Let the values of a column know the words that were counted."""
        words, names, hosts = (self._of(kind, column.name) for kind in ("word", "firm", "host"))
        if self.forms:
            column.held.know(keys.frozen_forms, self.forms)
        if len(words):
            texts = words["text"].combine_chunks()
            column.held.know(keys.frozen_words, keys.Words(texts, words["records"].to_numpy()))
        if len(names):
            if column.name not in self._firms:
                held = dict(zip(names["text"].to_pylist(), names["records"].to_pylist(), strict=True))
                total = int(names["customers"].to_numpy().max())
                self._firms[column.name] = firm_words.weights(held, total)
            column.held.know(word_weights, self._firms[column.name])
        if len(hosts):
            column.held.know(name_made.public, name_made.at(column.values, hosts["text"].combine_chunks()))


def taken(
    party: str, encoded: Encoded, customers: dict[str, Longs], rules: list[tuple[str, ...]], firms: list[str]
) -> Frozen:
    """The counts of these records. `customers`: of each compared column, how many hold each value; `rules`: those of
    blocking; `firms`: columns of names that are compared word by word.
    """
    rare = {keys.split(k)[0] for rule in rules for k in rule if keys.split(k)[1] == "rare"}
    tables = [_rows(party, "", "fill", list(encoded.columns), *_fills(encoded))]
    for name, held in customers.items():
        column = encoded.columns[name]
        many = np.flatnonzero(column.counts >= LEAST)
        texts = column.values.take(pa.array(many))
        tables.append(_rows(party, name, "value", texts, column.counts[many], held[many]))
    for name in sorted(rare):
        words = keys.words_in(encoded.columns[name])
        many = np.flatnonzero(words.records > 1)
        tables.append(_rows(party, name, "word", words.texts.take(pa.array(many)), words.records[many], many))
    tables += [_firm(party, encoded.columns[name]) for name in firms]
    if "emails" in encoded.columns:
        hosts = name_made.public_hosts(encoded.columns["emails"].values)
        tables.append(_rows(party, "emails", "host", hosts, *np.zeros((2, len(hosts)), np.int64)))
    return Frozen(pa.concat_tables(tables).combine_chunks())


def _firm(party: str, column: Column) -> pa.Table:
    """The words of names, those of one name as one: the empty text."""
    found, names = firm_words.held(column.values.to_pylist())
    several = {word: many for word, many in found.items() if many > 1} or dict(found)
    texts = [*several, *([""] if len(several) < len(found) else [])]
    records = np.array([*several.values(), 1][: len(texts)], np.int64)
    return _rows(party, column.name, "firm", texts, records, np.full(len(texts), names, np.int64))


def _fills(encoded: Encoded) -> tuple[Longs, Longs]:
    fill = np.array([round(MILLION * c.fill) for c in encoded.columns.values()], np.int64)
    return fill, np.zeros(len(fill), np.int64)


def _rows(
    party: str, column: str, kind: str, texts: pa.Array | list[str], records: Longs, customers: Longs
) -> pa.Table:
    said = [pa.repeat(word, len(texts)) for word in (party, column, kind)]
    text = pa.array(texts, pa.string()) if isinstance(texts, list) else texts.cast(pa.string())
    return pa.table([*said, text, pa.array(records), pa.array(customers)], schema=FREQUENCIES)


def forms_table(made: dict[str, keys.Forms]) -> pa.Table:
    """FORMS; a value may stand there twice."""
    tables = [pa.table([pa.repeat(form, len(f.texts)), f.texts, f.formed], schema=FORMS) for form, f in made.items()]
    return pa.concat_tables([FORMS.empty_table(), *tables])


def forms_of(table: pa.Table) -> dict[str, keys.Forms]:
    """The same the other way round."""
    found = {}
    for form in pc.unique(table["form"]).to_pylist():
        rows = table.filter(pc.equal(table["form"], form))
        found[form] = keys.Forms(rows["text"].combine_chunks(), rows["formed"].combine_chunks())
    return found
