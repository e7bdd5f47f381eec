"""The sales workbook: a sheet a region, each kept by another office in its own language and column order.

Titles stand above the headers and a total below the rows; numbers were typed as numbers where nobody thought of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import xlsxwriter

from pipelines.demo import archive, material, writing
from pipelines.demo.sighting import Sighting

FILE = "sales.xlsx"


@dataclass(frozen=True)
class Sheet:
    """One region: which countries, what stands above, and the columns in its order (header -> meaning)."""

    name: str
    countries: frozenset[str]
    titles: tuple[str, ...]
    columns: dict[str, str]
    total: str
    language: str


SHEETS = (
    Sheet("Ελλάδα", frozenset({"GR", ""}), ("Halcyon & Daughters", "Πελατολόγιο 2026", ""), {
        "Code": "code", "Επώνυμο": "surname", "Όνομα": "given", "Επωνυμία": "company", "ΑΦΜ": "tax_id",
        "Κινητό": "mobile", "Τηλέφωνο": "landline", "E-mail": "email", "Διεύθυνση": "line", "ΤΚ": "postcode",
        "Πόλη": "city", "Updated": "updated",
    }, "ΣΥΝΟΛΟ", "el"),
    Sheet("Italia e Iberia", frozenset({"IT", "ES"}), ("Clienti Italia e Iberia",), {
        "Code": "code", "Ragione sociale": "company", "Cognome": "surname", "Nome": "given",
        "Partita IVA / C.F.": "tax_id", "Indirizzo": "line", "CAP": "postcode", "Città": "city", "Paese": "country",
        "Telefono": "landline", "Cellulare": "mobile", "Email": "email", "Updated": "updated",
    }, "TOTALE", "it"),
    Sheet("Export", frozenset({"TR", "RU", "ID", "GB"}), ("Export customers", "kept by the Falmouth office", "", ""), {
        "First name": "given", "Last name": "surname", "Company": "company", "Code": "code", "Country": "country",
        "Street": "line", "City": "city", "Postcode": "postcode", "Phone": "landline", "Mobile": "mobile",
        "E-mail address": "email", "Tax no": "tax_id", "Updated": "updated",
    }, "Total", "en"),
)  # fmt: skip
BROKEN = {"tax_id": "#REF!", "postcode": "#N/A", "landline": "-", "email": "n/a"}


def write(rows: list[Sighting], inbox: Path, rng: Random) -> None:
    path = inbox / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    numbers = rng.sample(range(1, 3 * len(rows) + 1), len(rows))
    for row, number in zip(rows, numbers, strict=True):
        row.file, row.record_id = FILE, f"HD-{number:05d}"
    _give_twice(rows)
    with xlsxwriter.Workbook(str(path)) as book:
        book.set_properties({"created": datetime(*archive.EPOCH), "author": "Halcyon & Daughters"})
        dates = book.add_format({"num_format": "dd/mm/yyyy"})
        for sheet in SHEETS:
            chosen = [r for r in rows if r.country in sheet.countries]
            _write_sheet(book.add_worksheet(sheet.name), sheet, sorted(chosen, key=lambda r: r.record_id), dates, rng)


def _give_twice(rows: list[Sighting]) -> None:
    """Two offices gave one number to two customers: the second in reading order is `#2`."""
    first = next((r for r in rows if r.country == "GR" and not r.contact), None)
    second = next((r for r in rows if r.country == "GB" and not r.contact), None)
    if first and second:
        second.record_id = f"{first.record_id}#2"


def _write_sheet(page: Any, sheet: Sheet, rows: list[Sighting], dates: Any, rng: Random) -> None:
    for n, title in enumerate(sheet.titles):
        page.write_string(n, 0, title)
    top = len(sheet.titles)
    page.write_row(top, 0, list(sheet.columns))
    for n, row in enumerate(rows, top + 1):
        row.sheet, row.line = sheet.name, n + 1
        for column, meaning in enumerate(sheet.columns.values()):
            _write_cell(page, n, column, *_cell(row, meaning, sheet, rng), dates)
    page.write_string(top + len(rows) + 2, 1, sheet.total)
    page.write_number(top + len(rows) + 2, 2, len(rows))
    page.set_column(0, len(sheet.columns) - 1, 18)


def _cell(row: Sighting, meaning: str, sheet: Sheet, rng: Random) -> tuple[str, bool]:
    """A cell's text, and whether it was typed as a number."""
    makers: dict[str, Callable[[], str]] = {
        "code": lambda: row.record_id.split("#")[0],
        "updated": lambda: row.on.isoformat(),
        "country": lambda: _country(row, sheet, rng),
        "mobile": lambda: writing.phone(row.get("mobile"), _home(row), rng),
        "landline": lambda: writing.phone(row.get("landline"), _home(row), rng),
        "tax_id": lambda: writing.tax_id(row.get("tax_id"), row.country, rng),
    }
    text = makers.get(meaning, lambda: row.get(meaning))()
    if not text and meaning in BROKEN and rng.random() < 0.02:
        return BROKEN[meaning], False
    as_number = (
        meaning in {"tax_id", "landline", "postcode"} and text.isascii() and text.isdigit() and rng.random() < 0.06
    )
    return text, as_number and len(text) < 15


def _home(row: Sighting) -> bool:
    return row.country == "GR" or bool(row.get("country"))


def _country(row: Sighting, sheet: Sheet, rng: Random) -> str:
    return row.get("country") and rng.choice(material.data("words")["countries"][row.country][sheet.language])


def _write_cell(page: Any, line: int, column: int, text: str, as_number: bool, dates: Any) -> None:
    if as_number:
        page.write_number(line, column, int(text))
    elif len(text) == 10 and text[4:5] == "-" and text[7:8] == "-" and text[:4].isdigit():
        page.write_datetime(line, column, datetime.fromisoformat(text), dates)
    elif text:
        page.write_string(line, column, text)
