"""Paper forms as four people transcribed them: semicolons, the Greek code page, every number as on the paper."""

from pathlib import Path
from random import Random

from pipelines.demo import archive, operators, writing
from pipelines.demo.sighting import Sighting

FILE = "forms/transcribed.csv"
HEADER = (
    "form_no", "batch", "operator", "entered_at", "surname", "given_name", "patronymic", "organisation", "birth_date",
    "phone", "mobile", "email", "street", "number", "postcode", "city", "country", "tax_id",
)  # fmt: skip


def write(rows: list[Sighting], inbox: Path, rng: Random) -> None:
    table = []
    for row in sorted(rows, key=lambda r: r.record_id):
        operators.invent(row, rng)
        row.file = FILE
        table.append(_row(row, rng))
    archive.write_csv(inbox / FILE, [HEADER, *table], "cp1253", ";")


def _row(row: Sighting, rng: Random) -> list[str]:
    home = row.country == "GR" or bool(row.get("country"))
    invented = len(row.get("mobile")) == 10
    mobile = row.get("mobile") if invented else writing.phone(row.get("mobile"), home, rng)
    return [
        row.record_id, row.get("batch"), row.get("operator"),
        f"{row.on:%d/%m/%Y} {rng.randrange(8, 16):02d}:{rng.randrange(60):02d}",
        row.get("surname"), row.get("given"), row.get("middle"), row.get("company"), _birth_date(row, rng),
        writing.phone(row.get("landline"), home, rng), mobile, row.get("email"),
        row.get("street"), row.get("number"), row.get("postcode"), row.get("city"), row.get("country"),
        writing.tax_id(row.get("tax_id"), row.country, rng),
    ]  # fmt: skip


def _birth_date(row: Sighting, rng: Random) -> str:
    """Day first; a few as only a hurried hand writes them."""
    written = row.get("birth_date")
    if written and rng.random() < 0.15:
        return writing.day(written, rng.choice(["%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d"]))
    if not written and rng.random() < 0.01:
        return "31/02/1985"
    return writing.day(written)
