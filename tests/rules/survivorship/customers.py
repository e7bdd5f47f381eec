"""Made-up customers as the tables that survivorship reads, written as a person would write them down."""

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from rules import survivorship
from rules import vocabulary as words

Row = Mapping[str, Any]


def table(name: str, rows: Iterable[Row]) -> pa.Table:
    """A standard table; `key: SOURCE:ID` stands for source and record_id, unknown columns are text."""
    schema = words.STANDARD_TABLES[name]
    filled = [keyed(row, number) for number, row in enumerate(rows)]
    if "position" not in schema.names:
        filled = [{k: v for k, v in row.items() if k != "position"} for row in filled]
    more = sorted({column for row in filled for column in row} - set(schema.names) - {"golden_id"})
    for column in more:
        schema = schema.append(pa.field(column, pa.string()))
    return pa.Table.from_pylist(filled, schema=schema)


def keyed(row: Row, number: int) -> dict[str, Any]:
    source, record_id = row["key"].split(":", 1)
    position = {"position": row.get("position", number)}
    rest = {k: v for k, v in row.items() if k != "key"}
    return {"source": source, "record_id": record_id, **position, **rest}


def tables(case: Mapping[str, list[Row]]) -> dict[str, pa.Table]:
    """The five tables. A flag without a position is of a column of `records`."""
    flags = [{"table": "records", "position": None, "rule": "test", **flag} for flag in case.get("flags", [])]
    records = [{k: v for k, v in row.items() if k != "golden_id"} for row in case["records"]]
    lists = {name: table(name, case.get(name, [])) for name in ("points", "addresses", "consents")}
    return {**lists, "records": table("records", records), "flags": table("flags", flags)}


def clusters(rows: Iterable[Row]) -> pa.Table:
    """All records of one customer, G1, unless they say otherwise."""
    found = [{**keyed(row, 0), "golden_id": row.get("golden_id", "G1")} for row in rows]
    schema = pa.schema([(name, pa.string()) for name in ("source", "record_id", "golden_id")])
    return pa.Table.from_pylist(found, schema=schema)


def decisions(rows: Iterable[Row]) -> pa.Table:
    """Decisions of kind value; `key` is the member that names the customer."""
    found = []
    for number, row in enumerate(rows):
        source, record_id = row["key"].split(":", 1)
        made = {"seq": number + 1, "kind": "value", "left_source": source, "left_id": record_id}
        found.append({**made, "field": row["field"], "value": row["value"]})
    return pa.Table.from_pylist(found, schema=words.DECISIONS)


def survive(case: Mapping[str, Any]) -> dict[str, pa.Table]:
    """The golden tables of a case."""
    households = case.get("households")
    return survivorship.survive(
        tables(case),
        clusters(case["records"]),
        trust=case.get("trust", {}),
        config=survivorship.load(case.get("rules")),
        decisions=decisions(case.get("decisions", [])),
        households=pa.Table.from_pylist(households) if households else None,
        today="2026-11-22",
    )


def values(made: Mapping[str, pa.Table], golden_id: str = "G1") -> dict[str, Any]:
    """A customer's surviving values by field, from its provenance."""
    return {row["field"]: row["value"] for row in made["provenance"].to_pylist() if row["golden_id"] == golden_id}
