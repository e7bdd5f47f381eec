"""Forms of a column by which records are blocked: worked out once a distinct value."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.matching.encode import Column, Encoded
from rules.matching.names.sound import skeleton
from rules.matching.types import Longs

LONG_WORD: Final = 3
"""Letters of a word that is worth looking up by itself."""


def _local(text: str) -> str | None:
    local = text.partition("@")[0]
    return local if len(local) > 4 else None


def _swapped(text: str) -> str:
    """An ISO date with its day and month in order of size, so that a date read the other way round is the same."""
    year, month, day = text[:4], text[5:7], text[8:10]
    return f"{year}-{min(month, day)}-{max(month, day)}" if day else text


FORMS: Final[dict[str, Callable[[str], str | None]]] = {
    "year": lambda t: t[:4],
    "month": lambda t: t[:7] if len(t) >= 7 else None,
    "day": lambda t: t[5:10] if len(t) == 10 else None,
    "swap": _swapped,
    "local": _local,
    "domain": lambda t: t.partition("@")[2] or None,
    "first": lambda t: t.split()[0] if t.split() else None,
}
"""Forms of a whole value."""
LISTS: Final = ("words", "drop")
"""Forms that make several keys of one value."""


def is_key(text: str) -> bool:
    """Whether a word of a blocking rule can be read: `column`, `column.form`, `column.3` or `column.-3`."""
    form = split(text)[1]
    known = form is None or form in LISTS or form == "rare" or form in WORD_FORMS or form in FORMS
    return known or re.fullmatch("-?[1-9][0-9]?", str(form), re.ASCII) is not None


def split(key: str) -> tuple[str, str | None]:
    """Column and form. The names of text columns hold a dot themselves: `text.note.first`."""
    head = "text." if key.startswith("text.") else ""
    column, _, form = key.removeprefix(head).partition(".")
    return head + column, form or None


def has(encoded: Encoded, key: str) -> bool:
    """Whether the column of a key exists and is not empty."""
    column = encoded.columns.get(split(key)[0])
    return column is not None and bool((column.codes >= 0).any())


def column(encoded: Encoded, key: str) -> Column:
    """The column of a key, in codes of the form the key asks for."""
    name, form = split(key)
    base = encoded.columns[name]
    if form is None:
        return base
    if form == "words":
        return _several(base, key, _long_words(base.values))
    if form == "drop":
        return _several(base, key, pa.array([drops(t) for t in base.values.to_pylist()], pa.list_(pa.string())))
    formed = _formed(base, form).dictionary_encode()
    of = np.append(formed.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32), np.int32(-1))
    return _known(Column(key, formed.dictionary, of[base.codes], base.offsets))


def _known(column: Column) -> Column:
    """The same column; of a list the values without a key are gone."""
    if column.offsets is None:
        return column
    known = column.codes >= 0
    return Column(column.name, column.values, column.codes[known], np.append(0, np.cumsum(known))[column.offsets])


def _formed(base: Column, form: str) -> pa.Array:
    """One key for each distinct value, null where it has none."""
    if form in WORD_FORMS:
        return _by_words_once(base, form)
    if form == "rare":
        return _rarest(base)
    if not form.removeprefix("-").isdigit():
        return pa.array([FORMS[form](t) for t in base.values.to_pylist()], pa.string())
    width = int(form)
    cut = pc.utf8_slice_codeunits(base.values, *((width, None) if width < 0 else (0, width)))
    return pc.if_else(pc.greater_equal(pc.utf8_length(base.values), abs(width)), cut, pa.scalar(None, pa.string()))


def _words(values: pa.Array) -> tuple[Longs, pa.DictionaryArray]:
    """The words of all values in one array, and of which value each is."""
    parts = pc.split_pattern_regex(values, r"[^\pL\pN]+")
    flat = parts.flatten()
    real = pc.not_equal(flat, "")
    parent = pc.list_parent_indices(parts).filter(real).to_numpy(zero_copy_only=False).astype(np.int64)
    return parent, flat.filter(real).dictionary_encode()


@dataclass(frozen=True)
class Forms:
    """Values, and each in a form by words."""

    texts: pa.Array
    formed: pa.Array


def frozen_forms(values: pa.Array) -> dict[str, Forms] | None:
    """The forms as an earlier run made them, by name: None, unless `Values.know` was told otherwise."""


def _by_words_once(base: Column, form: str) -> pa.Array:
    """The form by words of each value of a column; those that an earlier run made are not made again."""
    seen = (base.held.once(frozen_forms) or {}).get(form)
    if seen is not None:
        at = pc.index_in(base.values, value_set=seen.texts)
        new = pc.is_null(at)
        fresh = WORD_FORMS[form](base.values.filter(new))
        made = pc.replace_with_mask(seen.formed.take(at), new, fresh)
        base.held.know(WORD_FORMS[form], made)
        return made
    return base.held.once(WORD_FORMS[form])


def forms_made(columns: Iterable[Column]) -> dict[str, Forms]:
    """Every form by words that was made of values of some columns."""
    parts: dict[str, dict[int, tuple[pa.Array, pa.Array]]] = {}
    for column in columns:
        for form, make in WORD_FORMS.items():
            made = column.held.made(make)
            if made is not None:
                parts.setdefault(form, {})[id(column.values)] = (column.values, made)
    return {
        form: Forms(*(pa.concat_arrays([pair[side] for pair in each.values()]) for side in (0, 1)))
        for form, each in parts.items()
    }


def _by_words(values: pa.Array, shape: Callable[[str], str]) -> pa.Array:
    """The words of each value, shaped and sorted, joined by blanks."""
    parent, words = _words(values)
    shaped = pa.array([shape(w) for w in words.dictionary.to_pylist()], pa.string()).dictionary_encode()
    rank = np.empty(len(shaped.dictionary), np.int64)
    rank[pc.sort_indices(shaped.dictionary).to_numpy()] = np.arange(len(rank))
    code = shaped.indices.to_numpy(zero_copy_only=False)[words.indices.to_numpy(zero_copy_only=False)]
    order = np.lexsort((rank[code], parent)) if len(code) else np.zeros(0, np.int64)
    ends = np.concatenate([[0], np.cumsum(np.bincount(parent, minlength=len(values)))]).astype(np.int32)
    lists = pa.ListArray.from_arrays(pa.array(ends), shaped.dictionary.take(pa.array(code[order])))
    joined = pc.binary_join(lists, " ")
    return pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), joined)


def _sounds(values: pa.Array) -> pa.Array:
    return _by_words(values, skeleton)


def _sorted(values: pa.Array) -> pa.Array:
    return _by_words(values, str)


WORD_FORMS: Final[dict[str, Callable[[pa.Array], pa.Array]]] = {"sound": _sounds, "sorted": _sorted}
"""Forms of each word of a value, put in order."""


def _long_words(values: pa.Array) -> pa.Array:
    """The distinct words of each value that are worth looking up."""
    parent, words = _words(values)
    code = words.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    long = pc.greater_equal(pc.utf8_length(words.dictionary), LONG_WORD).to_numpy(zero_copy_only=False)[code]
    key = np.unique(parent[long] * max(len(words.dictionary), 1) + code[long])
    parent, code = np.divmod(key, max(len(words.dictionary), 1))
    ends = np.concatenate([[0], np.cumsum(np.bincount(parent, minlength=len(values)))]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(ends), words.dictionary.take(pa.array(code)))


def _rarest(base: Column) -> pa.Array:
    """The word of each value that stands in the fewest records; of equals the first in the alphabet."""
    parent, words = _words(base.values)
    code = words.indices.to_numpy(zero_copy_only=False)
    seen = base.held.once(frozen_words)
    count = word_records(base) if seen is None else seen.of(words.dictionary)
    rank = np.empty(len(count), np.int64)
    rank[pc.sort_indices(words.dictionary).to_numpy()] = np.arange(len(count))
    order = np.lexsort((rank[code], count[code], parent)) if len(code) else np.zeros(0, np.int64)
    with_words, first = np.unique(parent[order], return_index=True)
    out = np.full(len(base.values), -1, np.int64)
    out[with_words] = code[order][first]
    return words.dictionary.take(pa.array(out, mask=out < 0))


@dataclass(frozen=True)
class Words:
    """Words, and in how many records each stands."""

    texts: pa.Array
    records: Longs

    def of(self, words: pa.Array) -> Longs:
        """The records of some words, 1 of those that are not known."""
        at = pc.fill_null(pc.index_in(words, value_set=self.texts), len(self.texts)).to_numpy(zero_copy_only=False)
        found: Longs = np.append(self.records, 1)[at]
        return found


def frozen_words(values: pa.Array) -> Words | None:
    """The words as they were counted when a model was fitted: None, unless `Values.know` was told otherwise."""


def word_records(base: Column) -> Longs:
    """In how many records each word of a column's values stands, in the order in which the words appear."""
    parent, words = _words(base.values)
    code = words.indices.to_numpy(zero_copy_only=False)
    return np.bincount(code, weights=base.counts[parent], minlength=len(words.dictionary)).astype(np.int64)


def words_in(base: Column) -> Words:
    """The words of a column's values."""
    return Words(_words(base.values)[1].dictionary, word_records(base))


def drops(text: str) -> list[str]:
    """The text, and the text without one character of it: two texts one typing error apart share one of these."""
    return sorted({text, *(text[:i] + text[i + 1 :] for i in range(len(text)))}, key=len, reverse=True)


def _several(base: Column, key: str, lists: pa.Array) -> Column:
    """Every entry of the list of a value as an entry of the record."""
    coded = lists.flatten().dictionary_encode()
    ends = lists.offsets.to_numpy().astype(np.int64)
    if base.offsets is None:
        of, begin = base.codes, np.arange(len(base.codes) + 1)
    else:
        of, begin = base.codes, base.offsets
    sizes = np.where(of >= 0, np.diff(ends)[of], 0)
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    entry = np.arange(offsets[-1]) - np.repeat(offsets[:-1], sizes) + np.repeat(ends[:-1][of], sizes)
    codes = coded.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    return Column(key, coded.dictionary, codes[entry], offsets[begin])
