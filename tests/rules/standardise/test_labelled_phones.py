"""Phones that a word says the kind of: in a column beside, as address books export them, or within the cell."""

import pyarrow as pa
import pytest

from rules import schema
from rules.standardise.table import standardise
from rules.vocabulary import RAW_PREFIX


def points(phone: str, label: str | None, country: str = "IT") -> list[tuple[str | None, str | None]]:
    """Type and number of each phone of one row."""
    source = schema.Source.model_validate({
        "kind": "csv", "location": "-", "country": country, "columns": {"Phone": "phone"}, "labels": {"Phone": "Kind"},
    })  # fmt: skip
    raw = pa.table({
        **{name: pa.array(["1"]) for name in RAW_PREFIX if name != "_line"}, "_line": pa.array([1]),
        "Phone": pa.array([phone]), "Kind": pa.array([label], pa.string()),
    }).select([*RAW_PREFIX, "Phone", "Kind"])  # fmt: skip
    return [(p["type"], p["canonical"]) for p in standardise(raw, "x", source)["points"].to_pylist()]


@pytest.mark.parametrize(
    ("label", "kind"),
    [("Work Fax", "fax"), ("* Home Fax", "fax"), ("Факс", "fax"), ("Work", "landline"), (None, "landline")],
)
def test_the_column_beside_tells_a_fax(label: str | None, kind: str) -> None:
    """What is called a fax is one, and its number stays as it is; otherwise the number tells what it is."""
    assert points("+39 06 482751", label) == [(kind, "+3906482751")]


def test_a_cell_of_several_numbers_is_taken_apart() -> None:
    """` ::: ` of Google's export stands between numbers; the label is of the first."""
    assert points("+39 06 482751 ::: +39 333 7512846", "Fax") == [("fax", "+3906482751"), ("mobile", "+393337512846")]


def test_labels_within_the_cell() -> None:
    """`Phone:… Mobile:…` is two numbers, `ext: 12` is none of its own."""
    assert points("Phone:(212) 751-2846 Fax:(212) 751-2849", None, "US") == [
        ("landline", "+12127512846"), ("fax", "+12127512849"),
    ]  # fmt: skip
    assert len(points("(212) 751-2846 ext: 12", None, "US")) == 1
