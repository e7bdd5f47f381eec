"""The truth, written beside the workspace: who the customers are, and which record is about whom."""

from pathlib import Path

from pipelines.demo import archive
from pipelines.demo.sighting import Sighting
from pipelines.demo.world import Customer

CUSTOMERS = (
    "entity_id", "party_type", "name", "given_name", "surname", "birth_date", "country", "mobile", "landline", "email",
    "tax_id", "street", "house_number", "postcode", "city", "household", "special", "employer",
)  # fmt: skip
RECORDS = ("source", "record_id", "file", "sheet", "line", "entity_id")
CONTACT = "/contact"


def write(folder: Path, customers: list[Customer], rows: list[Sighting]) -> None:
    """`customers.csv` and `records.csv`. Where a source has no ids, file, sheet and line name the row."""
    archive.write_csv(folder / "customers.csv", [CUSTOMERS, *map(_customer, customers)])
    archive.write_csv(folder / "records.csv", [RECORDS, *records(rows)])


def records(rows: list[Sighting]) -> list[list[str]]:
    found = []
    for n, row in enumerate(rows):
        place = [row.file, row.sheet, str(row.line or "")]
        found.append([row.source, row.record_id, *place, row.customer.id if row.customer else f"nobody-{n}"])
        if row.contact:
            found.append([row.source, f"{row.record_id}{CONTACT}", *place, row.contact.id])
    return sorted(found)


def _customer(one: Customer) -> list[str]:
    home = one.home
    return [
        one.id, "organisation" if one.organisation else "person", one.display, one.given, one.surname,
        one.birth_date.isoformat() if one.birth_date else "", one.country, one.mobile, home.landline, one.email,
        one.tax_id, home.street, home.number, home.postcode, home.city, one.household, " ".join(sorted(one.special)),
        one.employer.id if one.employer else "",
    ]  # fmt: skip
