"""The stage validate: what passes on, what is withheld, what is quarantined, and what need not be tested again."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from connectors.store.runs import RunFolder
from connectors.workspace import Workspace
from pipelines import validate as stage
from pipelines.context import Run
from pipelines.validate import validate
from rules import schema
from rules import vocabulary as words
from rules.expectations import checking

RAW = pa.schema([*((n, pa.int64() if n == "_line" else pa.string()) for n in words.RAW_PREFIX), ("Name", pa.string()), ("Tel", pa.string())])  # fmt: skip # noqa: E501
SCHEMAS = {**words.STANDARD_TABLES, "facts": words.FACTS}
RELEASED = pa.schema([("source", pa.string()), ("record_id", pa.string()), ("hash", pa.string())])


class FakeStore:
    """The state database, as far as this stage asks it."""

    def __init__(self, *released: dict[str, str]) -> None:
        self._released = released

    def released(self) -> pa.Table:
        return pa.Table.from_pylist(list(self._released), RELEASED)


class Firm:
    """A workspace with two sources, whose standard tables a test writes itself."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = FakeStore()
        source = {"kind": "csv", "location": "x.csv", "columns": {"Name": "full_name", "Tel": "phone"}}
        self.sources = {n: schema.Source.model_validate(source) for n in ("crm", "shop")}
        self.settings = schema.Firm(country="GR", own_phones=("210 9990000",), own_domains=("@Ours.example",))
        self.tables: dict[str, dict[str, list[dict[str, Any]]]] = {
            "crm": {"records": [person("1"), person("2", birth_date="2999-01-01"), nobody("3")]},
            "shop": {"records": [person("1")]},
        }

    def rule(self, file: str, text: str) -> None:
        path = self.root / "rules" / "expectations" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def run(self, number: int = 1, before: RunFolder | None = None, unchanged: tuple[str, ...] = ()) -> Run:
        """A run that has got as far as this stage; `unchanged` sources are taken over from the run before."""
        folder = RunFolder(self.root / "runs", f"run{number}")
        for source, tables in self.tables.items():
            if before and source in unchanged:
                for earlier in ("land", "standardise"):
                    folder.take_over(earlier, source, before)
                continue
            for name, schema_ in SCHEMAS.items():
                rows = [{"source": source, **row} for row in tables.get(name, [])]
                table = pa.Table.from_pylist([{n: r.get(n) for n in schema_.names} for r in rows], schema_)
                folder.write("standardise", name, table, source)
            raw = [
                {"_record_id": r["record_id"], "_file": "x.csv", "_line": 9, "Name": r.get("full_name")}
                for r in tables["records"]
            ]
            folder.write(
                "land", "raw", pa.Table.from_pylist([{n: r.get(n) for n in RAW.names} for r in raw], RAW), source
            )
        workspace = Workspace(self.root, self.settings, self.sources)
        return Run(workspace, folder, self.store, datetime(2026, 11, 22, 3, tzinfo=UTC), before)


def person(record_id: str, **cells: str) -> dict[str, Any]:
    name = {"full_name": f"Maria {record_id}", "name_latin": f"maria {record_id}"}
    return {"record_id": record_id, "hash": f"h{record_id}", **name, **cells}


def nobody(record_id: str, **cells: str) -> dict[str, Any]:
    return {"record_id": record_id, "hash": f"h{record_id}", "full_name": "???", **cells}


@pytest.fixture
def firm(tmp_path: Path) -> Firm:
    return Firm(tmp_path)


def ids(run: Run, table: str, source: str = "crm") -> list[str]:
    return run.folder.read("validate", table, source)["record_id"].to_pylist()


def test_good_records_pass_and_nobodies_are_quarantined(firm: Firm) -> None:
    """A record without name, id and contact point is kept whole, with its place and its reason, and goes no further."""
    run = firm.run()
    result = validate(run)
    assert ids(run, "records") == ["1", "2"]
    (item,) = run.folder.read("validate", "quarantine", "crm").to_pylist()
    assert json.loads(item.pop("raw")) == {"Name": "???", "Tel": None}
    assert item == {
        "source": "crm", "record_id": "3", "file": "x.csv", "sheet": None, "line": 9, "hash": "h3",
        "reasons": ["no usable name, no usable id and no usable contact point"],
    }  # fmt: skip
    assert (result.rows_in, result.rows_out) == (4, 3)
    assert result.counts == {"no usable name, no usable id and no usable contact point": 1}


