"""What holds for any records of any customer."""

import json
from typing import Any

import customers
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import survivorship
from tests.at_length import at_length

QUICK = settings(max_examples=6, deadline=None)
NAMES = ("given_name", "surname")
FIELDS = ("given_name", "surname", "birth_date", "segment")
PARTS = ("street", "house_number", "postcode", "city", "country")

# Two addresses in one city.
HERE = {"street": "Odos Ermou", "house_number": "12", "postcode": "10563", "city": "Athina", "country": "GR"}
THERE = {"street": "Panepistimiou", "house_number": "7", "postcode": "10672", "city": "Athina", "country": "GR"}

words = st.sampled_from(["Anna", "ANNA", "anna", "Ana", "Άννα", "Rossi", "Rosi", "Bianchi", "M.", "Maria", " Anna "])
dates = st.sampled_from(["1980", "1980-01-01", "1980-10-01", "1957-08-30"])
texts = st.none() | words
days = st.none() | st.sampled_from(["2019-01-01", "2024-05-05", "2062-01-01"])


@st.composite
def customer(draw: st.DrawFn) -> dict[str, Any]:
    """A case of one to six records of up to two customers, with doubts about some cells."""
    keys = [f"{draw(st.sampled_from('abc'))}:{number}" for number in range(draw(st.integers(1, 6)))]
    records, addresses, points, flags = [], [], [], []
    for key in keys:
        own = {"key": key, "golden_id": draw(st.sampled_from(["G1", "G1", "G2"])), "updated_at": draw(days)}
        own |= {name: draw(texts) for name in NAMES} | {"birth_date": draw(st.none() | dates), "segment": draw(texts)}
        records.append(own)
        place = draw(st.sampled_from([HERE, THERE]))
        addresses.append({"key": key, **{p: draw(st.none() | st.just(place[p])) for p in PARTS}, "since": draw(days)})
        value = draw(st.sampled_from(["+30691", "0030 691", "+30692"]))
        points.append({"key": key, "kind": "phone", "type": "mobile", "value": value, "canonical": value[-3:]})
        flags += [
            {"key": key, "field": draw(st.sampled_from(FIELDS)), "flag": draw(st.sampled_from(["suspect", "withheld"]))}
            for _ in range(draw(st.integers(0, 1)))
        ]
    return {"records": records, "addresses": addresses, "points": points, "flags": flags, "trust": {"a": 0.9}}


def cells(case: dict[str, Any], flag: str | None = None) -> set[tuple[str, str, str, str]]:
    """(golden id, record key, field, value) of all cells of the records, or of those that bear a flag."""
    marked = {(row["key"], row["field"]) for row in case["flags"] if row["flag"] == flag}
    return {
        (row["golden_id"], row["key"], name, row[name])
        for row in case["records"]
        for name in FIELDS
        if row[name] is not None and (flag is None or (row["key"], name) in marked)
    }


def survivors(made: dict[str, pa.Table]) -> list[dict[str, Any]]:
    return [row for row in made["provenance"].to_pylist() if row["field"] in FIELDS]


@QUICK
@given(customer(), st.randoms())
def test_the_order_of_rows_changes_nothing(case: dict[str, Any], random: Any) -> None:
    """The same tables in any order of rows give the same golden tables, row by row."""
    mixed = {name: random.sample(rows, len(rows)) if isinstance(rows, list) else rows for name, rows in case.items()}
    positions = {name: [{"position": n, **row} for n, row in enumerate(case[name])] for name in ("addresses", "points")}
    places = {name: random.sample(rows, len(rows)) for name, rows in positions.items()}
    assert customers.survive(case | positions) == customers.survive(mixed | places)


@QUICK
@given(customer())
def test_every_surviving_value_stands_in_the_record_it_names(case: dict[str, Any]) -> None:
    """Nothing is made up and nothing withheld: its record holds the value, a name perhaps in the other box."""
    held = cells(case) - cells(case, "withheld")
    for row in survivors(customers.survive(case)):
        boxes = NAMES if row["field"] in NAMES else (row["field"],)
        key = f"{row['source']}:{row['record_id']}"
        assert any((row["golden_id"], key, box, row["value"]) in held for box in boxes)


@QUICK
@given(customer())
def test_what_lost_stands_in_the_record_it_names(case: dict[str, Any]) -> None:
    """Losing values are a customer's own too, and none of them is withheld."""
    held = cells(case) - cells(case, "withheld")
    for row in survivors(customers.survive(case)):
        boxes = NAMES if row["field"] in NAMES else (row["field"],)
        for lost in json.loads(row["losers"]):
            key = f"{lost['source']}:{lost['record_id']}"
            assert any((row["golden_id"], key, box, lost["value"]) in held for box in boxes)


