"""Electronic invoices (UBL, CII, FatturaPA): the buyer as a customer record, the invoice as a fact of the same key.

They come as XML, inside a PDF, signed (p7m), or many in an archive; what a file is, its first bytes say. One bad
document is a reject and the others go on. The columns are always the same, so the preset of this name says what
they mean. The key is `seller|number`, then the year where the number does not hold it (numbers begin anew every
year), then `credit_note` for one; a document that came twice is one record.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from connectors.sources import places
from connectors.sources.base import PREFIX_SCHEMA, Landed, SourceFailed
from connectors.sources.invoices import documents
from connectors.sources.invoices.model import PARTY, Invoice, Unreadable
from rules import keys
from rules.schema import Source
from rules.vocabulary import FACTS, REJECTS

COLUMNS: Final = (*PARTY, "invoice_number", "invoice_date", "seller")
SHOWN: Final = 5
"""Documents that a note names one by one."""


def read(name: str, source: Source, root: Path) -> Landed:
    """All invoices of a location, in the order of file names. Raises SourceFailed where there is none."""
    found = places.files(source.location, root)
    rows: list[dict[str, Any]] = []
    rejects: list[dict[str, Any]] = []
    for place in found:
        for place_in, result in _read_file(place.name, place.path):
            if isinstance(result, Invoice):
                rows.append({**place_in, **_row(result)})
            else:
                rejects.append({"source": name, **place_in, **result})
    if not rows:
        first = rejects[0]
        none = f"none of {len(found)} files is an invoice that can be read; the first: " if len(found) > 1 else ""
        reason = f"{none}{first['reason']}"
        raise SourceFailed(reason, first["remedy"], file=first["file"], sheet=first["sheet"], line=first["line"])
    kept, notes = _once(rows)
    raw, said = _raw(kept)
    facts = pa.Table.from_pylist([_fact(name, *pair) for pair in zip(raw.to_pylist(), kept, strict=True)], FACTS)
    files = tuple(place.path for place in found)
    notes += (*said, *_doubts(kept), *_left_out(rejects))
    return Landed(raw, facts, pa.Table.from_pylist(rejects, REJECTS), notes, files)


def _read_file(name: str, path: Path) -> Iterator[tuple[dict[str, Any], Invoice | dict[str, Any]]]:
    """Each document of a file with its place: an invoice, or what a reject says of it. Lines count documents."""
    for document in documents.of(path):
        place = {"file": name, "sheet": document.member}
        if isinstance(document.content, Unreadable):
            error = document.content
            reject = {"content": document.kept, "reason": str(error), "remedy": error.remedy}
            yield {**place, "line": error.line}, reject
            continue
        for number, invoice in enumerate(document.content, 1):
            yield {**place, "line": number}, invoice


def _row(invoice: Invoice) -> dict[str, Any]:
    """What the raw row and the fact of an invoice are made of."""
    payload = invoice.payload
    return {
        "buyer": invoice.buyer,
        "key": _key(invoice),
        "kind": invoice.kind,
        "number": invoice.number,
        "date": invoice.date,
        "currency": invoice.currency,
        "amount": payload.get("payable"),
        "seller": _seller(invoice),
        "doubts": payload.get("doubts", ()),
        "payload": json.dumps(payload, ensure_ascii=False),
    }


def _key(invoice: Invoice) -> str:
    year, number = (invoice.date or "")[:4], invoice.number or ""
    parts = [_seller(invoice), number, *([] if year in number else [year])]
    return "|".join([*parts, "credit_note"] if invoice.kind == "credit_note" else parts)


def _seller(invoice: Invoice) -> str:
    seller = invoice.payload.get("seller", {})
    names = " ".join(filter(None, (seller.get("given"), seller.get("family"))))
    return seller.get("tax_id") or seller.get("company_id") or seller.get("organisation") or names


def _once(rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Documents without those that came before, word for word: copies, or a PDF beside its XML."""
    seen: dict[tuple[Any, ...], dict[str, Any]] = {}
    again: list[tuple[dict[str, Any], dict[str, Any]]] = []
    for row in rows:
        content = (row["key"], row["payload"], tuple(row["buyer"].items()))
        if content in seen:
            again.append((row, seen[content]))
        else:
            seen[content] = row
    if not again:
        return rows, ()
    shown = _named(f"{_place(row)} (as {_place(first)})" for row, first in again)
    return [*seen.values()], (f"{_documents(len(again))} came more than once and count once: {shown}",)


def _doubts(rows: Iterable[dict[str, Any]]) -> list[str]:
    """One note a contradiction, with the documents that have it; each payload holds its own."""
    places: dict[str, list[str]] = {}
    for row in rows:
        for doubt in row["doubts"]:
            places.setdefault(doubt, []).append(_place(row))
    return [f"{_documents(len(found))} in doubt, {doubt}: {_named(found)}" for doubt, found in sorted(places.items())]


def _left_out(rejects: list[dict[str, Any]]) -> list[str]:
    if not rejects:
        return []
    shown = _named(f"{_place(reject)} ({reject['reason']})" for reject in rejects)
    return [f"{_documents(len(rejects))} left out: {shown}"]


def _documents(count: int) -> str:
    return "1 document" if count == 1 else f"{count:,} documents"


def _named(found: Iterable[str]) -> str:
    names = [*found]
    return "; ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else "")


def _place(row: dict[str, Any]) -> str:
    file = f"{row['file']}, {row['sheet']}" if row["sheet"] else str(row["file"])
    return f"{file}, document {row['line']}" if row.get("kind") and row["line"] > 1 else file


def _raw(rows: list[dict[str, Any]]) -> tuple[pa.Table, tuple[str, ...]]:
    """Buyers, one a row, and what is to be said of their keys; `_line` is the number of the invoice in its document."""
    columns = {name: [row["buyer"].get(name) or None for row in rows] for name in PARTY}
    columns |= {f"_{key}": [row[key] for row in rows] for key in ("file", "sheet", "line")}
    columns |= {"invoice_number": [row["number"] for row in rows], "invoice_date": [row["date"] for row in rows]}
    columns |= {"seller": [row["seller"] or None for row in rows]}
    nothing = [None] * len(rows)
    schema = pa.schema([*PREFIX_SCHEMA, *((name, pa.string()) for name in COLUMNS)])
    raw = pa.table({name: columns.get(name, nothing) for name in schema.names}, schema)
    keyed = keys.declared(raw.append_column("key", pa.array([row["key"] for row in rows])), ("key",))
    return keys.identified(keys.hashed(raw), keyed.ids), keyed.notes


def _fact(name: str, raw: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    same = {key: row[key] for key in ("kind", "number", "date", "amount", "currency", "payload")}
    place = {key: raw[f"_{key}"] for key in ("file", "sheet", "line", "hash")}
    ids = {"record_id": raw["_record_id"], "customer_id": raw["_record_id"]}
    return {"source": name, "customer_source": name, **ids, **same, **place}
