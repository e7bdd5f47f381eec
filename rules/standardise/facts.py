"""Facts in one form: dates to ISO, amounts to plain decimals, currencies to ISO 4217. The raw row stays in land.

What cannot be read stays as it stood, for validation to judge.
"""

import re
from collections.abc import Callable, Iterable
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from rules.schema import Source
from rules.standardise import data, dates

_AMOUNT: Final = re.compile(r"^[^\d\-+(]*([-+(]?)\s*[^\d]*?(\d[\d.,'’\s]*?)\s*(-?)\)?[^\d]*$")
_BLANKS: Final = re.compile(r"[\s'’]")
_SINGLE: Final = re.compile(r"^\d+([.,])(\d+)$")


def standardise(facts: pa.Table, source: Source) -> pa.Table:
    """vocabulary.FACTS with `date`, `amount` and `currency` in one form; other columns as they were."""
    read = {"date": _dates(source), "amount": _amounts, "currency": _currencies}
    for name, reader in read.items():
        facts = facts.set_column(facts.column_names.index(name), name, _by_value(facts[name], reader))
    return facts


def _by_value(column: pa.ChunkedArray, reader: Callable[[list[str]], list[str]]) -> pa.Array:
    """A column read by its distinct values."""
    distinct = pc.unique(column.drop_null())
    if not len(distinct):
        return column.combine_chunks()
    return pa.array(reader(distinct.to_pylist()), pa.string()).take(pc.index_in(column.combine_chunks(), distinct))


def _dates(source: Source) -> Callable[[list[str]], list[str]]:
    def read(values: list[str]) -> list[str]:
        texts = [v.strip() for v in values]
        order = source.date_order or dates.column_order(texts)
        return [dates.day(t, order, source.country)[0] or v for t, v in zip(texts, values, strict=True)]

    return read


def decimal_mark(values: Iterable[str]) -> str:
    """The decimal mark of a column of amounts: what stands last where both marks do, or before other than three digits.

    Where nothing tells, a point: `1.234` is then read as it stands.
    """
    votes = {".": 0, ",": 0}
    for value in values:
        if "." in value and "," in value:
            votes[max(".,", key=value.rfind)] += 1
        elif (single := _SINGLE.match(_BLANKS.sub("", value))) and len(single[2]) != 3:
            votes[single[1]] += 1
    return max(votes, key=lambda mark: votes[mark])


def _amounts(values: list[str]) -> list[str]:
    found = [_AMOUNT.match(v) for v in values]
    mark = decimal_mark(m[2] for m in found if m)
    return [_amount(m, mark) if m else v for m, v in zip(found, values, strict=True)]


def _amount(found: re.Match[str], mark: str) -> str:
    """`1.234,50 €` -> 1234.50, `(12.00)` -> -12.00."""
    digits = _BLANKS.sub("", found[2])
    whole, _, rest = digits.rpartition(mark) if mark in digits else (digits, "", "")
    plain = re.sub(r"[.,]", "", whole) + (f".{rest}" if rest else "")
    return f"-{plain}" if "-" in found[1] + found[3] or found[1] == "(" else plain


def _currencies(values: list[str]) -> list[str]:
    known = data.words("currencies")
    return [known.get(v.strip(), v.strip().upper()) for v in values]