@QUICK
@given(customer())
def test_a_withheld_cell_never_wins_and_a_suspect_one_only_alone(case: dict[str, Any]) -> None:
    """A withheld cell survives nowhere; a suspect one only where every other cell of the field is suspect too."""
    withheld, suspect = cells(case, "withheld"), cells(case, "suspect") - cells(case, "withheld")
    for row in survivors(customers.survive(case)):
        if row["field"] in NAMES:  # a name's halves may stand in each other's box: another test
            continue
        cell = (row["golden_id"], f"{row['source']}:{row['record_id']}", row["field"], row["value"])
        assert cell not in withheld
        rivals = {c for c in cells(case) - withheld if c[0] == row["golden_id"] and c[2] == row["field"]}
        assert (row["rule"] == "only_suspect") == (cell in suspect) == (not rivals - suspect)


@QUICK
@given(customer())
def test_an_address_is_never_half_from_here_and_half_from_there(case: dict[str, Any]) -> None:
    """The parts of a surviving address are all of one place."""
    for row in customers.survive(case)["golden"].to_pylist():
        parts = {name: row[name] for name in PARTS if row[name] is not None}
        assert parts.items() <= HERE.items() or parts.items() <= THERE.items()


@QUICK
@given(customer())
def test_surviving_again_changes_nothing(case: dict[str, Any]) -> None:
    """A golden record that is the only record of its customer is its own golden record."""
    first = customers.survive(case)
    for golden in first["golden"].to_pylist():
        kept = customers.values(first, golden["golden_id"])
        own = {name: kept.get(name) for name in FIELDS}
        place = [{"key": "golden:1", **{name: golden[name] for name in PARTS}}]
        phone = [{"key": "golden:1", "kind": "phone", "value": golden["phone"], "canonical": "x"}]
        again = customers.survive({"records": [{"key": "golden:1", **own}], "addresses": place, "points": phone})
        same = [*FIELDS[:3], *PARTS, "phone"]
        assert {n: again["golden"][n][0].as_py() for n in same} == {n: golden[n] for n in same}


@QUICK
@given(customer())
def test_every_customer_has_one_golden_record_and_one_primary_a_kind(case: dict[str, Any]) -> None:
    """No customer is lost or doubled; its records are counted; a kind of contact point has one primary."""
    made = customers.survive(case)
    ids = [row["golden_id"] for row in case["records"]]
    assert made["golden"]["golden_id"].to_pylist() == sorted(set(ids))
    assert {row["golden_id"]: row["records"] for row in made["golden"].to_pylist()} == {i: ids.count(i) for i in ids}
    assert all(0 <= row["quality"] <= 1 and row["display_name"] for row in made["golden"].to_pylist())
    primaries = [(r["golden_id"], r["kind"]) for r in made["contact_points"].to_pylist() if r["primary"]]
    assert sorted(primaries) == sorted({(r["golden_id"], r["kind"]) for r in made["contact_points"].to_pylist()})


@settings(max_examples=4, deadline=None)
@given(customer())
def test_frequencies_handed_over_give_the_same(case: dict[str, Any]) -> None:
    """Counting frequencies first and handing them over is what happens without."""
    tables, clusters = customers.tables(case), customers.clusters(case["records"])
    known = survivorship.spelling(tables, clusters, survivorship.load())
    handed = survivorship.survive(tables, clusters, frequencies=survivorship.Frequencies(known.table))
    assert handed == survivorship.survive(tables, clusters)


@pytest.mark.soak
@pytest.mark.parametrize(
    "promise",
    [
        test_every_surviving_value_stands_in_the_record_it_names,
        test_what_lost_stands_in_the_record_it_names,
        test_a_withheld_cell_never_wins_and_a_suspect_one_only_alone,
        test_an_address_is_never_half_from_here_and_half_from_there,
        test_surviving_again_changes_nothing,
        test_every_customer_has_one_golden_record_and_one_primary_a_kind,
        test_frequencies_handed_over_give_the_same,
    ],
)
def test_at_length(promise: Any) -> None:
    """All of this with many more examples."""
    at_length(promise, 50, customer())


@pytest.mark.soak
def test_the_order_of_rows_at_length() -> None:
    """The order of rows with many more examples."""
    at_length(test_the_order_of_rows_changes_nothing, 50, customer(), st.randoms())
