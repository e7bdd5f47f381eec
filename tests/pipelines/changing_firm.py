"""A small firm whose sources change from night to night, as far as the stage validate, and what that makes of it."""

import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from connectors.store.runs import RunFolder
from connectors.workspace import Workspace
from pipelines.context import Run
from rules import schema
from rules import vocabulary as words

RAW = pa.schema([
    *((n, pa.int64() if n == "_line" else pa.string()) for n in words.RAW_PREFIX), ("Name", pa.string()),
])  # fmt: skip
RELEASED = pa.schema([("source", pa.string()), ("record_id", pa.string()), ("hash", pa.string())])
WRITTEN = (*words.STANDARD_TABLES, "facts", "results", "quarantine", "failures")
RULES = """
shared:
  {type: expect_column_values_to_be_between, kwargs: {column: "count_of:canonical,kind", max_value: 2},
   severity: warning, field: value, dimension: validity, because: it is shared, remedy: none}
nobody:
  {type: expect_column_values_to_not_be_null, kwargs: {column: canonical}, when: {record_country: [GR, IT]},
   severity: info, field: value, dimension: validity, because: of its country, remedy: none}
"""
NAMED = """
records:
  unnamed:
    {type: expect_column_values_to_not_be_null, kwargs: {column: "raw:Name"}, when: {identified_by: [name, id]},
     severity: warning, field: status, dimension: validity, because: it is so, remedy: none}
"""
Tables = dict[str, list[dict[str, Any]]]


