"""Registrations on the website, as Microsoft Forms exports them: `anonymous` in its own columns, American dates."""

from pathlib import Path
from random import Random

from pipelines.demo import archive, material, writing
from pipelines.demo.sighting import Sighting

FILE = "web/registrations.csv"
HEADER = (
    "ID", "Start time", "Completion time", "Email", "Name",
    "First name", "Last name", "Company (if any)", "Your e-mail", "Phone", "Date of birth", "City", "Country",
    "May we write to you?",
)  # fmt: skip


def write(rows: list[Sighting], inbox: Path, rng: Random) -> None:
    table = []
    for n, row in enumerate(sorted(rows, key=lambda r: r.on), 1):
        row.file, row.record_id = FILE, str(n)
        table.append(_row(row, rng))
    archive.write_csv(inbox / FILE, [HEADER, *table], "utf-8-sig")


def _row(row: Sighting, rng: Random) -> list[str]:
    hour, minute = rng.randrange(7, 23), rng.randrange(58)
    when = f"{row.on.month}/{row.on.day}/{row.on:%y} {hour}:"
    country = row.get("country") and rng.choice(material.data("words")["countries"][row.get("country")]["own"])
    numbers = [writing.phone(row.get(kind), bool(country), rng) for kind in ("mobile", "landline") if row.get(kind)]
    born = row.get("birth_date")
    return [
        row.record_id, f"{when}{minute:02d}", f"{when}{minute + 2:02d}", "anonymous", "Anonymous",
        row.get("given"), row.get("surname"), row.get("company"), _email(row, rng), " / ".join(numbers),
        f"{int(born[5:7])}/{int(born[8:])}/{born[:4]}" if born else "", row.get("city"), country,
        rng.choice(["Yes", "Yes", "No", ""]),
    ]  # fmt: skip


def _email(row: Sighting, rng: Random) -> str:
    """As typed: a capital, a blank behind, a tag for this firm."""
    email = row.get("email")
    chance = rng.random()
    if not email or chance > 0.12:
        return email
    local, host = email.split("@")
    return email.capitalize() if chance < 0.06 else f"{email} " if chance < 0.09 else f"{local}+boats@{host}"
