"""Service tickets of the Bodrum yard: facts that name their customer only by name and phone. Turkish code page."""

from pathlib import Path
from random import Random

from pipelines.demo import archive, material, writing
from pipelines.demo.sighting import Sighting

FILE = "tickets.csv"
HEADER = ("ticket_no", "opened_on", "caller", "company", "phone", "email", "subject", "topic", "charge", "currency")
OWN_NUMBER = 0.3  # of tickets without a number: the switchboard's is put in


def write(rows: list[Sighting], inbox: Path, rng: Random) -> None:
    table = []
    for n, row in enumerate(sorted(rows, key=lambda r: r.on), 1):
        row.file, row.record_id = FILE, f"T{n:05d}"
        table.append(_row(row, rng))
    archive.write_csv(inbox / FILE, [HEADER, *table], "cp1254", ";")


def _row(row: Sighting, rng: Random) -> list[str]:
    words = material.data("words")
    subject, topic = rng.choice(words["tickets"])
    numbers = [writing.phone(row.get(k), row.country == "TR", rng) for k in ("mobile", "landline") if row.get(k)]
    if not numbers and rng.random() < OWN_NUMBER:
        numbers = [words["firm"]["phone"]]
    charge = f"{rng.uniform(20, 600):.2f}" if rng.random() < 0.6 else "0.00"
    return [
        row.record_id, f"{row.on:%d.%m.%Y}", row.full_name(), row.get("company"),
        row.get("phone") or " / ".join(numbers), row.get("email"),
        subject, topic, charge, "TRY" if row.country == "TR" else "EUR",
    ]  # fmt: skip
