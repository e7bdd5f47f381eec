"""What the values of a column look like: shares of them that are e-mails, phones, dates, names and so on."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from anyascii import anyascii

SAMPLE = 2000
"""Distinct values that are looked at, evenly from the whole column."""

_EMAIL = re.compile(r"[^\s@,;]+@[^\s@,;]+\.[^\W\d_]{2,}")
_PHONE = re.compile(r"^[\s'+(]*\+?[\d\s().,/&;x#-]{6,40}(?:ext\.?\s*\d+)?$", re.IGNORECASE)
_WRITTEN_PHONE = re.compile(r"^\W*\+|\(\d+\)|\d[ /.-]\d{2,}[ /.-]?\d+|^0\d{8,}")
_LONG_NUMBER = re.compile(r"(?<![\w.,])\+?(?:\d[ ().-]{0,2}){8,14}\d(?!\w)")
_IBAN = re.compile(r"^[A-Z]{2}\d{2}[A-Z0-9]{10,30}$")
_URL = re.compile(r"^(https?://|www\.)\S+$|^\w[\w-]*\.(com|org|net|eu|gr|it|de|ru|es|co\.\w\w)(/\S*)?$", re.IGNORECASE)
_POSTCODE = re.compile(r"^[A-Z0-9][A-Z0-9 -]{1,9}$", re.IGNORECASE)
_DATES: Final = (
    re.compile(r"^(?:18|19|20)\d\d[-/.]?(?:0?[1-9]|1[0-2])[-/.]?(?:0?[1-9]|[12]\d|3[01])(?:[T ].*)?$"),
    re.compile(r"^(?:0?[1-9]|[12]\d|3[01])[-/. ](?:0?[1-9]|[12]\d|3[01])[-/. ](?:(?:18|19|20)\d\d|\d\d)(?: .*)?$"),
    re.compile(r"^\d{1,2}[-. /]?[^\W\d_]{3,12}\.?,?[-. /]?(?:\d{4}|\d\d)$"),
    re.compile(r"^[^\W\d_]{3,12}\.? \d{1,2},? \d{4}$"),
)
_VAT = re.compile(
    r"^(?:AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GB|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK)U?[0-9A-Z]{8,12}$"
)
_AMOUNT = re.compile(r"^[-+(]?\s*\d{1,3}(?:[.,'’\s]?\d{3})*[.,]\d\d\s*[-)]?$")
_LABEL = re.compile(r"^[^\W\d_]{2,12}\.?(?:\s[^\W\d_]{2,12}\.?)?\s*:\s*")
_DAY_NUMBER = re.compile(r"^(?:[1-5]\d{4}|[4-9]\d{3})(?:[.,]\d+)?$")
_YEAR = re.compile(r"(?:18|19|20)\d\d")
_WORD = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"\D+")


@dataclass(frozen=True)
class Values:
    """A column in figures. Shares are of the distinct values looked at, 0 to 1."""

    rows: int
    filled: int
    distinct: int
    sample: tuple[str, ...]
    where: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool), repr=False, compare=False)
    """Which rows have a value."""

    @property
    def fill(self) -> float:
        """Share of rows with a value."""
        return self.filled / self.rows if self.rows else 0.0

    @property
    def is_unique(self) -> bool:
        return self.filled == self.distinct and self.filled > 1

    @cached_property
    def mean_length(self) -> float:
        return sum(map(len, self.sample)) / len(self.sample) if self.sample else 0.0

    def share(self, test: Callable[[str], bool]) -> float:
        return sum(map(test, self.sample)) / len(self.sample) if self.sample else 0.0

    @cached_property
    def words(self) -> float:
        """Mean number of words."""
        return sum(len(_WORD.findall(v)) for v in self.sample) / len(self.sample) if self.sample else 0.0


def look(column: pa.ChunkedArray) -> Values:
    """The figures of a column of text; blank cells count as empty."""
    trimmed = pc.utf8_trim_whitespace(column.cast(pa.string()))
    has = pc.fill_null(pc.not_equal(trimmed, ""), False)
    filled = trimmed.filter(has)
    distinct = pc.unique(filled)
    step = max(1, len(distinct) // SAMPLE)
    sample = distinct.take(pa.array(range(0, len(distinct), step), pa.int64())).to_pylist()
    return Values(len(column), len(filled), len(distinct), tuple(sample[:SAMPLE]), has.to_numpy())


def is_email(value: str) -> bool:
    return bool(_EMAIL.search(value))


def is_phone(value: str) -> bool:
    """A number of six digits and more, of any kind; a word and a colon may stand before it (`Phone:(650) 555-3311`)."""
    value = _LABEL.sub("", value)
    return bool(_PHONE.match(value)) and 6 <= len(_DIGITS.sub("", value)) <= 32 and not is_date(value, bare=False)


def is_amount(value: str) -> bool:
    """A number with two decimals, its thousands parted or not: `1.234,50`, `-1 234.50`, `99,90`."""
    return bool(_AMOUNT.match(value))


def is_written_phone(value: str) -> bool:
    """A number that is written as phones are and amounts are not: with a plus, brackets or groups."""
    return (
        is_phone(value)
        and not is_amount(value)
        and bool(re.search(r"^\W*\+|\(\d+\)|\d[ /.-]\d{2,}[ /.-]?\d+|^0\d{8,}", value))
    )


def holds_contact(value: str) -> bool:
    """An e-mail address or a number of nine digits and more, somewhere in a text."""
    return is_email(value) or bool(_LONG_NUMBER.search(value))


def is_iban(value: str) -> bool:
    return bool(_IBAN.match(re.sub(r"\s", "", value).upper()))


def is_vat_number(value: str) -> bool:
    """A VAT number of the European Union with its country in front."""
    bare = re.sub(r"[\s.-]", "", value).upper()
    return bool(_VAT.match(bare)) and sum(c.isdigit() for c in bare) >= 7


def is_url(value: str) -> bool:
    return bool(_URL.match(value))


def is_date(value: str, *, bare: bool = True) -> bool:
    """A date in any usual order; `bare` also takes eight digits (YYYYMMDD)."""
    if not bare and value.isdigit():
        return False
    return any(pattern.match(value) for pattern in _DATES)


def is_dated(value: str) -> bool:
    """A date, or the number of a day as a spreadsheet counts them (of the years 1910 to 2064)."""
    return is_date(value) or bool(_DAY_NUMBER.match(value))


def is_birth_year(value: str) -> bool:
    match = _YEAR.search(value)
    return match is not None and 1880 <= int(match.group()) <= 2100


def years(values: Values) -> list[int]:
    """The years of four digits in a column of dates, sorted."""
    found = (_YEAR.search(v) for v in values.sample)
    return sorted(int(m.group()) for m in found if m)


def is_number(value: str, low: int, high: int) -> bool:
    bare = value.removesuffix(".0")
    return bare.isdecimal() and low <= int(bare) <= high


def is_postcode(value: str) -> bool:
    return bool(_POSTCODE.match(value)) and any(c.isdigit() for c in value)


def is_house_number(value: str) -> bool:
    """`12`, `12 bis`, `No 5`, `3/A`: a number with little beside it."""
    return has_digit(value) and len(value) <= 12 and sum(c.isalpha() for c in value) <= 4


def is_identifier(value: str) -> bool:
    """A number or code: digits, few letters, no sentence."""
    digits = sum(c.isdigit() for c in value)
    return digits >= 3 and digits >= 0.3 * len(value) and len(value) <= 30 and not is_email(value)


def is_lettered(value: str) -> bool:
    """Mostly letters."""
    return sum(c.isalpha() for c in value) >= 0.6 * len(value) and "@" not in value


def is_two_or_three_words(value: str) -> bool:
    """As most names of persons; a digit at the end of a word (`Anna Berg2`) only tells namesakes apart."""
    return 2 <= len(value.split()) <= 3 and not has_digit(re.sub(r"(?<=[^\W\d_])\d{1,2}(?=\s|$)", "", value))


def is_short(value: str) -> bool:
    return len(value) <= 40


def has_digit(value: str) -> bool:
    return any(c.isdigit() for c in value)


def folded_words(value: str) -> list[str]:
    """Words in Latin letters, lower case."""
    return re.findall(r"[a-z]+", anyascii(value).lower())


def is_like_postcodes(values: Values) -> bool:
    """Codes of four to six digits, or of letters and digits, nearly all of one length."""
    lengths = sorted(len(v) for v in values.sample)
    if not lengths or values.share(is_postcode) < 0.9 or not 4 <= lengths[len(lengths) // 2] <= 8:
        return False
    return values.share(lambda v: len(v) == lengths[len(lengths) // 2]) >= 0.9
