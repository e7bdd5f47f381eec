"""Validation of what changed: the outcome is that of a test of everything, and nothing else is tested."""

import types
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from pipelines.validate import validate
from rules.expectations import checking, frames
from rules.expectations.rule import Check
from tests.pipelines.changing_firm import NAMED, Firm, content


@pytest.fixture
def tested(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """In place of Great Expectations, an engine that fails rows by chance, the same cells alike; quick.

    The keys of the records of which rows were tested, a set a test.
    """
    found: list[set[str]] = []
    check = checking.check

    def evaluate(frame: pd.DataFrame, checks: Sequence[Check], _: object) -> list[Any]:
        cells = [frame[list(check.columns)].astype(object).to_numpy().tolist() for check in checks]
        failed = [np.array([zlib.crc32(f"3{row}".encode()) % 4 == 0 for row in table], bool) for table in cells]
        told = [frames.applies(frame, check) & each for check, each in zip(checks, failed, strict=True)]
        return [types.SimpleNamespace(rows=np.flatnonzero(each), error="") for each in told]

    def spy(tables: dict[str, pa.Table], *rest: Any) -> checking.Checked:
        rows = [row for t in checking.ORDER if t in tables for row in tables[t].to_pylist()]
        found.append({f"{row['source']}:{row['record_id']}" for row in rows})
        return check(tables, *rest)

    engine: Any = types.ModuleType("engine")
    engine.evaluate = evaluate
    monkeypatch.setattr(checking, "_engine", lambda: engine)
    monkeypatch.setattr(checking, "check", spy)
    return found


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.soak)])
@pytest.mark.usefixtures("tested")
def test_what_changed_is_tested_as_if_all_were(tmp_path: Path, seed: int) -> None:
    """After nights of changes of any kind, every table is the one that a test of all rows makes."""
    firm = Firm(tmp_path, seed)
    run = firm.run()
    validate(run)
    for _ in range(4):
        firm.change_some()
        run = firm.run(run.folder)
        validate(run)
        whole = firm.whole(run.folder)
        validate(whole)
        assert content(run.folder) == content(whole.folder)


def plain(firm: Firm) -> None:
    """Records that have nothing to do with each other, but for two with one number, and a contact of another."""
    for source, records in firm.rows.items():
        for number, tables in records.items():
            for row in tables["records"]:
                row |= {"contact_of": "crm:7" if (source, number) == ("shop", "9") else None}
            number_of = "one" if source == "shop" and number in "56" else f"n{number}"
            tables["points"] = [{"record_id": number, "position": 0, "kind": "phone", "canonical": number_of}]


def a_number(firm: Firm) -> None:
    firm.touched["shop"].add("5")
    firm.rows["shop"]["5"]["points"][0]["canonical"] = "another"


def a_status(firm: Firm) -> None:
    firm.touched["shop"].add("5")
    firm.rows["shop"]["5"]["records"][0]["status"] = "closed"


def nobody_there(firm: Firm) -> None:
    firm.touched["crm"].add("7")
    del firm.rows["crm"]["7"]


def a_release(firm: Firm) -> None:
    firm.released = [{"source": "crm", "record_id": "3", "hash": "h"}]


def a_customer_of_facts(firm: Firm) -> None:
    firm.touched["shop"].add("8")
    del firm.rows["shop"]["8"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(a_status, {"shop:5"}, id="alone"),
        pytest.param(a_number, {"shop:5", "shop:6"}, id="who shared its number"),
        pytest.param(nobody_there, {"shop:9"}, id="who is its contact"),
        pytest.param(a_release, {"crm:3"}, id="who is released"),
        pytest.param(a_customer_of_facts, {"crm:f1", "crm:f2"}, id="facts"),
        pytest.param(lambda _: None, None, id="nobody"),
    ],
)
def test_nothing_else_is_tested(
    tmp_path: Path, tested: list[set[str]], change: Callable[[Firm], None], expected: set[str] | None
) -> None:
    """With a record, those are tested for which its change may make a difference, and no others."""
    firm = Firm(tmp_path, 1)
    plain(firm)
    fact = {"customer_source": "shop", "customer_id": "8", "number": "1"}
    firm.facts["crm"] = [{**fact, "record_id": "f1"}, {**fact, "record_id": "f2", "customer_id": "1"}]
    run = firm.run()
    validate(run)
    change(firm)
    validate(firm.run(run.folder))
    assert tested[1:] == ([] if expected is None else [expected])


def test_customers_that_land_for_the_first_time_judge_facts(tmp_path: Path, tested: list[set[str]]) -> None:
    """Facts of which no customer had landed are tested once any has, though none that they name came."""
    firm = Firm(tmp_path, 1)
    plain(firm)
    records, firm.rows["shop"] = firm.rows["shop"], {}
    firm.facts["crm"] = [{"record_id": "f1", "customer_source": "shop", "customer_id": "none", "number": "1"}]
    run = firm.run()
    validate(run)
    assert run.folder.read("validate", "facts", "crm")["customer_id"].to_pylist() == ["none"]
    firm.touched["shop"], firm.rows["shop"] = {"1"}, {"1": records["1"]}
    again = firm.run(run.folder)
    validate(again)
    assert tested[1] == {"crm:f1", "shop:1"}
    assert again.folder.read("validate", "facts", "crm")["customer_id"].to_pylist() == [None]


def test_a_rule_that_counts_in_an_order_needs_all_rows(tmp_path: Path, tested: list[set[str]]) -> None:
    """Which row is the second of a value depends on the others: the source is tested whole, the other is not."""
    firm = Firm(tmp_path, 1)
    rule = NAMED.replace("raw:Name", "nth_of:canonical").replace("records:", "points:").replace("identified_by", "kind")
    (firm.root / "rules" / "expectations" / "shop.yml").write_text(
        rule.replace("field: status", "field: type"), "utf-8"
    )
    run = firm.run()
    validate(run)
    a_status(firm)
    validate(firm.run(run.folder))
    assert tested[1] == {f"shop:{number}" for number in firm.rows["shop"]}


@pytest.mark.parametrize("changed", [(), ("3",)])
@pytest.mark.usefixtures("tested")
def test_quarantined_records_are_found_where_they_stand(tmp_path: Path, changed: tuple[str, ...]) -> None:
    """Rows that moved in their file, though nothing in them changed, are told of by their new line."""
    firm = Firm(tmp_path, 1)
    run = firm.run()
    validate(run)
    firm.touched["crm"] |= {*changed}
    again = firm.run(run.folder)
    validate(again)
    raw = {row["_record_id"]: row["_line"] for row in again.folder.read("land", "raw", "crm").to_pylist()}
    held = {row["record_id"]: row["line"] for row in again.folder.read("validate", "quarantine", "crm").to_pylist()}
    assert len(held) > 1
    assert held == {record: raw[record] for record in held}


@pytest.mark.usefixtures("tested")
def test_a_column_of_another_source_is_no_mistake(tmp_path: Path) -> None:
    """A rule on a column that only the other source has does not stop the night on which this one alone changes."""
    firm = Firm(tmp_path, 1)
    rule = "status_known: {kwargs: {column: text.colour}, field: status}"
    (firm.root / "rules" / "expectations" / "records.yml").write_text(rule, "utf-8")
    run = firm.run()
    rows = run.folder.read("standardise", "records", "crm")
    run.folder.write("standardise", "records", rows.append_column("text.colour", rows["record_id"]), "crm")
    validate(run)
    a_status(firm)
    validate(firm.run(run.folder))