def test_a_bad_cell_is_withheld_and_told_of(firm: Firm) -> None:
    """The record goes on without its cell; the flag has the cell, the rule and the reason."""
    run = firm.run()
    result = validate(run)
    assert run.folder.read("validate", "records", "crm")["birth_date"].to_pylist() == [None, None]
    (flag,) = run.folder.read("validate", "flags", "crm").to_pylist()
    assert (flag["record_id"], flag["field"], flag["flag"]) == ("2", "birth_date", "withheld")
    assert (flag["rule"], flag["value"]) == ("birth_date_plausible", "2999-01-01")
    assert any(note.startswith("1 cell of birth_date withheld") for note in result.notes)


def test_the_entries_of_a_quarantined_record_go_with_it(firm: Firm) -> None:
    """Points, addresses, consents and flags of a quarantined record are not passed on; those of others are."""
    entry = [{"record_id": "3", "position": 0}, {"record_id": "1", "position": 0}]
    points = [{**e, "kind": "phone", "value": "12"} for e in entry]
    keyed = [{"record_id": r["record_id"]} for r in entry]
    firm.tables["crm"] |= {"points": points, "addresses": entry, "consents": keyed, "flags": keyed}
    run = firm.run()
    validate(run)
    assert ids(run, "addresses") == ids(run, "consents") == ["1"]
    assert ids(run, "points") == []  # withheld: no number
    assert [f for f in ids(run, "flags") if f != "2"] == ["1", "1"]
    (item,) = run.folder.read("validate", "quarantine", "crm").to_pylist()
    assert item["reasons"][1:] == ["value '12': this is no phone number that can exist"]


def test_our_own_numbers_and_addresses_are_no_customers(firm: Firm) -> None:
    """A number or domain of goldseam.yml, however it is written there, is withheld, and identifies nobody."""
    own = [("phone", "+302109990000"), ("email", "desk@ours.example")]
    firm.tables["crm"]["points"] = [
        {"record_id": r, "position": n, "kind": kind, "value": value, "canonical": value}
        for r in "13" for n, (kind, value) in enumerate(own)
    ]  # fmt: skip
    run = firm.run()
    validate(run)
    assert ids(run, "points") == []
    assert ids(run, "quarantine") == ["3"]


def test_a_contact_stays_when_its_organisation_goes(firm: Firm) -> None:
    """A person whose organisation is quarantined is passed on, its reference intact."""
    firm.tables["crm"]["records"].append(person("3/contact", contact_of="crm:3"))
    run = firm.run()
    validate(run)
    (contact,) = [r for r in run.folder.read("validate", "records", "crm").to_pylist() if r["record_id"] == "3/contact"]
    assert contact["contact_of"] == "crm:3"


def test_a_quarantined_contact_keeps_the_row_it_came_from(firm: Firm) -> None:
    """A contact has no raw row of its own: its organisation's is kept."""
    firm.tables["crm"]["records"].append(nobody("1/contact", contact_of="crm:1"))
    run = firm.run()
    validate(run)
    items = {i["record_id"]: i for i in run.folder.read("validate", "quarantine", "crm").to_pylist()}
    assert json.loads(items["1/contact"]["raw"])["Name"] == "Maria 1"


def test_a_country_that_is_only_assumed_withholds_nothing(firm: Firm) -> None:
    """A foreign postcode is withheld where its row states the country, and only flagged where the source has none."""
    firm.sources["shop"] = firm.sources["shop"].model_copy(update={"columns": {"Land": "address.country"}})
    address = {"record_id": "1", "position": 0, "postcode": "SW1A 1AA", "postcode_norm": "SW1A1AA", "country": "GR"}
    for tables in firm.tables.values():
        tables["addresses"] = [{**address, "city": "London"}]
    run = firm.run()
    validate(run)
    assert run.folder.read("validate", "addresses")["postcode"].to_pylist() == ["SW1A 1AA", None]
    flags = [f for f in run.folder.read("validate", "flags").to_pylist() if f["table"] == "addresses"]
    assert [(f["source"], f["flag"]) for f in flags] == [("crm", "ambiguous"), ("shop", "withheld")]


