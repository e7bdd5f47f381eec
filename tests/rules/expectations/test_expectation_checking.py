"""Checking: sources together, batches, rules of one source, errors, and silence towards the outside."""

import socket
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rules.expectations import checking, frames, suites
from rules.schema import Mistakes

ROWS = [
    {"source": s, "record_id": str(n), "name_latin": "maria" if n % 3 else None, "birth_date": f"{1890 + n}-01-01"}
    for s in ("crm", "shop")
    for n in range(9, 17)
]  # fmt: skip


def test_sources_are_told_apart(check: Any) -> None:
    """All sources are tested in one batch, and counted one by one."""
    rows = [{**r, "birth_date": "1801-01-01"} if r["source"] == "shop" else r for r in ROWS]
    results = check({"records": rows}).results.to_pylist()
    counts = {r["source"]: (r["checked"], r["failed"]) for r in results if r["rule"] == "birth_date_plausible"}
    assert counts == {"crm": (8, 1), "shop": (8, 8)}


def test_batches_make_no_difference(check: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows tested three at a time give what all rows at once give."""
    points = [{"source": s, "record_id": "9", "position": n, "kind": "email", "canonical": f"a{n % 2}@x"} for s in ("a", "b") for n in range(5)]  # fmt: skip # noqa: E501
    whole = check({"records": ROWS, "points": points})
    monkeypatch.setattr(checking, "CHUNK", 3)
    pieces = check({"records": ROWS, "points": points})
    assert pieces.results.equals(whole.results)
    assert pieces.failures.equals(whole.failures)


def test_failures_name_their_row(check: Any) -> None:
    """A failure has the key, the row of its source's table, the entry, the cell and its reason."""
    points = [
        {
            "source": "b",
            "record_id": "7",
            "position": 0,
            "kind": "email",
            "value": "nora@firm.gr",
            "canonical": "nora@firm.gr",
        },
        {
            "source": "a",
            "record_id": "8",
            "position": 0,
            "kind": "email",
            "value": "maria@firm.gr",
            "canonical": "maria@firm.gr",
        },
        {"source": "a", "record_id": "8", "position": 1, "kind": "phone", "value": "12"},
    ]
    (failure,) = check({"points": points}).failures.to_pylist()
    assert failure == {
        "source": "a", "record_id": "8", "table": "points", "row": 1, "position": 1, "field": "value",
        "rule": "phone_readable", "severity": "warning", "dimension": "validity", "flag": "ambiguous", "value": "12",
        "message": "this is no phone number that can exist",
    }  # fmt: skip


def test_a_rule_of_one_source_is_applied_there_alone(check: Any) -> None:
    """A source's own version of a rule takes the place of the common one on its rows, and only on those."""
    own = "records: {birth_date_plausible: {kwargs: {min_value: '1904-01-01'}}}"
    results = check({"records": ROWS}, {"crm.yml": own}).results.to_pylist()
    mine = {(r["source"], r["suite"]): r["failed"] for r in results if r["rule"] == "birth_date_plausible"}
    assert mine == {("crm", "crm"): 5, ("shop", "records"): 1}


def test_a_rule_that_is_off_is_not_applied(check: Any) -> None:
    """A rule that one source takes out has no result there, and stays in force elsewhere."""
    results = check({"records": ROWS}, {"crm.yml": "records: {identifiable: {off: true}}"}).results.to_pylist()
    assert {r["source"] for r in results if r["rule"] == "identifiable"} == {"shop"}


def test_a_rule_without_rows_has_no_result(check: Any) -> None:
    """Nothing is claimed about a source to which a rule says nothing."""
    results = check({"records": [{"name_latin": "maria"}]}).results.to_pylist()
    assert {r["rule"] for r in results} == {"identifiable", "more_than_a_number"}


def test_counts_are_those_of_great_expectations() -> None:
    """The number of rows tested, counted here by source, is what Great Expectations counts in all."""
    from rules.expectations import engine

    frame = pd.DataFrame(
        {"party_type": ["person", None, "organisation", "person"], "legal_form": ["GmbH", None, None, None],
         "birth_date": ["1985", "x", None, "1990"], "entered_at": ["1980", "2000", "2000", None]},
    ).astype("category")  # fmt: skip
    wanted = ("party_type_known", "person_without_legal_form", "birth_date_plausible")
    checks = [suites.load({}, {"s": ()}).common["records"][name] for name in wanted]
    outcomes = engine.evaluate(frame, checks, checking.Setting("2026-11-22").values())
    assert [o.checked for o in outcomes[::2]] == [int(frames.applies(frame, c).sum()) for c in checks[::2]]
    assert [o.rows.tolist() for o in outcomes] == [[], [0], [1]]


@pytest.mark.parametrize("least", ["1", "many"])
def test_an_errored_rule_is_no_failing_row(check: Any, least: str) -> None:
    """A rule that cannot be applied is reported as errored, for the sources it is for, and fails no row."""
    rule = """
broken:
  type: expect_column_values_to_be_between
  kwargs: {column: status, min_value: LEAST}
  severity: critical
  dimension: validity
  because: it is not possible to say this
  remedy: Do not write such rules
"""
    row = {"name_latin": "maria", "status": "active"}
    found = check({"records": [row]}, {"records.yml": rule.replace("LEAST", least)})
    (result,) = [r for r in found.results.to_pylist() if r["errored"]]
    assert (result["rule"], result["failed"]) == ("broken", 0)
    assert result["message"] != "it is not possible to say this"
    assert found.failures.num_rows == 0


def test_a_text_column_that_no_source_has_is_named(check: Any) -> None:
    """A rule on a free column that no source maps says where it is written."""
    with pytest.raises(Mistakes, match=r"records\.yml:1: status_known: records have no column 'text\.colour'"):
        check({"records": [{}]}, {"records.yml": "status_known: {kwargs: {column: text.colour}, field: status}"})


def test_rules_on_undeclared_numbers_are_left_out(check: Any) -> None:
    """Where the firm has declared no numbers of its own, no rule pretends to have compared with them."""
    points = [{"kind": "phone", "value": "1", "canonical": "+302103221234", "position": 0}]
    found = check({"points": points}, setting=checking.Setting("2026-11-22"))
    assert "phone_not_ours" not in {r["rule"] for r in found.results.to_pylist()}


def test_empty_tables_have_no_results(check: Any) -> None:
    """No rows, no results, no failures; and nothing to import Great Expectations for."""
    found = check({"records": [], "points": []})
    assert (found.results.num_rows, found.failures.num_rows) == (0, 0)


def test_the_order_of_sources_makes_no_difference(check: Any) -> None:
    """Failures come in the same order however the sources lie."""
    turned = sorted(ROWS, key=lambda r: r["source"], reverse=True)
    assert check({"records": turned}).failures.equals(check({"records": ROWS}).failures)


def test_rows_of_a_source_must_stand_together(check: Any) -> None:
    """Mixed sources are refused: row numbers would mean nothing."""
    with pytest.raises(ValueError, match="do not stand together"):
        check({"records": sorted(ROWS, key=lambda r: r["record_id"])})


def test_nothing_calls_out(check: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Great Expectations opens no connection and looks up no name while a suite runs."""
    calls: list[Any] = []
    monkeypatch.setattr(socket.socket, "connect", lambda *a: calls.append(a))
    monkeypatch.setattr(socket.socket, "connect_ex", lambda *a: calls.append(a))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: calls.append((a, k)))
    check({"records": ROWS})
    import os

    assert calls == []
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"


def test_counting_columns_count_within_a_source(check: Any) -> None:
    """The second of two equal numbers fails, the first does not, and another source's number does not count."""
    facts = [{"source": s, "record_id": str(n), "number": "A", "kind": k} for s, n, k in
             (("a", 1, "invoice"), ("a", 2, "invoice"), ("a", 3, "credit_note"), ("b", 4, "invoice"))]  # fmt: skip
    failures = check({"facts": facts}).failures.to_pylist()
    assert [f["record_id"] for f in failures if f["rule"] == "number_unique"] == ["2"]


def test_values_are_asked_once() -> None:
    """A condition sees each distinct value once, and never an empty cell."""
    from rules.expectations import engine

    seen: list[str] = []
    column = pd.Series(["a", None, "b", "a", np.nan]).astype("category")
    assert engine._each(column, lambda v: bool(seen.append(v)) or v == "a").tolist() == [True, True, False, True, True]
    assert seen == ["a", "b"]
