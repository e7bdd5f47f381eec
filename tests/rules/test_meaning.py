"""What the columns of an unknown table are taken for."""

from pathlib import Path
from time import process_time
from typing import Any

import pyarrow as pa
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import schema
from rules.column_names import by_header, known_header, words
from rules.meaning import recognise
from rules.vocabulary import SCALARS

SPEC = Path(__file__).parents[1] / "spec" / "meaning"
HEADERS_OF = yaml.load((SPEC / "headers.yml").read_text("utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - nothing but text
CASES = yaml.safe_load((Path(__file__).parents[1] / "spec" / "meaning" / "tables.yml").read_text("utf-8"))


def table(columns: dict[str, list[Any]]) -> pa.Table:
    return pa.table(
        {name: pa.array([None if v is None else str(v) for v in values]) for name, values in columns.items()}
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_tables(case: dict[str, Any]) -> None:
    """Each table of spec/meaning is understood as its `means` says."""
    found = {m.column: m.target for m in recognise(table(case["columns"]))}
    assert {column: found[column] for column in case["means"]} == case["means"]


def test_every_alias_names_a_target() -> None:
    """The words of columns.yml stand for targets that exist, and no word for two of them."""
    headers = words()["headers"]
    assert all(target in ("name", "person_number", "text") or schema.is_target(target) for target in headers)


def test_headers_in_any_dress() -> None:
    """Case, accents, underscores, stars, dots and camelCase do not count."""
    for header in (
        "E-MAIL",
        "e_mail",
        "EmailAddress",
        "*Email ",
        "ΤΗΛΕΦΩΝΟ",
        "τηλέφωνο",
        "Ülke",
        "Ad Soyad",
        "birthDate",
    ):
        assert known_header(header), header
    assert not known_header("Quarterly forecast")


@pytest.mark.parametrize("language", HEADERS_OF)
def test_headers_of_ten_languages(language: str) -> None:
    """Of the headers that firms write in a language, 97 of 100 and more are taken for what they mean."""
    cases = [(h, target) for target, headers in HEADERS_OF[language].items() for h in headers]
    wrong = [(h, target, found) for h, target in cases if (found := (by_header(h) or ("",))[0]) != target]
    assert len(cases) >= 40
    assert len(wrong) <= 0.03 * len(cases), wrong


@pytest.mark.parametrize(
    "header",
    ["Quarterly total", "Order number", "Invoice no", "Delivery date", "Θέση", "Сумма", "Ürün", "Quantità", "Menge"],
)
def test_words_that_mean_no_customer(header: str) -> None:
    """What a sheet says about orders and goods is no column of a customer."""
    assert (by_header(header) or ("ignore",))[0] == "ignore"


def test_a_header_of_megabytes_takes_no_time() -> None:
    """A cell of many megabytes where a header should stand is looked at in part only."""
    began = process_time()
    assert not known_header("Ω (" * 5_000_000)
    assert by_header("Ω (" * 5_000_000) is None
    assert process_time() - began < 1


def test_key_is_flagged() -> None:
    """A column named like an id, with a different value in every row, is flagged as the key."""
    keys = [
        m.column for m in recognise(table({"rec_id": ["a", "b"], "no": ["1", "1"], "name": ["x", "y"]})) if m.is_key
    ]
    assert keys == ["rec_id"]


def test_nearly_empty_columns_say_nothing() -> None:
    """A column filled in under two rows of a hundred is ignored where header and values do not both speak clearly."""
    columns = {
        "name": [f"Anna {n}" for n in range(200)],
        "Contact tel": ["210 1234567", *[None] * 199],
        "x": ["y", *[None] * 199],
    }
    assert [m.target for m in recognise(table(columns))][1:] == ["ignore", "ignore"]


HEADERS = st.sampled_from(
    ["name", "email", "phone", "Phone", "id", "birth date", "zip", "address", "???", "ad", "city", "full name", "x"]
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.dictionaries(HEADERS, st.lists(st.one_of(st.none(), st.text(max_size=20)), min_size=4, max_size=4), min_size=1)
)
def test_any_table_gets_one_target_a_column(columns: dict[str, list[str | None]]) -> None:
    """Whatever is in a table: every column gets one valid target, and no scalar is given twice."""
    found = recognise(table(columns))
    assert [m.column for m in found] == list(columns)
    assert all(schema.is_target(m.target) for m in found)
    scalars = [m.target for m in found if m.target in SCALARS]
    assert len(set(scalars)) == len(scalars)
    assert all(0 <= m.confidence <= 1 and m.why for m in found)
