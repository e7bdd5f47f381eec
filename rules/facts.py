"""Facts about customers (invoices, tickets, orders, answers) read off the rows of a source that yields them."""

import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from rules.schema import Source
from rules.vocabulary import FACT_COLUMNS, FACTS, RAW_PREFIX

CUSTOMER_WORDS = ("full_name", "given_name", "surname", "organisation_name", "email", "phone", "address", "tax_id")
"""A fact source that maps one of these holds customer records too."""


def holds_customers(source: Source) -> bool:
    """Whether the rows of a source are customer records (of a fact source: also)."""
    if source.yields == "customer":
        return True
    return any(t in CUSTOMER_WORDS or t.partition(".")[0] in CUSTOMER_WORDS for t in source.columns.values())


def facts(raw: pa.Table, name: str, source: Source) -> pa.Table:
    """One fact a row, of schema vocabulary.FACTS; rows that repeat an id are one fact where the source says `fold`.

    Columns mapped to FACT_COLUMNS fill theirs; the payload (JSON) holds all other filled cells. The customer is the
    row of the source `customers` that `customer_id` names, else the fact's own row where it holds a customer.
    """
    columns = _mapped(raw, source)
    own = holds_customers(source)
    rest = [n for n in raw.column_names if n not in RAW_PREFIX and n not in columns.values()]
    rows = raw.to_pylist()
    found = [_fact(row, name, source, columns, rest, own) for row in rows if row["_record_id"] is not None]
    return pa.Table.from_pylist(found, FACTS)


def _mapped(raw: pa.Table, source: Source) -> dict[str, str]:
    """Fact column -> column of the source, the first that is mapped to it and there."""
    columns: dict[str, str] = {}
    for column, target in source.columns.items():
        if target in FACT_COLUMNS and column in raw.column_names:
            columns.setdefault(target, column)
    return columns


def _fact(
    row: dict[str, Any], name: str, source: Source, columns: dict[str, str], rest: Sequence[str], own: bool
) -> dict[str, Any]:
    values = {target: row[column] for target, column in columns.items()}
    elsewhere = source.customers and values.get("customer_id")
    return {
        **values,
        "source": name,
        "record_id": row["_record_id"],
        "customer_source": source.customers if elsewhere else name if own else None,
        "customer_id": values.get("customer_id") if elsewhere else row["_record_id"] if own else None,
        "kind": _kind(values.get("kind"), source),
        "payload": json.dumps({n: row[n] for n in rest if row[n] is not None}, ensure_ascii=False),
        **{n: row[f"_{n}"] for n in ("file", "sheet", "line", "hash")},
    }


def _kind(text: str | None, source: Source) -> str:
    """What kind of fact a row says it is, in the words of `values`; where it says none, the source's own."""
    said = {word.casefold(): kind for word, kind in source.values.get("kind", {}).items()}
    return said.get((text or "").strip().casefold()) or text or source.fact


def fold(raw: pa.Table, columns: Sequence[str]) -> pa.Table:
    """Rows of one id as one row: the first that holds each value, and the rows after it as JSON in `lines`.

    A row keeps the place of its first line; its hash covers all of them.
    """
    merged: dict[tuple[str | None, ...], dict[str, Any]] = {}
    extra: dict[tuple[str | None, ...], list[dict[str, str]]] = {}
    for row in raw.to_pylist():
        key = tuple(row[c] for c in columns)
        if key in merged and any(key):
            extra[key].append({n: v for n, v in row.items() if v is not None and n not in (*RAW_PREFIX, *columns)})
        else:
            key = key if any(key) else (str(len(merged)), None)
            merged[key], extra[key] = row, []
    for key, row in merged.items():
        row["lines"] = json.dumps(extra[key], ensure_ascii=False) if extra[key] else None
    lines = [f for f in raw.schema if f.name != "lines"]
    return pa.Table.from_pylist(list(merged.values()), pa.schema([*lines, pa.field("lines", pa.string())]))
