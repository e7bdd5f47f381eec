"""What becomes of rows that fail: quarantined, withheld, flagged; and nothing is lost on the way."""

from collections import Counter
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.expectations import outcome
from rules.expectations.tally import FAILURES

NOBODY = pa.array([], pa.string())


def failures(*rows: dict[str, Any]) -> pa.Table:
    """Failures of source s; what is not given is of a failed warning on records."""
    usual = {"source": "s", "record_id": "1", "table": "records", "row": 0, "severity": "warning", "field": "tax_id",
             "dimension": "validity", "flag": "ambiguous", "rule": "r", "value": "x", "message": "m"}  # fmt: skip
    return pa.Table.from_pylist([{n: {**usual, **row}.get(n) for n in FAILURES.names} for row in rows], FAILURES)


def ids(*pairs: tuple[str, str]) -> pa.Table:
    schema = pa.schema([("record_id", pa.string()), ("hash", pa.string())])
    return pa.Table.from_pylist([{"record_id": r, "hash": h} for r, h in pairs], schema)


def test_a_withheld_cell_takes_its_forms_along(make: Any) -> None:
    """A tax id that fails is empty in both its columns, in its row alone."""
    rows = make("records", [{"record_id": r, "tax_id": "1", "tax_id_norm": "1", "iban": "2"} for r in "123"])
    left = outcome.withhold("records", rows, 0, failures({"row": 1}), NOBODY).to_pylist()
    assert [(r["tax_id"], r["tax_id_norm"], r["iban"]) for r in left] == [
        ("1", "1", "2"),
        (None, None, "2"),
        ("1", "1", "2"),
    ]


def test_a_piece_is_counted_from_its_first_row(make: Any) -> None:
    """Row 11 of the table is the second row of the piece that begins at row 10."""
    rows = make("records", [{"record_id": r, "tax_id": "1"} for r in "ab"])
    left = outcome.withhold("records", rows, 10, failures({"row": 11}, {"row": 9}, {"row": 12}), NOBODY).to_pylist()
    assert [r["tax_id"] for r in left] == ["1", None]


def test_a_withheld_entry_goes_whole(make: Any) -> None:
    """An e-mail address that fails leaves no entry behind; one with a wrong type loses its type only."""
    rows = make(
        "points", [{"position": n, "kind": "email", "value": "v", "canonical": "v", "type": "t"} for n in (0, 1)]
    )
    found = failures({"table": "points", "field": "value"}, {"table": "points", "field": "type", "row": 1})
    assert [
        (r["position"], r["value"], r["type"]) for r in outcome.withhold("points", rows, 0, found, NOBODY).to_pylist()
    ] == [(1, "v", None)]


def test_a_withheld_postcode_leaves_the_rest_of_the_address(make: Any) -> None:
    """Postcode, its form and its word in the key go; street and city can still be compared."""
    rows = make(
        "addresses", [{"postcode": "1 23", "postcode_norm": "123", "address_key": "123 7 ermou", "city": "A"}] * 2
    )
    one, two = outcome.withhold(
        "addresses", rows, 0, failures({"table": "addresses", "field": "postcode"}), NOBODY
    ).to_pylist()
    assert (one["postcode"], one["postcode_norm"], one["address_key"], one["city"]) == (None, None, "7 ermou", "A")
    assert two["address_key"] == "123 7 ermou"


def test_an_info_changes_nothing(make: Any) -> None:
    """What is only flagged stays as it is."""
    rows = make("records", [{"tax_id": "1"}])
    assert outcome.withhold("records", rows, 0, failures({"severity": "info"}), NOBODY).equals(rows)


def test_flags_say_what_happened() -> None:
    """A failed warning is withheld, an empty cell invalid, an info what its rule says; each with its value."""
    found = failures({"row": 0}, {"value": None, "field": "raw:phone1"}, {"severity": "info", "flag": "stale"})
    told = [(f["flag"], f["field"], f["value"]) for f in outcome.flags(found, NOBODY).to_pylist()]
    assert told == [("withheld", "tax_id", "x"), ("invalid", "phone1", None), ("stale", "tax_id", "x")]


def test_quarantined_records_raise_no_flags() -> None:
    """A record that is not passed on has its reasons in quarantine, and a fact of the same id keeps its flag."""
    found = failures({}, {"severity": "critical"}, {"table": "facts", "field": "amount"})
    assert [f["table"] for f in outcome.flags(found, pa.array(["1"])).to_pylist()] == ["facts"]


def test_a_released_record_passes_until_its_content_changes() -> None:
    """The steward's word holds for the hash that it was given for, and for no other."""
    found = failures(*({"record_id": r, "severity": "critical"} for r in "3212"))
    now = ids(("1", "a"), ("2", "b"), ("3", "c"))
    assert outcome.quarantined(found, ids(), now).to_pylist() == ["1", "2", "3"]
    assert outcome.quarantined(found, ids(("1", "a"), ("2", "other")), now).to_pylist() == ["2", "3"]


def test_all_reasons_are_given() -> None:
    """Every reason stands once: first why nobody can tell who it is, then each cell that was wrong."""
    found = failures(
        {"value": "12"}, {"severity": "critical", "message": "nobody"}, {"severity": "info"}, {"value": "12"},
        {"severity": "critical", "message": "nothing"}, {"record_id": "2"},
    )  # fmt: skip
    assert outcome.reasons(found, pa.array(["1"])) == {"1": ["nobody", "nothing", "tax_id '12': m"]}


CELL = st.sampled_from([None, "maria", "12", "1985-01-01", "2999-01-01", "GR00"])
RECORD = st.fixed_dictionaries(
    dict.fromkeys(("name_latin", "birth_date", "iban", "iban_norm", "customer_no", "status"), CELL)
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=st.lists(RECORD, min_size=1, max_size=12), released=st.sets(st.integers(0, 11)))
def test_every_record_passes_or_is_quarantined(
    check: Any, make: Any, records: list[dict[str, Any]], released: set[int]
) -> None:
    """Each record comes out exactly once, and every cell that is gone has a flag that holds its value."""
    rows = make("records", [{"record_id": str(n), **row} for n, row in enumerate(records)])
    found = check({"records": rows.to_pylist()}).failures
    hashes = ids(*((str(n), "h") for n in range(len(records))))
    out = outcome.quarantined(found, ids(*((str(n), "h") for n in sorted(released))), hashes)
    passed = outcome.withhold("records", rows, 0, found, out).to_pylist()
    counts = Counter([*(r["record_id"] for r in passed), *out.to_pylist()])
    assert counts == Counter(str(n) for n in range(len(records)))
    flags = {
        (f["record_id"], f["field"]): f["value"]
        for f in outcome.flags(found, out).to_pylist()
        if f["flag"] == "withheld"
    }
    for row in passed:
        before = records[int(row["record_id"])]
        gone = {name: value for name, value in before.items() if row[name] != value and name != "iban_norm"}
        assert gone == {name: flags[row["record_id"], name] for name in gone}


@pytest.mark.parametrize("table", ["records", "points", "addresses", "facts"])
def test_nothing_fails_nothing_changes(make: Any, table: str) -> None:
    """A table without failures comes out as it went in."""
    rows = make(table, [{"record_id": r} for r in "12"])
    assert outcome.withhold(table, rows, 0, failures(), NOBODY).equals(rows)
