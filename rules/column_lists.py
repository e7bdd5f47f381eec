"""What word lists say about the values of a column: given names, surnames, streets, firms, words of gender."""

import re
from functools import cache

from rules import column_names
from rules.column_values import Values, folded_words, has_digit, is_written_phone
from rules.standardise import data, latin, vocab


@cache
def _lines(name: str) -> frozenset[str]:
    return frozenset(data.lines(name))


@cache
def _street_kinds() -> frozenset[str]:
    kinds = data.words("streets")["kinds"]
    return frozenset(word for kind, words in kinds.items() for word in (kind, *words) if len(word) > 1)


def is_given_name(value: str) -> bool:
    """Any word of it is a given name."""
    return any(word in _lines("given_names") for word in latin.latin(value).split())


def is_surname(value: str) -> bool:
    """Any word of it is a surname."""
    return any(word in _lines("surnames") for word in latin.latin(value).split())


def is_street(value: str) -> bool:
    """A number and a word for a kind of street: `Via Roma 1`, `Hauptstraße 5`, `12 Mill Rd`."""
    words = folded_words(value)
    held = any(word in _street_kinds() or word.endswith(("strasse", "str", "weg", "gasse", "platz")) for word in words)
    return held and has_digit(value)


def is_gender(value: str) -> bool:
    return vocab.meaning("gender", value) is not None


@cache
def _id_shapes() -> frozenset[str]:
    return frozenset(map(str, column_names.words()["id_shapes"]))


def is_bare_phone(value: str) -> bool:
    """Written as phones are, and not as the number of a person or firm: `525-000-10-20` is none."""
    return is_written_phone(value) and re.sub(r"\d", "0", value) not in _id_shapes()


def firms(values: Values) -> float:
    """Share of values with a word that stands in names of organisations."""
    known = column_names.known("organisations")
    return values.share(lambda v: "&" in v or any(word in known for word in column_names.fold(v).split()))
