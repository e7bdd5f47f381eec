"""Customers of the web shop, as Shopify exports them: ids, postcodes and phones behind an apostrophe."""

from pathlib import Path
from random import Random

from pipelines.demo import archive, scripts, writing
from pipelines.demo.sighting import Sighting

FILE = "shop/customers_export.csv"
HEADER = (
    "Customer ID", "First Name", "Last Name", "Email", "Accepts Email Marketing", "Default Address Company",
    "Default Address Address1", "Default Address Address2", "Default Address City", "Default Address Province Code",
    "Default Address Country Code", "Default Address Zip", "Default Address Phone", "Phone", "Accepts SMS Marketing",
    "Total Spent", "Total Orders", "Note", "Tax Exempt", "Tags",
)  # fmt: skip
FIRST_ID = 7013808660000
SPOILED = 0.012  # of rows: a wrong program opened the file in between


def write(rows: list[Sighting], inbox: Path, rng: Random) -> None:
    table, number = [], FIRST_ID
    for row in sorted(rows, key=lambda r: r.on):
        number += rng.randrange(3, 90_000)
        row.file, row.record_id = FILE, str(number)
        table.append(_row(row, rng))
    archive.write_csv(inbox / FILE, [HEADER, *table])


def _row(row: Sighting, rng: Random) -> list[str]:
    orders = rng.randrange(1, 9)
    look = scripts.mojibake if rng.random() < SPOILED else str
    home = bool(row.get("country"))
    company = row.get("company")
    return [
        f"'{row.record_id}", look(row.get("given")), look(row.get("surname")), row.get("email"),
        rng.choice(["yes", "no"]), look(company), look(row.get("line")), "", look(row.get("city")), "",
        row.get("country"), _quoted(row.get("postcode")), _quoted(writing.phone(row.get("landline"), home, rng)),
        _quoted(writing.phone(row.get("mobile"), home, rng)), "no", f"{orders * rng.uniform(20, 300):.2f}", str(orders),
        "", "no", "trade" if company else "",
    ]  # fmt: skip


def _quoted(text: str) -> str:
    return f"'{text}" if text else ""
