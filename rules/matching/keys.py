"""Forms of a column by which records are blocked: worked out once a distinct value."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import numpy as np
import pyarrow as pa

from rules.matching.encode import Column, Encoded

_FOLDS: Final = (
    (re.compile(r"shch|sch|sh|ss|z"), "s"), (re.compile(r"ck|kh|gh|ch|q|c|g"), "k"), (re.compile("ph|v|w|b"), "f"),
    (re.compile("th|d"), "t"), (re.compile("j|y"), "i"), (re.compile("x"), "ks"), (re.compile("mp|mn"), "m"),
)  # fmt: skip
_VOWELS: Final = re.compile("[aeiouh]")
_TWICE: Final = re.compile(r"(.)\1+")


@lru_cache(maxsize=200_000)
def skeleton(word: str) -> str:
    """Consonant skeleton of a Latin word: the first letter stays, vowels go, sounds alike are written alike."""
    for pattern, letter in _FOLDS:
        word = pattern.sub(letter, word)
    return _TWICE.sub(r"\1", word[:1] + _VOWELS.sub("", word[1:]))


def _words(text: str) -> list[str]:
    return sorted({w for w in re.split(r"\W+", text) if len(w) > 2})


FORMS: Final[dict[str, Callable[[str], str | None]]] = {
    "year": lambda t: t[:4],
    "local": lambda t: t.partition("@")[0] if len(t.partition("@")[0]) > 4 else None,
    "domain": lambda t: t.partition("@")[2] or None,
    "sound": lambda t: " ".join(sorted(skeleton(w) for w in t.split())) or None,
    "sorted": lambda t: " ".join(sorted(t.split())) or None,
    "first": lambda t: t.split()[0] if t.split() else None,
}


def is_key(text: str) -> bool:
    """Whether a word of a blocking rule can be read: `column`, `column.form` or `column.3`."""
    form = _split(text)[1]
    return form is None or form == "words" or form.isdigit() or form in FORMS


def _split(key: str) -> tuple[str, str | None]:
    """Column and form. The names of text columns hold a dot themselves: `text.note.first`."""
    head = "text." if key.startswith("text.") else ""
    column, _, form = key.removeprefix(head).partition(".")
    return head + column, form or None


def has(encoded: Encoded, key: str) -> bool:
    """Whether the column of a key exists and is not empty."""
    column = encoded.columns.get(_split(key)[0])
    return column is not None and bool((column.codes >= 0).any())


def column(encoded: Encoded, key: str) -> Column:
    """The column of a key, in codes of the form the key asks for."""
    name, form = _split(key)
    base = encoded.columns[name]
    if form is None:
        return base
    if form == "words":
        return _word_column(base, key)
    width = int(form) if form.isdigit() else 0
    shape: Callable[[str], str | None] = (lambda t: t[:width] if len(t) >= width else None) if width else FORMS[form]
    formed = pa.array([shape(t) for t in base.values.to_pylist()], pa.string()).dictionary_encode()
    of = np.append(formed.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32), np.int32(-1))
    return Column(key, formed.dictionary, of[base.codes], base.offsets)


def _word_column(base: Column, key: str) -> Column:
    """Every word of a value as an entry of a list."""
    words = pa.array([_words(t) for t in base.values.to_pylist()], pa.list_(pa.string()))
    coded = words.flatten().dictionary_encode()
    ends = np.concatenate([words.offsets.to_numpy(), words.offsets.to_numpy()[-1:]]).astype(np.int64)
    first = base.first
    sizes = np.diff(ends)[first]
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    entry = np.arange(offsets[-1]) - np.repeat(offsets[:-1], sizes) + np.repeat(ends[:-1][first], sizes)
    codes = coded.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    return Column(key, coded.dictionary, codes[entry], offsets)