class Firm:
    """Two sources with contacts, shared numbers and facts; `release` and `change` them, then `run`."""

    def __init__(self, root: Path, seed: int, size: int = 40) -> None:
        self.root, self.chance, self.nights = root, random.Random(seed), 0
        self.released: list[dict[str, str]] = []
        folder = root / "rules" / "expectations"
        folder.mkdir(parents=True)
        (folder / "points.yml").write_text(RULES, "utf-8")
        (folder / "crm.yml").write_text(NAMED, "utf-8")
        columns = {"kind": "csv", "location": "x.csv", "columns": {"Name": "full_name"}}
        self.sources = {n: schema.Source.model_validate(columns) for n in ("crm", "shop")}
        self.rows: dict[str, dict[str, Tables]] = {
            s: {str(n): self.record(str(n)) for n in range(size)} for s in self.sources
        }
        self.facts = {"crm": self.some_facts(), "shop": []}
        self.touched: dict[str, set[str]] = {s: set() for s in self.sources}
        self.fresh_facts: set[str] = set()

    def record(self, record_id: str) -> Tables:
        """The rows of one record in each table."""
        pick = self.chance.choice
        records = [{
            "name_latin": pick(["maria", None, "nikos"]), "status": pick(["active", "odd", None]), "iban": "GR1",
            "contact_of": pick([None, None, f"crm:{pick(range(45))}"]), "birth_date": pick(["1980", "2999", None]),
            "hash": str(self.chance.random()),
        }]  # fmt: skip
        points = [
            {"position": n, "kind": pick(["phone", "email"]), "value": "v", "canonical": pick([*"abcdefgh", None])}
            for n in range(self.chance.randrange(3))
        ]
        addresses = [{"position": 0, "country": pick(["GR", "DE", None]), "postcode": "1", "postcode_norm": "1",
                      "address_key": "1 ermou", "city": pick(["a", None])}]  # fmt: skip
        flags = [{"table": "records", "field": "full_name", "flag": "suspect"}] * pick([0, 1])
        tables: Tables = {
            "records": records,
            "points": points,
            "addresses": addresses,
            "consents": [{}],
            "flags": flags,
        }
        return {name: [{**row, "record_id": record_id} for row in rows] for name, rows in tables.items()}

    def some_facts(self) -> list[dict[str, Any]]:
        pick = self.chance.choice
        return [
            {"record_id": str(100 + n // 2), "customer_source": "shop", "customer_id": str(pick(range(45))),
             "number": pick("ABC"), "kind": "invoice", "amount": "1"}
            for n in range(self.chance.randrange(6))
        ]  # fmt: skip

    def change(self, source: str, record_id: str) -> None:
        """A record is another, is gone, or comes."""
        self.touched[source].add(record_id)
        if record_id in self.rows[source] and self.chance.random() < 0.3:
            del self.rows[source][record_id]
        else:
            self.rows[source][record_id] = self.record(record_id)

    def change_some(self) -> None:
        for source in self.chance.sample(sorted(self.sources), self.chance.randrange(3)):
            for number in self.chance.sample(range(45), self.chance.randrange(5)):
                self.change(source, str(number))
        if self.chance.random() < 0.3:
            self.facts["crm"] = self.some_facts()
            self.fresh_facts.add("crm")
        if self.chance.random() < 0.3:
            of = self.chance.choice(sorted(self.rows["crm"]))
            self.released = [{"source": "crm", "record_id": of, "hash": self.rows["crm"][of]["records"][0]["hash"]}]

    def run(self, before: RunFolder | None = None) -> Run:
        """A night that has got as far as validate: sources are amended as standardise does it."""
        self.nights += 1
        folder = RunFolder(self.root / "runs", f"r{self.nights}")
        for source in self.sources:
            self._land(folder, source)
            for name, form in words.STANDARD_TABLES.items():
                self._standardise(folder, before, source, name, form)
            if before and source not in self.fresh_facts:
                folder.keep("standardise", "facts", source, before.parts("standardise", "facts")[source])
            else:
                folder.write("standardise", "facts", table(self.facts[source], source, words.FACTS), source)
        self.touched, self.fresh_facts = {s: set() for s in self.sources}, set()
        return self.on(folder, before)

    def on(self, folder: RunFolder, before: RunFolder | None) -> Run:
        workspace = Workspace(self.root, schema.Firm(country="GR"), self.sources)
        return Run(workspace, folder, Store(self), datetime(2026, 11, 22, 3, tzinfo=UTC), before)

    def whole(self, folder: RunFolder) -> Run:
        """A run over the same standard tables that has nothing before it."""
        alone = RunFolder(self.root / "runs", f"{folder.id}whole")
        for stage in ("land", "standardise"):
            alone.take_over(stage, None, folder)
        return self.on(alone, None)

    def released_table(self) -> pa.Table:
        return pa.Table.from_pylist(self.released, RELEASED)

    def _land(self, folder: RunFolder, source: str) -> None:
        ids = list(self.rows[source])
        self.chance.shuffle(ids)
        rows = [{"_record_id": i, "_file": "x.csv", "_line": n, "Name": f"N{i}"} for n, i in enumerate(ids)]
        folder.write("land", "raw", pa.Table.from_pylist([{n: r.get(n) for n in RAW.names} for r in rows], RAW), source)

    def _standardise(
        self, folder: RunFolder, before: RunFolder | None, source: str, name: str, form: pa.Schema
    ) -> None:
        mine, gone = self.rows[source], sorted(self.touched[source])
        if before is None:
            rows = [row for tables in mine.values() for row in tables[name]]
            folder.write("standardise", name, table(rows, source, form), source)
            return
        rows = [row for i in gone if i in mine for row in mine[i][name]]
        keys = pa.table({"record_id": pa.array(gone, pa.string())})
        earlier = before.parts("standardise", name)[source]
        folder.amend("standardise", name, table(rows, source, form), keys, earlier, source)


class Store:
    """The state database, as far as this stage asks it."""

    def __init__(self, firm: Firm) -> None:
        self.released = firm.released_table


def table(rows: list[dict[str, Any]], source: str, form: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist([{n: {**row, "source": source}.get(n) for n in form.names} for row in rows], form)


def content(folder: RunFolder) -> dict[str, list[str]]:
    return {name: sorted(map(str, folder.read("validate", name).to_pylist())) for name in WRITTEN}