def test_facts_are_withheld_cell_by_cell(firm: Firm) -> None:
    """A fact whose customer does not exist, or whose amount is no number, goes on without that cell."""
    fact = {"customer_source": "shop", "customer_id": "1", "amount": "1.50", "currency": "EUR", "number": "A1"}
    firm.tables["crm"]["facts"] = [
        {"record_id": "f1", **fact},
        {"record_id": "f2", **fact, "customer_id": "77", "number": "A2"},
        {"record_id": "3", **fact, "amount": "much", "number": "A3"},
    ]
    run = firm.run()
    validate(run)
    facts = run.folder.read("validate", "facts", "crm").to_pylist()
    assert [(f["customer_id"], f["amount"]) for f in facts] == [("1", "1.50"), (None, "1.50"), ("1", None)]
    flags = [f for f in run.folder.read("validate", "flags", "crm").to_pylist() if f["table"] == "facts"]
    assert [(f["record_id"], f["field"], f["value"]) for f in flags] == [
        ("f2", "customer_id", "77"),
        ("3", "amount", "much"),
    ]


def test_a_released_record_passes(firm: Firm) -> None:
    """What a steward let through passes while its content is the same, and is back in quarantine when it changes."""
    firm.store = FakeStore({"source": "crm", "record_id": "3", "hash": "h3"})
    run = firm.run()
    validate(run)
    assert ids(run, "records") == ["1", "2", "3"]
    firm.tables["crm"]["records"][2]["hash"] = "changed"
    again = firm.run(2, run.folder)
    validate(again)
    assert ids(again, "quarantine") == ["3"]


def test_rules_of_the_workspace_count(firm: Firm) -> None:
    """A workspace's rule for one source is applied to that source alone."""
    firm.rule("shop.yml", "records: {identifiable: {kwargs: {column: customer_no}}}")
    run = firm.run()
    validate(run)
    assert ids(run, "quarantine", "shop") == ["1"]
    assert ids(run, "quarantine", "crm") == ["3"]


def test_wrong_rules_stop_the_run(firm: Firm) -> None:
    """A rule that cannot be understood is named with file and line before anything is written."""
    firm.rule("records.yml", "\nidentifiable: {kwargs: {column: naem}}")
    with pytest.raises(schema.Mistakes, match=r"rules/expectations/records\.yml:2: identifiable\.kwargs\.column"):
        validate(firm.run())


def test_rules_in_another_encoding_are_named(firm: Firm) -> None:
    """A file of rules that is not UTF-8 is a mistake with its name, not a traceback."""
    firm.rule("records.yml", "")
    (firm.root / "rules" / "expectations" / "records.yml").write_bytes("# Κανόνες".encode("cp1253"))
    with pytest.raises(schema.Mistakes, match=r"rules/expectations/records\.yml: not UTF-8 text"):
        validate(firm.run())


def test_an_errored_rule_stops_the_run(firm: Firm) -> None:
    """A rule that cannot be applied fails the run with its place, instead of passing or failing every row."""
    firm.tables["crm"]["points"] = [{"record_id": "1", "position": 0, "kind": "email", "value": "a@b.example"}]
    firm.rule(
        "points.yml",
        "email_readable: {type: expect_column_values_to_be_between, kwargs: {column: position, min_value: x}}",
    )
    with pytest.raises(
        stage.RuleErrored, match=r"rules/expectations/points\.yml:1: email_readable could not be applied"
    ):
        validate(firm.run())


def test_columns_that_are_never_empty(firm: Firm) -> None:
    """A cell that its owner says is never empty is told of where it is, by its own column name."""
    expect = schema.Expect(never_empty=("Tel",))
    firm.sources["shop"] = firm.sources["shop"].model_copy(update={"expect": expect})
    run = firm.run()
    validate(run)
    (flag,) = run.folder.read("validate", "flags", "shop").to_pylist()
    assert (flag["field"], flag["flag"], flag["rule"]) == ("Tel", "invalid", "never_empty:Tel")
    assert not any(f["rule"].startswith("never") for f in run.folder.read("validate", "flags", "crm").to_pylist())


