"""A diary kept as a sheet: day, who, which number, a note. No keys, one sheet a year."""

from pathlib import Path
from random import Random

from pipelines.demo import archive, material, writing
from pipelines.demo.sighting import Sighting

FILE = "diary.ods"
HEADER = ("Ημερομηνία", "Όνομα", "Τηλέφωνο", "Σημείωση")


def write(rows: list[Sighting], inbox: Path, rng: Random) -> None:
    """Years before last in one sheet, `Παλιά`."""
    sheets: dict[str, list[list[str]]] = {}
    for row in sorted(rows, key=lambda r: r.on):
        row.file, row.sheet = FILE, str(row.on.year) if row.on.year >= 2025 else "Παλιά"
        table = sheets.setdefault(row.sheet, [])
        table.append(_row(row, rng))
        row.line = len(table) + 1
    archive.write_ods(inbox / FILE, {name: [HEADER, *table] for name, table in sheets.items()})


def _row(row: Sighting, rng: Random) -> list[str]:
    home = row.country == "GR"
    numbers = [writing.phone(row.get(kind), home, rng) for kind in ("mobile", "landline") if row.get(kind)]
    name = row.get("company") or row.full_name(surname_first=rng.random() < 0.3)
    phone = rng.choice([" / ", ", ", "  &  "]).join(numbers) or row.get("phone")
    return [f"{row.on:%d/%m/%Y}", name, phone, rng.choice(material.data("words")["diary_notes"])]
