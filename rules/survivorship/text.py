"""Text compared and text as it is best written; each function works on a whole Arrow array."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.survivorship.runs import Floats, Ints

# What lower case leaves apart: final sigma, dotless i, sharp s.
_EQUAL = (("ς", "σ"), ("ı", "i"), ("ß", "ss"))
_SCRIPTS = ("Latin", "Greek", "Cyrillic", "Arabic", "Hebrew", "Han", "Hiragana", "Katakana", "Hangul", "Thai")


def plain(values: pa.Array) -> pa.Array:
    """The form in which two ways of writing are equal: no accents, no case, single blanks."""
    folded = pc.replace_substring_regex(pc.utf8_normalize(values, "NFD"), r"\p{Mn}+", "")
    folded = pc.utf8_lower(folded)
    for rare, common in _EQUAL:
        folded = pc.replace_substring(folded, rare, common)
    return pc.utf8_trim_whitespace(pc.replace_substring_regex(folded, r"\s+", " "))


def writing(values: pa.Array) -> Floats:
    """How well each value is written: Anna 3, ANNA 2, anna 1; numbers are all alike.

    Short words in capitals (NSW, IBM) are seldom shouted, so capitals come before small letters.
    """
    upper = _matches(values, r"\p{Lu}")
    lower = _matches(values, r"\p{Ll}")
    begins = _matches(values, r"^\P{L}*\p{Lu}")
    return np.where(upper & lower, np.where(begins, 3.0, 2.5), np.where(upper, 2.0, np.where(lower, 1.0, 0.0)))


def accented(values: pa.Array) -> Floats:
    """1 where a value has accents: they get lost on the way far more often than they are made up."""
    return _matches(pc.utf8_normalize(values, "NFD"), r"\p{Mn}").astype(np.float64)


def international(values: pa.Array) -> Floats:
    """1 for a telephone number that says its country."""
    return _matches(values, r"^\s*\(?(\+|00)").astype(np.float64)


def scripts(values: pa.Array) -> Ints:
    """The scripts of a value's letters as bits; 0 for null and for text without letters."""
    codes = pc.dictionary_encode(values, null_encoding="encode")
    bits = np.zeros(len(codes.dictionary), np.int64)
    letters = _matches(codes.dictionary, r"\p{L}")
    for number, script in enumerate(_SCRIPTS):
        bits |= _matches(codes.dictionary, rf"\p{{{script}}}").astype(np.int64) << number
    bits[letters & (bits == 0)] = 1 << len(_SCRIPTS)
    return np.asarray(bits[codes.indices.to_numpy(zero_copy_only=False)])


def is_word(values: pa.Array) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether a value has letters, so that its spelling can be judged."""
    return _matches(values, r"\p{L}")


def joined(separator: str, *values: pa.Array) -> pa.Array:
    """The values that are there, joined; empty ones count as missing. Empty where none is there."""
    first, *others = (pc.if_else(pc.equal(value, ""), None, value) for value in values)
    present = pc.is_valid(first)
    for value in others:
        present = pc.or_(present, pc.is_valid(value))
    # With null_handling="skip" Arrow 26 leaves out the rows in which all values are null.
    first = pc.if_else(present, first, "")
    return pc.binary_join_element_wise(first, *others, separator, null_handling="skip")


def days(dates: pa.Array) -> Floats:
    """ISO dates (2024, 2024-05, 2024-05-17T10:00) as days; -1 where there is none. Only good for comparing."""
    codes = pc.dictionary_encode(dates, null_encoding="encode")
    parts = pc.extract_regex(codes.dictionary, r"^(?P<y>\d{4})(?:-(?P<m>\d{2})(?:-(?P<d>\d{2}))?)?")
    year, month, day = (_number(pc.struct_field(parts, name)) for name in ("y", "m", "d"))
    known = np.where(year > 0, year * 365.2425 + np.maximum(month - 1, 0) * 30.44 + np.maximum(day, 1), -1.0)
    return np.asarray(known[codes.indices.to_numpy(zero_copy_only=False)])


def _number(texts: pa.Array) -> Floats:
    filled = pc.if_else(pc.fill_null(pc.not_equal(texts, ""), False), texts, "0")
    return np.asarray(pc.cast(filled, pa.float64()).to_numpy(zero_copy_only=False))


def _matches(values: pa.Array, pattern: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    found = pc.fill_null(pc.match_substring_regex(values, pattern), False)
    return np.asarray(found.to_numpy(zero_copy_only=False))
