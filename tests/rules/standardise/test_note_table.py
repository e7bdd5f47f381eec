"""What notes add to a record: points and addresses with a flag, the note itself whole, nothing doubled."""

from typing import Any

import pyarrow as pa
import pytest

from rules import schema
from rules.standardise.table import standardise

COLUMNS = {
    "name": "full_name",
    "phone": "phone",
    "town": "address.city",
    "note": "note.contact",
    "more": "note.contact",
}


def one(*rows: dict[str, str], country: str | None = "GR", **settings: Any) -> dict[str, list[dict[str, Any]]]:
    size = len(rows)
    raw = pa.table({
        "_record_id": [f"r{n}" for n in range(1, size + 1)], "_file": ["f"] * size,
        "_sheet": pa.nulls(size, pa.string()), "_line": pa.array(range(1, size + 1), pa.int64()), "_hash": ["h"] * size,
        **{c: pa.array([row.get(c) for row in rows], pa.string()) for c in COLUMNS},
    })  # fmt: skip
    source = schema.Source(kind="csv", location="x", country=country, columns=COLUMNS, **settings)
    return {table: found.to_pylist() for table, found in standardise(raw, "sheet", source).items()}


def test_the_loose_sheet() -> None:
    """A note with a second phone and an address: both are the record's, in their standard form and flagged."""
    note = "Marias cell 6944112233, Ερμού 12 Καλαμαριά, after 6pm"
    tables = one({"name": "Maria Papadaki", "phone": "2101112223", "note": note}, {"name": "Nikos Vlachos"})
    assert [(p["record_id"], p["position"], p["canonical"]) for p in tables["points"]] == [
        ("r1", 0, "+302101112223"), ("r1", 1, "+306944112233"),
    ]  # fmt: skip
    (address,) = tables["addresses"]
    assert (address["street"], address["house_number"], address["city"]) == ("Ερμού", "12", "Καλαμαριά")
    flags = [(f["table"], f["position"], f["flag"], f["rule"]) for f in tables["flags"]]
    assert sorted(flags) == [
        ("addresses", address["position"], "ambiguous", "found_in_note"), ("points", 1, "ambiguous", "found_in_note"),
    ]  # fmt: skip


def test_what_stands_in_its_own_column_is_not_doubled() -> None:
    """A note that repeats the number of the phone column adds nothing and raises no doubt."""
    tables = one({"name": "Maria Papadaki", "phone": "6944112233", "note": "cell 694 411 2233"})
    assert [p["canonical"] for p in tables["points"]] == ["+306944112233"]
    assert tables["flags"] == []


def test_a_person_who_is_not_the_customer() -> None:
    """The same note is the customer's own or somebody else's, as the record is named."""
    note = "Maria 6944112233"
    tables = one({"name": "Maria Papadaki", "note": note}, {"name": "Kostas Vlachos", "note": note})
    assert [p["record_id"] for p in tables["points"]] == ["r1"]


def test_several_notes_and_addresses_of_one_record() -> None:
    """Each entry has a position of its own, behind those of the columns."""
    row = {"name": "Maria Papadaki", "town": "Volos", "note": "Οδός Ερμού 5; Οδός Αιόλου 7", "more": "Οδός Νίκης 9"}
    addresses = one(row)["addresses"]
    assert [a["house_number"] for a in addresses] == [None, "5", "7", "9"]
    assert len({a["position"] for a in addresses}) == 4


@pytest.mark.parametrize("country", [None, "GR"])
def test_notes_without_contacts(country: str | None) -> None:
    """Empty cells, placeholders and plain words add nothing."""
    tables = one({"name": "Maria Papadaki", "note": "-"}, {"name": "A B", "note": "call 5 pm"}, country=country)
    assert tables["points"] == tables["addresses"] == []