def test_a_contact_has_no_cells_of_its_own_to_miss(firm: Firm) -> None:
    """A row with a company and its contact is one row: what it lacks is told once, of the organisation."""
    expect = schema.Expect(never_empty=("Name",))
    firm.sources["shop"] = firm.sources["shop"].model_copy(update={"expect": expect})
    firm.tables["shop"]["records"] = [person("1"), person("1/contact")]
    run = firm.run()
    raw = run.folder.read("land", "raw", "shop")
    run.folder.write("land", "raw", raw.slice(0, 1), "shop")
    validate(run)
    assert run.folder.read("validate", "flags", "shop").num_rows == 0


@pytest.fixture
def tested(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """The sources of which rows were tested since the last call."""
    seen: list[str] = []
    whole = checking.check

    def spy(tables: Any, *rest: Any) -> Any:
        seen.extend(sorted({s for t in checking.ORDER if t in tables for s in tables[t]["source"].to_pylist()}))
        return whole(tables, *rest)

    def take() -> list[str]:
        found = seen.copy()
        seen.clear()
        return found

    monkeypatch.setattr(checking, "check", spy)
    return take


def test_unchanged_sources_are_not_tested_again(firm: Firm, tested: Callable[[], list[str]]) -> None:
    """Only the source that changed is tested; the other's tables, results and quarantine count as before."""
    first = firm.run()
    validate(first)
    assert tested() == ["crm", "shop"]
    second = firm.run(2, first.folder, unchanged=("crm",))
    result = validate(second)
    assert tested() == ["shop"]
    assert ids(second, "quarantine") == ["3"]
    assert sum(result.counts.values()) == 1
    third = firm.run(3, second.folder, unchanged=("crm", "shop"))
    validate(third)
    assert tested() == []
    assert ids(third, "records") == ["1", "2"]


def test_a_changed_rule_is_a_reason_to_test_again(firm: Firm, tested: Callable[[], list[str]]) -> None:
    """A source whose rules, own numbers or released records differ is tested again, its content unchanged or not."""
    first = firm.run()
    validate(first)
    tested()
    firm.rule("shop.yml", "records: {status_known: {off: true}}")
    second = firm.run(2, first.folder, unchanged=("crm", "shop"))
    validate(second)
    assert tested() == ["shop"]
    firm.store = FakeStore({"source": "crm", "record_id": "3", "hash": "h3"})
    third = firm.run(3, second.folder, unchanged=("crm", "shop"))
    validate(third)
    assert tested() == ["crm"]
    firm.settings = schema.Firm(country="GR")
    validate(firm.run(4, third.folder, unchanged=("crm", "shop")))
    assert tested() == ["crm", "shop"]


def test_facts_are_tested_again_when_their_customers_change(firm: Firm, tested: Callable[[], list[str]]) -> None:
    """Facts that name another source's customers are tested when one of those goes, and not when one changes."""
    firm.tables["crm"]["facts"] = [{"record_id": "f1", "customer_source": "shop", "customer_id": "1"}]
    first = firm.run()
    validate(first)
    tested()
    firm.tables["shop"]["records"] = [person("1", status="active"), person("2")]
    second = firm.run(2, first.folder, unchanged=("crm",))
    validate(second)
    assert tested() == ["shop"]
    firm.tables["shop"]["records"] = [person("2")]
    third = firm.run(3, second.folder, unchanged=("crm",))
    validate(third)
    assert tested() == ["crm", "shop"]
    assert third.folder.read("validate", "facts", "crm")["customer_id"].to_pylist() == [None]


def test_sources_without_records(firm: Firm) -> None:
    """Empty tables pass through as empty tables, and nobody is in quarantine."""
    firm.tables = {"crm": {"records": []}, "shop": {"records": []}}
    run = firm.run()
    result = validate(run)
    assert (result.rows_in, result.rows_out, result.counts) == (0, 0, {})
    assert all(run.folder.read("validate", t).num_rows == 0 for t in (*SCHEMAS, "results", "quarantine"))


def test_the_same_input_gives_the_same_files(firm: Firm) -> None:
    """Two runs over the same tables write the same bytes."""
    one, two = firm.run(1), firm.run(2)
    validate(one)
    validate(two)
    for table in (*SCHEMAS, "results", "quarantine"):
        files = zip(
            one.folder.parts("validate", table).values(), two.folder.parts("validate", table).values(), strict=True
        )
        assert all(a.only.read_bytes() == b.only.read_bytes() for a, b in files), table
