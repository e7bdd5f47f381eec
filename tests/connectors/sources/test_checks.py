"""What is wrong with a source is told at once, with the remedy; a table is opened with no declaration."""

from pathlib import Path

import pyarrow as pa
import pytest

from connectors.sources import SourceFailed, checks, inspect, open_table
from rules.schema import Source
from rules.vocabulary import RAW_PREFIX

CSV = "no,Nachname,Telefon\n1,Weiß,030 1\n2,Groß,030 2\n"


def problems(root: Path, **options: object) -> list[str]:
    (root / "in.csv").write_text(CSV)
    source = Source.model_validate({"kind": "csv", "location": "in.csv", **options})
    return [str(problem) for problem in inspect("shop", source, root, {("columns", "surname"): 7, ("location",): 2})]


def test_a_good_source_has_no_problem(tmp_path: Path) -> None:
    """A source that is as declared gives an empty list."""
    assert problems(tmp_path, columns={"Nachname": "surname"}, id=["no"]) == []


def test_vanished_column_names_the_likeliest(tmp_path: Path) -> None:
    """A mapped column that is not there is reported at its line, with the column that means the same."""
    (found,) = problems(tmp_path, columns={"surname": "surname"})
    assert found.startswith("sources/shop.yml:7: columns.surname:")
    assert "'Nachname'" in found


@pytest.mark.parametrize("more", [{"columns": {"no": "customer_no"}}, {"expect": {"never_empty": ["no"]}}])
def test_a_column_spelled_in_two_ways(more: dict[str, object], tmp_path: Path) -> None:
    """Of two spellings of one column the wrong one is told, at its own key, with the column that is meant."""
    (found,) = problems(tmp_path, **{"id": ["No"], "columns": {"Nachname": "surname"}, **more})
    assert found.startswith("sources/shop.yml: id: there is no column 'No' (used as id). It is the column 'no'")
    assert problems(tmp_path, id=["No"], columns={"nachname": "surname"}) == []


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (
            {"location": "inn.csv"},
            "shop.yml:2: location: inn.csv: there is no such file. Did you mean 'in.csv'?",
        ),
        ({"kind": "csvs"}, "Did you mean 'csv'?"),
        ({"id": ["nr"]}, "no column 'nr' (used as id)"),
        ({"expect": {"rows_at_least": 5}}, "2 rows where at least 5"),
        (
            {"columns": {"Name": "full_name", "Tel": "phone"}},
            "no column 'Tel' (used as phone). It is likeliest 'Telefon'",
        ),
    ],
)
def test_each_mistake_is_said(options: dict[str, object], reason: str, tmp_path: Path) -> None:
    """A missing file, an unknown kind, a missing id and a broken promise each have their message."""
    assert any(reason in problem for problem in problems(tmp_path, **options))


def test_open_table_numbers_the_rows(tmp_path: Path) -> None:
    """Without an id column the record id is the number of the row from 1, as text."""
    (tmp_path / "in.csv").write_text(CSV)
    assert open_table(tmp_path / "in.csv").raw["_record_id"].to_pylist() == ["1", "2"]
    assert open_table(tmp_path / "in.csv", "Nachname").raw["_record_id"].to_pylist() == ["Weiß", "Groß"]


def test_open_table_refuses(tmp_path: Path) -> None:
    """A missing file and a missing id column are said."""
    (tmp_path / "in.csv").write_text(CSV)
    with pytest.raises(SourceFailed, match="no such file"):
        open_table(tmp_path / "none.csv")
    with pytest.raises(SourceFailed, match="no column 'key'"):
        open_table(tmp_path / "in.csv", "key")


@pytest.mark.parametrize(
    ("share", "rows", "kept"), [(0.2, 8, True), (0.2, 7, False), (0.7, 3, True), (0.7, 2, False), (0.1, 9, True)]
)
def test_exactly_the_share_that_may_be_missing_may(share: float, rows: int, kept: bool) -> None:
    """Of ten rows, seven may be missing where 0.7 of them may: what computers make of 1 - 0.7 does not count."""
    raw = pa.table({"no": ["1"] * rows})
    source = Source.model_validate({"kind": "csv", "location": "x", "expect": {"shrink_at_most": share}})
    assert (not checks.expectations(raw, source, 10)) == kept


def test_a_share_that_is_a_little_too_much_reads_so() -> None:
    """`20.1% are missing`, and never that 20% are where 20% may be."""
    source = Source.model_validate({"kind": "csv", "location": "x"})
    (failure,) = checks.expectations(pa.table({"no": ["1"] * 799}), source, 1000)
    assert "20.1% are missing" in failure.reason
    assert "At most 20% may" in failure.remedy


@pytest.mark.parametrize(
    ("gone", "target", "header", "cells"),
    [
        ("Телефон", "phone", "Тел. моб.", ["+7 912 345-61-71", "8 (912) 345-62-72"]),
        ("Ansprechpartner", "full_name", "Spalte 3", ["Anna Weiss", "Peter Gross"]),
        ("Rufnummer", "phone.landline", "xyz", ["+49 30 9012345", "+49 30 9012346"]),
    ],
)
def test_a_renamed_column_is_found_by_what_it_holds(gone: str, target: str, header: str, cells: list[str]) -> None:
    """Where no name is alike, the column left over whose values fit is proposed; a mobile may stand for a phone."""
    raw = pa.table({"no": ["1", "2"], "mail": ["a@x.example", "b@x.example"], "Remark": ["x", "y"], header: cells})
    source = Source.model_validate(
        {"kind": "csv", "location": "x", "id": ["no"], "columns": {"mail": "email", gone: target}}
    )
    (failure,) = checks.columns(raw, source)
    assert f"likeliest {header!r}" in failure.remedy


def test_a_file_without_a_column_is_named(tmp_path: Path) -> None:
    """Of files with different columns, the one that lacks a column that is never empty is named, with what it has."""
    (tmp_path / "customers_a.csv").write_text("no,name\n1,Ada\n,Bo\n")
    (tmp_path / "customers_export.csv").write_text("Customer,Email\nCy,c@x.example\nDi,d@x.example\n")
    declared = {
        "kind": "csv", "location": "customers*.csv", "columns": {"name": "full_name"},
        "expect": {"never_empty": ["no"]},
    }  # fmt: skip
    lacking, cell = (str(p) for p in inspect("shop", Source.model_validate(declared), tmp_path))
    assert "customers_export.csv" in lacking
    assert "this file has no column 'no'" in lacking
    assert "It has: Customer, Email" in lacking
    assert "customers_a.csv" in cell
    assert "1 row is empty in 'no'" in cell


def test_a_source_that_maps_nothing_is_stopped() -> None:
    """Without one mapped column every row would land and not one record come of it: said, with what is there."""
    raw = pa.table({**{name: ["1"] for name in RAW_PREFIX}, "column 1": ["Maria 6941111111"]})
    (failure,) = checks.columns(raw, Source(kind="csv", location="x.csv"))
    assert "no column is mapped" in failure.reason
    assert "column 1" in failure.remedy
