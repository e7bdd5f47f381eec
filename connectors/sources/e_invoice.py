"""Electronic invoices (UBL, CII, FatturaPA): the buyer as a customer record, the invoice as a fact of the same key.

One bad document is a reject and the others go on. The columns are always the same, so the preset of this name
says what they mean.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from connectors.sources import places, sniff
from connectors.sources.base import PREFIX_SCHEMA, Landed, SourceFailed
from connectors.sources.invoices import cii, fatturapa, ubl
from connectors.sources.invoices.model import PARTY, Invoice, Unreadable, filled, parse
from rules import keys
from rules.schema import Source
from rules.vocabulary import FACTS, RAW_PREFIX, REJECTS

SYNTAXES: dict[str, Callable[[Any], list[Invoice]]] = {
    root: syntax.read for syntax in (ubl, cii, fatturapa) for root in syntax.ROOTS
}
COLUMNS = (*PARTY, "invoice_number", "invoice_date", "seller")
MOST_BYTES = 64 << 20


def read(name: str, source: Source, root: Path) -> Landed:
    """All invoices of a location, in the order of file names."""
    found = places.files(source.location, root)
    invoices: list[tuple[str, int, Invoice]] = []
    rejects: list[dict[str, Any]] = []
    for place in found:
        try:
            invoices += [(place.name, n, i) for n, i in enumerate(documents(place.path), 1)]
        except Unreadable as error:
            content = place.path.read_bytes()[:MOST_BYTES].decode("utf-8", "replace")
            where = {"source": name, "file": place.name, "line": error.line, "content": content}
            rejects.append({**where, "reason": str(error), "remedy": error.remedy})
    if not invoices:
        first = rejects[0]
        reason = f"none of {len(found)} files is an invoice that can be read; the first: {first['reason']}"
        raise SourceFailed(reason, first["remedy"], file=first["file"], line=first["line"])
    raw, keyed = _raw(invoices)
    facts = pa.Table.from_pylist(
        [_fact(name, row, i) for row, (_, _, i) in zip(raw.to_pylist(), invoices, strict=True)], FACTS
    )
    files = tuple(place.path for place in found)
    return Landed(raw, facts, pa.Table.from_pylist(rejects, REJECTS), keyed.notes, files)


def documents(path: Path) -> list[Invoice]:
    """The invoices of one file. Raises Unreadable where it holds none."""
    data = path.read_bytes()
    if not data.strip():
        raise Unreadable("the file is empty", "Export the invoice again")
    if len(data) > MOST_BYTES:
        raise Unreadable(f"the file is larger than {MOST_BYTES >> 20} MB", "Invoices are small: ask its sender")
    if (kind := sniff.sniff(path)) not in ("xml", "text", "html"):
        raise Unreadable(f"this is {sniff.WORDS[kind]}, not an XML invoice", "Export the invoice as XML")
    root = parse(data)
    if root.tag not in SYNTAXES:
        raise Unreadable(f"<{root.tag}> is no invoice of a known syntax", "Known: UBL, CII, FatturaPA")
    return SYNTAXES[str(root.tag)](root)


def _raw(invoices: list[tuple[str, int, Invoice]]) -> tuple[pa.Table, keys.Keyed]:
    """Buyers, one a row; `_line` is the number of the invoice in its file. Their key is `seller|number`."""
    rows = [
        {
            **dict.fromkeys(COLUMNS),
            **invoice.buyer,
            "_file": file,
            "_line": number,
            "invoice_number": invoice.number,
            "invoice_date": invoice.date,
            "seller": _seller(invoice),
        }
        for file, number, invoice in invoices
    ]
    schema = pa.schema([*PREFIX_SCHEMA, *((name, pa.string()) for name in COLUMNS)])
    raw = pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in rows], schema)
    keyed = keys.declared(raw, ("seller", "invoice_number"))
    raw = raw.set_column(RAW_PREFIX.index("_record_id"), "_record_id", keyed.ids)
    return raw.set_column(RAW_PREFIX.index("_hash"), "_hash", keys.content_hash(raw)), keyed


def _seller(invoice: Invoice) -> str | None:
    seller = invoice.seller
    parts = (seller.get("family"), seller.get("given"))
    return (
        seller.get("tax_id") or seller.get("company_id") or seller.get("organisation") or " ".join(filter(None, parts))
    )


def _fact(name: str, row: dict[str, Any], invoice: Invoice) -> dict[str, Any]:
    payload = {"seller": filled(invoice.seller), **invoice.payload}
    return {
        "source": name,
        "record_id": row["_record_id"],
        "customer_source": name,
        "customer_id": row["_record_id"],
        "kind": invoice.kind,
        "number": invoice.number,
        "date": invoice.date,
        "amount": invoice.amount,
        "currency": invoice.currency,
        "payload": json.dumps(payload, ensure_ascii=False),
        **{key: row[f"_{key}"] for key in ("file", "sheet", "line", "hash")},
    }
