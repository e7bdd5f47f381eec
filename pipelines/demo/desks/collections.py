"""The collections department's own database (SQLite): surname first, mostly capitals, two phones in any order."""

import sqlite3
from pathlib import Path
from random import Random

from pipelines.demo import material, scripts, writing
from pipelines.demo.sighting import Sighting

FILE = "collections.db"
TABLE = """CREATE TABLE debtors (
  debtor_no TEXT PRIMARY KEY, full_name TEXT, birth_date TEXT, vat TEXT, phone1 TEXT, phone2 TEXT,
  street TEXT, zip TEXT, city TEXT, country TEXT, terms TEXT, balance NUMERIC, changed_on TEXT)"""
SPOILED = 0.01


def write(rows: list[Sighting], inbox: Path, rng: Random) -> None:
    path = inbox / FILE
    path.unlink(missing_ok=True)
    numbers = rng.sample(range(10_000, 99_999), len(rows))
    with sqlite3.connect(path) as base:
        base.execute(TABLE)
        for number, row in zip(numbers, rows, strict=True):
            row.file, row.record_id = FILE, f"D{number}"
        base.executemany(
            f"INSERT INTO debtors VALUES ({','.join('?' * 13)})",  # noqa: S608 - question marks only
            [_row(row, rng) for row in sorted(rows, key=lambda r: r.record_id)],
        )
    base.close()


def _row(row: Sighting, rng: Random) -> list[str | float | None]:
    name = row.get("company") or row.full_name(surname_first=True)
    name = scripts.mojibake(name) if row.native and rng.random() < SPOILED else name
    home = row.country == "GR" or bool(row.get("country"))
    phones = [writing.phone(row.get(kind), home, rng) or None for kind in ("landline", "mobile")]
    if rng.random() < 0.3:
        phones.reverse()
    country = {"GR": rng.choice(["GR", "EL"])}.get(row.get("country"), row.get("country"))
    unknown = None if row.get("company") or rng.random() < 0.75 else "1900-01-01"  # the program's own default
    born = row.get("birth_date") or unknown
    return [
        row.record_id, name, born, writing.tax_id(row.get("tax_id"), row.country, rng) or None, *phones,
        row.get("line") or None, row.get("postcode") or None, row.get("city") or None, country or None,
        rng.choice(material.data("words")["terms"]), round(rng.uniform(10, 4000), 2), f"{row.on}",
    ]  # fmt: skip
