"""The files of `tests.bench.landing`: made up, large, one of each kind."""

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from tests.bench.columns import text

ROWS: Final = 100_000
SPEC: Final = Path(__file__).parents[1] / "spec" / "invoices"
GIVEN: Final = ("Anna", "Βασίλης", "Борис", "Ayşe", "Zoë", "Μαρία", "İbrahim", "Seán")
SURNAMES: Final = ("Papadopoulos", "Αγγελόπουλος", "Иванов", "Yılmaz", "O'Brien", "Nowak", "Conti, Rossi", "Müller")
GREEK: Final = ("Αγγελόπουλος", "Βλάχος", "Γεωργίου", "Δούκας", "Papas", "Ζαφείρης", "Ηλιάδης", "Nikas")


def table(rows: int, surnames: tuple[str, ...] = SURNAMES, given: tuple[str, ...] = GIVEN) -> pa.Table:
    """Customers in twelve columns of text."""
    dice = np.random.default_rng(7)

    def some(values: tuple[str, ...]) -> pa.Array:
        return pa.array(values).take(pa.array(dice.integers(0, len(values), rows)))

    def digits(width: int, before: str = "") -> pa.Array:
        return text(dice.integers(0, 10**width, rows), width, before)

    born = (np.datetime64("1940-01-01") + dice.integers(0, 25_000, rows)).astype("datetime64[D]")
    return pa.table({
        "customer_no": text(np.arange(rows) + 1, 7), "given_name": some(given), "surname": some(surnames),
        "birth_date": pa.array(born).cast(pa.string()), "email": digits(9, "c"), "mobile": digits(8, "+30 69"),
        "street": text(dice.integers(1, 200, rows), 1, "Main Street "), "postcode": digits(5),
        "city": some(("Athens", "Bari", "Izmir", "Patras")), "country": some(("GR", "IT", "TR")),
        "vat": digits(9), "note": some(("", "", "call back", "likes red")),
    })  # fmt: skip


def _rows(data: pa.Table) -> list[tuple[str, ...]]:
    return [tuple(data.column_names), *zip(*(c.to_pylist() for c in data.columns), strict=True)]


def _xlsx(folder: Path) -> Path:
    import xlsxwriter

    path = folder / "people.xlsx"
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(_rows(table(ROWS))):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
    return path


def _ods(folder: Path) -> Path:
    from tests.tools.workbooks import Book, save_ods

    save_ods(Book({"People": _rows(table(ROWS))}), folder / "people.ods")
    return folder / "people.ods"


def _csv(rows: int) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        pacsv.write_csv(table(rows), folder / "people.csv")
        return folder / "people.csv"

    return write


def _broken(folder: Path) -> Path:
    """A stray quote, a row with a cell too many and one with a cell too few, in the midst of a clean file."""
    path = _csv(ROWS)(folder)
    lines = path.read_bytes().split(b"\n")
    for at in range(1_000, len(lines) - 1, len(lines) // 5):
        lines[at] = lines[at].replace(b"Main Street", b'Main "Street', 1)
        lines[at + 1] += b",more"
        lines[at + 2] = lines[at + 2].rpartition(b",")[0]
    path.write_bytes(b"\n".join(lines))
    return path


def _greek(folder: Path) -> Path:
    data = table(ROWS, GREEK, GREEK)
    lines = ["\t".join(row) for row in _rows(data)]
    (folder / "people.tsv").write_bytes("\r\n".join(lines).encode("cp1253"))
    return folder / "people.tsv"


def _parquet(folder: Path) -> Path:
    pq.write_table(table(ROWS), folder / "people.parquet")
    return folder / "people.parquet"


def _many(folder: Path, ending: str, data: Callable[[int], bytes], count: int = 10_000) -> Path:
    place = folder / "inbox"
    place.mkdir()
    old = time.time() - 3600
    for number in range(count):
        path = place / f"{number:05d}.{ending}"
        path.write_bytes(data(number))
        os.utime(path, (old, old))
    return place


def _ubl(folder: Path) -> Path:
    seed = (SPEC / "ubl.xml").read_bytes()
    return _many(folder, "xml", lambda n: seed.replace(b"A-7/2026", f"A-{n}/2026".encode()))


def _cards(folder: Path) -> Path:
    rows = table(10_000).to_pylist()
    cards = [
        f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{r['customer_no']}\r\nFN:{r['given_name']} {r['surname'][:5]}\r\n"
        f"TEL;TYPE=CELL:{r['mobile']}\r\nEMAIL:{r['email']}@x.example\r\nADR;TYPE=HOME:;;{r['street']};{r['city']};;"
        f"{r['postcode']};{r['country']}\r\nBDAY:{r['birth_date']}\r\nNOTE:{r['note']}\r\nEND:VCARD\r\n"
        for r in rows
    ]
    (folder / "people.vcf").write_text("".join(cards), "utf-8")
    return folder / "people.vcf"


def _webhooks(folder: Path) -> Path:
    rows = table(10_000).to_pylist()

    def payload(number: int) -> bytes:
        row = rows[number]
        answers = [{"field": {"ref": k, "type": "short_text"}, "type": "text", "text": v} for k, v in row.items()]
        form = {"token": row["customer_no"], "submitted_at": "2026-01-01T10:00:00Z", "answers": answers}
        return json.dumps({"event_id": f"e{number}", "form_response": form}).encode()

    return _many(folder, "json", payload)


@dataclass(frozen=True)
class Case:
    """A file, the settings of its source, the figures to reach, and who else reads it."""

    name: str
    write: Callable[[Path], Path]
    settings: dict[str, Any]
    peers: tuple[str, ...]
    seconds: float = 0
    mb: int = 500


CASES: Final = (
    Case("xlsx", _xlsx, {"kind": "spreadsheet"}, ("pandas calamine", "openpyxl"), 3),
    Case("ods", _ods, {"kind": "spreadsheet"}, ("pandas calamine",), 6),
    Case("csv", _csv(ROWS), {"kind": "csv"}, ("pandas", "DuckDB"), 1.5),
    Case("csv-broken", _broken, {"kind": "csv"}, ("pandas", "DuckDB")),
    Case("tsv-cp1253", _greek, {"kind": "csv", "delimiter": "\t", "encoding": "cp1253"}, ("pandas",)),
    Case("parquet", _parquet, {"kind": "parquet"}, ("pyarrow",)),
    Case("ubl", _ubl, {"kind": "e_invoice"}, ("lxml, parsing alone",), 10),
    Case("vcard", _cards, {"kind": "vcard"}, ()),
    Case("webhook", _webhooks, {"kind": "webhook"}, ("json, parsing alone",), 10),
    Case("csv-million", _csv(1_000_000), {"kind": "csv"}, ("pandas", "DuckDB"), 15, 0),
)
