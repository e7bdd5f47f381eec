"""What need not be tested again, and what is known of it from when it was."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from rules.expectations import checking, kept, needless, suites
from tests.rules.expectations.conftest import SETTING

POINTS = [
    {"record_id": r, "position": n, "kind": "phone", "value": v, "canonical": v}
    for r, n, v in (("1", 0, "+302103221234"), ("1", 1, None), ("2", 0, "+302103221234"), ("3", 0, None))
]


def rows(*values: tuple[str, str | None, str | None]) -> pa.Table:
    form = pa.schema([(name, pa.string()) for name in ("record_id", "canonical", "kind")])
    return pa.Table.from_pylist([dict(zip(form.names, row, strict=True)) for row in values], form)


def test_results_are_told_again_from_what_failed(check: Any, make: Any) -> None:
    """From the failures that were kept, some of the rows or all of them have the results that the test gave them."""
    records = [
        {"record_id": r, "name_latin": n, "birth_date": "2999"} for r, n in (("1", "maria"), ("2", None), ("3", None))
    ]
    found = check({"points": POINTS, "records": records})
    tables = {"points": make("points", POINTS), "records": make("records", records)}
    failed = kept.keep(found.failures, tables)
    again = checking.recall(tables, suites.load({}, {}), SETTING, failed)
    assert again.equals(found.results)
    some = {name: table.filter(pc.not_equal(table["record_id"], "1")) for name, table in tables.items()}
    few = checking.recall(some, suites.load({}, {}), SETTING, failed).to_pylist()
    counts = {r["rule"]: (r["checked"], r["failed"]) for r in few}
    assert counts["birth_date_plausible"] == (2, 2)
    assert counts["phone_readable"] == (2, 1)
    assert counts["identifiable"] == (2, 1)


def test_failures_are_kept_by_record() -> None:
    """A failing row is found again, by its place within its record, when rows before it came or went."""
    found = pa.table({"source": ["s"] * 3, "record_id": ["1", "1", "2"]})
    failure = {"source": "s", "record_id": "1", "table": "points", "row": 1, "rule": "r"}
    failures = pa.Table.from_pylist([{n: failure.get(n) for n in kept.FAILURES.names}], kept.FAILURES)
    held = kept.keep(failures, {"points": found})
    turned = found.take([2, 0, 1])
    assert {k: v.tolist() for k, v in kept.failing(held, {"points": turned}).items()} == {("points", "r"): [2]}
    assert kept.failing(held, {"points": found.slice(2)})["points", "r"].tolist() == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (("a", "x"), ("b", "x"), {"1", "2", "3"}),
        (("a", "x"), ("a", "y"), {"1", "2"}),
        (("a", "x"), ("a", "x"), set()),
        (("a", "x"), (None, "x"), {"2"}),
        ((None, "x"), (None, "y"), set()),
    ],
)
def test_who_is_counted_with_what_changed(
    old: tuple[str | None, str], new: tuple[str | None, str], expected: set[str]
) -> None:
    """Records are concerned whose values stand in more or fewer rows than before; an empty value counts with none."""
    whole = rows(("1", *new), ("2", "a", "x"), ("3", "b", "x"), ("4", None, "x"))
    found = needless.recounted([("canonical", "kind")], whole, rows(("1", *old)), pa.array(["1"]))
    assert set(found.to_pylist()) == expected


def test_rows_that_only_count() -> None:
    """Rows that share a value with a tested one are there to be counted, and no others."""
    whole = rows(("1", "a", "x"), ("2", "a", "y"), ("3", "b", "x"), ("4", None, "x"))
    assert needless.counting([("canonical",)], whole, pa.array(["1"]))["record_id"].to_pylist() == ["2"]
    assert needless.counting([("canonical",), ("kind",)], whole, pa.array(["1"]))["record_id"].to_pylist() == [
        "2",
        "3",
        "4",
    ]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("count_of:canonical,kind", {"points": {("canonical", "kind"), ("canonical",)}}),
        ("nth_of:canonical", None),
        ("count_of:domain", None),
    ],
)
def test_what_is_counted(column: str, expected: dict[str, set[tuple[str, ...]]] | None) -> None:
    """Rules tell which columns they count; a rule that counts in an order, or helper columns, concerns every row."""
    rule = f'own: {{type: expect_column_values_to_be_between, kwargs: {{column: "{column}", max_value: 1}}, severity: info, field: value, dimension: uniqueness, because: b, remedy: r}}'  # noqa: E501
    assert needless.counted(suites.load({"points.yml": rule}, {}).of("s")) == expected
