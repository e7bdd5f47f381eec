"""Father and son of one name: `Jr`, `Sr`, `II` and their like are taken out of names and kept apart."""

import re
from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.matching.encode import Column, Encoded
from rules.matching.types import Bools, Ints, Pairs

NAMES: Final = ("given_name", "surname", "name")
GENERATION: Final = "generation"
_WORDS: Final = {
    "sr": 1, "senior": 1, "presviteros": 1, "starshii": 1, "pere": 1,
    "jr": 2, "junior": 2, "ii": 2, "neoteros": 2, "mladshii": 2, "fils": 2, "hijo": 2,
    "iii": 3, "iv": 4,
}  # fmt: skip
_FIRST: Final = re.compile(r" i$")
"""`Morris I` may be an initial as well: it stays in the name, and stands against `Morris II` all the same."""


@cache
def _pattern() -> re.Pattern[str]:
    return re.compile(rf"(?<= )({'|'.join(_WORDS)})(?= |$)")


@cache
def _hint() -> str:
    """Finds, in whole columns at once, the few names that `split` must look at."""
    return rf" (?:{'|'.join(_WORDS)})(?: |$)| i$"


def split(name: str) -> tuple[str, int]:
    """A name in comparison form without its generation, and that generation (0: none is said)."""
    found = _pattern().search(name)
    if found:
        return " ".join((name[: found.start()] + name[found.end() :]).split()), _WORDS[found[0]]
    return name, int(bool(_FIRST.search(name)))


def apart(encoded: Encoded) -> Encoded:
    """The records with names that say no generation, and a column `generation` where some do."""
    said = np.zeros(len(encoded), np.int8)
    columns: list[Column] = []
    for name in (n for n in NAMES if n in encoded.columns):
        column = encoded.columns[name]
        hinted = pc.match_substring_regex(column.values, _hint()).to_numpy(zero_copy_only=False)
        if not hinted.any():
            continue
        parts = [split(text) for text in column.values.filter(hinted).to_pylist()]
        of = np.zeros(len(column.values) + 1, np.int8)
        of[:-1][hinted] = [generation for _, generation in parts]
        if not of.any():
            continue
        said = np.maximum(said, of[column.first])
        names = pa.array([name for name, _ in parts], pa.string())
        columns.append(_renamed(column, pc.replace_with_mask(column.values, pa.array(hinted), names)))
    if not said.any():
        return encoded
    known = np.unique(said[said > 0])
    codes = np.where(said > 0, np.searchsorted(known, said), -1).astype(np.int32)
    return encoded.with_columns(*columns, Column(GENERATION, pa.array([str(k) for k in known]), codes))


def _renamed(column: Column, texts: pa.Array) -> Column:
    """The column with other texts, equal ones under one code; codes of parts of names stay those of one dictionary."""
    coded = texts.dictionary_encode()
    of: Ints = np.append(coded.indices.to_numpy(zero_copy_only=False), -1).astype(np.int32)
    return Column(column.name, coded.dictionary, of[column.codes], column.offsets)


def conflict(pairs: Pairs, encoded: Encoded) -> Bools:
    """Pairs of which each says a generation, and not the same."""
    column = encoded.columns.get(GENERATION)
    if column is None:
        return np.zeros(len(pairs), bool)
    a, b = column.codes[pairs.left], column.codes[pairs.right]
    return np.asarray((a >= 0) & (b >= 0) & (a != b))
