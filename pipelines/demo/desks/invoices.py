"""A folder of electronic invoices: UBL 2.1 from the chandlery, FatturaPA 1.2 from the boatyard."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import jinja2

from pipelines.demo import material, scripts
from pipelines.demo.sighting import Sighting

FOLDER = "invoices"
RATES = {"chandlery": Decimal("24.00"), "boatyard": Decimal("22.00")}
CREDITED = 0.04
BILLED_TWICE = 0.03
"""Of the invoices: the other department sent one for the same thing some days later."""


@dataclass
class Invoice:
    """One document: who sends it, to whom, for what."""

    row: Sighting
    department: str
    on: date
    goods: str
    quantity: int
    price: Decimal
    credit: bool = False


def with_doubles(rows: list[Sighting], rng: Random) -> list[Sighting]:
    """The rows and, right after some of them, the same customer billed again."""
    found = []
    for row in rows:
        found.append(row)
        if row.source == "invoices" and row.customer and row.customer.organisation and rng.random() < BILLED_TWICE:
            on = row.on + timedelta(days=rng.randrange(1, 8))
            found.append(
                Sighting("invoices", row.customer, on, values=row.values | {"again": "yes"}, native=row.native)
            )
    return found


def write(rows: list[Sighting], inbox: Path, rng: Random) -> None:
    folder = inbox / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for earlier in folder.glob("*.xml"):  # of another seed
        earlier.unlink()
    serials: dict[str, int] = {}
    for invoice in sorted(_invoices(rows, rng), key=lambda i: i.on):
        serial = serials[invoice.department] = serials.get(invoice.department, 0) + 1
        seller = material.data("words")["sellers"][invoice.department]
        number = f"{seller['prefix']}-{invoice.on.year}-{serial:05d}"
        invoice.row.file = f"{FOLDER}/{number}.xml"
        template = "fatturapa" if invoice.department == "boatyard" else "ubl"
        text = _template(template).render(_page(invoice, seller, number, serial, rng))
        (folder / f"{number}.xml").write_bytes(text.encode())


def _invoices(rows: list[Sighting], rng: Random) -> list[Invoice]:
    found: list[Invoice] = []
    for row in rows:
        if row.get("again"):
            first = found[-1]
            other = "chandlery" if first.department == "boatyard" else "boatyard"
            found.append(Invoice(row, other, row.on, first.goods, first.quantity, first.price))
            continue
        goods, price = rng.choice(material.data("words")["goods"])
        department = "boatyard" if row.country == "IT" else "chandlery"
        credit = rng.random() < CREDITED
        found.append(Invoice(row, department, row.on, goods, rng.randrange(1, 12), Decimal(str(price)), credit))
    return found


def _page(invoice: Invoice, seller: dict[str, Any], number: str, serial: int, rng: Random) -> dict[str, Any]:
    cent, rate = Decimal("0.01"), RATES[invoice.department]
    net = (invoice.price * invoice.quantity).quantize(cent)
    tax = (net * rate / 100).quantize(cent)
    prefix = {"GR": "EL", "IT": "IT"}[seller["country"]]
    return {
        "root": "CreditNote" if invoice.credit else "Invoice", "number": number, "serial": f"{serial:05d}",
        "date": invoice.on.isoformat(), "due": (invoice.on + timedelta(days=30)).isoformat(),
        "seller": {**seller, "prefix": prefix}, "buyer": _buyer(invoice),
        "goods": invoice.goods, "quantity": invoice.quantity, "price": f"{invoice.price:.2f}",
        "net": net, "tax": tax, "total": net + tax, "rate": rate, "says_total": rng.random() < 0.7,
    }  # fmt: skip


def _buyer(invoice: Invoice) -> dict[str, Any]:
    """The customer as a document names it; FatturaPA knows Latin letters only."""
    row = invoice.row
    look = scripts.latin if invoice.department == "boatyard" else str
    italian_number = row.get("number") and row.country == "IT" and row.get("street")
    return {
        "firm": bool(row.get("company")), "name": look(row.get("company") or row.full_name()),
        "given": look(row.get("given")), "surname": look(row.get("surname")), "street": look(row.get("line")),
        "road": look(row.get("street")) if italian_number else "", "house": row.get("number") if italian_number else "",
        "postcode": row.get("postcode"), "city": look(row.get("city")), "region": row.get("region"),
        "country": row.country, "tax_id": row.get("tax_id"), "email": row.get("email"),
        "prefix": {"GR": "EL", "IT": "IT", "ES": "ES", "GB": "GB"}.get(row.country, ""),
    }  # fmt: skip


@cache
def _template(name: str) -> jinja2.Template:
    engine = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    return engine.from_string(material.text(f"{name}.xml.j2"))
