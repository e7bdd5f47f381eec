"""Dates, amounts and currencies of facts reach one form, whatever the habit of the desk that typed them."""

import pyarrow as pa
import pytest

from rules.schema import Source
from rules.standardise import facts
from rules.vocabulary import FACTS

SOURCE = Source(kind="csv", location="x.csv", country="TR")


def read(column: str, values: list[str | None]) -> list[str | None]:
    rows = [{"source": "s", "record_id": str(n), column: v} for n, v in enumerate(values)]
    found: list[str | None] = facts.standardise(pa.Table.from_pylist(rows, FACTS), SOURCE)[column].to_pylist()
    return found


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (["1.234,50", "12,3"], ["1234.50", "12.3"]),
        (["1,234.50", "12.3"], ["1234.50", "12.3"]),
        (["€ 1 234,50", "7,5 €"], ["1234.50", "7.5"]),
        (["-12,00", "(5,25)", "3,10-"], ["-12.00", "-5.25", "-3.10"]),
        (["1.234", "2.500,75"], ["1234", "2500.75"]),
        (["116.96", None], ["116.96", None]),
        (["by hand", "3"], ["by hand", "3"]),
    ],
)
def test_amounts_are_read_by_the_habit_of_their_column(written: list[str | None], meant: list[str | None]) -> None:
    """Commas, points, blanks, signs and brackets give plain decimals; what is no amount stays as it stood."""
    assert read("amount", written) == meant


def test_dates_are_read_by_the_order_of_their_column() -> None:
    """One date above the twelfth tells for the whole column."""
    assert read("date", ["23.01.2020", "04.02.2020", "soon"]) == ["2020-01-23", "2020-02-04", "soon"]


def test_signs_of_currencies_become_codes() -> None:
    """Known signs and small letters become codes of ISO 4217; the dollar sign stays, since it says too little."""
    assert read("currency", ["€", "try", "TL", "$"]) == ["EUR", "TRY", "TRY", "$"]


def test_nothing_was_billed_a_century_ago() -> None:
    """A two-digit year of a fact is of the 2000s."""
    assert read("date", ["21/4/26", "13.12.99"]) == ["2026-04-21", "1999-12-13"]
