"""Small whole files of every kind, to be damaged. Rows of text carry a marker, by which each can be counted."""

import csv
import io
import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

SPEC: Final = Path(__file__).parents[1] / "spec" / "invoices"
HEADER: Final = ["id", "name", "phone", "town", "note"]
NAMES: Final = (
    "Μαρία Παπαδοπούλου",
    "Şahin, İbrahim",
    "O'Brien Seán",
    "Анна Петрова",
    'Łukasz "Lu" Nowak',
    "Zoë d'Arc",
)
ROWS: Final = [
    [f"{n:04d}", NAMES[n % 6], f"+30 210 {n:07d}", f"mk{n:03d}q", "two\nlines" if n % 7 == 3 else "x" * (n % 5)]
    for n in range(1, 41)
]
"""The fourth cell of each row is its marker."""


@dataclass(frozen=True)
class Seed:
    """A file, the settings of its source, and what is called after it."""

    data: bytes
    ending: str
    settings: dict[str, Any]


def _text(delimiter: str, encoding: str, terminator: str = "\r\n", quoting: int = csv.QUOTE_MINIMAL) -> bytes:
    made = io.StringIO()
    rows = [[c.encode(encoding, "replace").decode(encoding) for c in row] for row in [HEADER, *ROWS]]
    csv.writer(made, delimiter=delimiter, lineterminator=terminator, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    return made.getvalue().encode(encoding)


def _csv() -> Iterator[Seed]:
    for data in (
        _text(",", "utf-8"), _text(";", "cp1253"), _text(",", "utf-8-sig", "\n", csv.QUOTE_ALL),
        _text(";", "cp1251", "\r"),
        b"Customers of 2026\r\n\r\n" + _text(",", "utf-8") + b"\r\nTotal,40,,,\r\n", _text("|", "cp1254"),
    ):  # fmt: skip
        yield Seed(data, "csv", {"kind": "csv"})


def _tsv() -> Iterator[Seed]:
    yield Seed(_text("\t", "cp1253"), "tsv", {"kind": "csv"})
    yield Seed(_text("\t", "utf-16"), "tsv", {"kind": "csv"})
    yield Seed(_text(",", "utf-8"), "csv", {"kind": "form"})


def _fixed() -> Iterator[Seed]:
    widths = (6, 22, 16, 10, 12)
    rows = [HEADER, ["-" * (w - 2) for w in widths], *[[c.replace("\n", " ") for c in row] for row in ROWS]]
    lines = ["".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    yield Seed("\r\n".join(lines).encode(), "txt", {"kind": "fixed_width"})
    yield Seed("\r\n".join(lines).encode("cp737", "replace"), "txt", {"kind": "fixed_width", "widths": list(widths)})


def _book(writer: str, ending: str) -> Callable[[], Iterator[Seed]]:
    def make() -> Iterator[Seed]:
        from tests.tools import workbooks

        book = workbooks.Book({"People": [["List of 2026"], [], HEADER, *ROWS[:12]], "More": [HEADER, *ROWS[12:20]]})
        with TemporaryDirectory() as folder:
            path = Path(folder) / "a"
            getattr(workbooks, writer)(book, path) if ending != "xlsb" else workbooks.save_xlsb(book.sheets, {}, path)
            yield Seed(path.read_bytes(), ending, {"kind": "spreadsheet"})

    return make


def _parquet() -> Iterator[Seed]:
    for compression in ("snappy", "none"):
        made = io.BytesIO()
        pq.write_table(pa.table(list(zip(*ROWS, strict=True)), names=HEADER), made, compression=compression)
        yield Seed(made.getvalue(), "parquet", {"kind": "parquet"})


def _vcard() -> Iterator[Seed]:
    for version, end in (("3.0", "\r\n"), ("4.0", "\n"), ("2.1", "\r\n")):
        cards = [
            f"BEGIN:VCARD{end}VERSION:{version}{end}FN:{row[1].replace(',', chr(92) + ',')} {row[3]}{end}"
            f"TEL;TYPE=cell:{row[2]}{end}ADR;TYPE=home:;;Main St 1;{row[3][:2]};;10434;Greece{end}"
            f"EMAIL:a{row[0]}@x.example{end}"
            f"NOTE:a long note that is\\nfolded here{end}  and goes on{end}UID:{row[0]}{end}END:VCARD{end}"
            for row in ROWS[:15]
        ]
        yield Seed("".join(cards).encode(), "vcf", {"kind": "vcard"})


def _webhook() -> Iterator[Seed]:
    payloads = [
        {"event_id": f"e{row[0]}", "form_response": {
            "token": row[0], "submitted_at": "2026-01-01T10:00:00Z", "answers": [
            {"field": {"id": "a", "type": "short_text", "ref": "name"}, "type": "text", "text": f"{row[1]} {row[3]}"},
            {"field": {"id": "b", "type": "multiple_choice", "ref": "c"}, "type": "choices",
             "choices": {"labels": ["x", "y"]}},
        ]}} for row in ROWS[:15]
    ]  # fmt: skip
    yield Seed("\n".join(json.dumps(p, ensure_ascii=False) for p in payloads).encode(), "json", {"kind": "webhook"})
    yield Seed(json.dumps(payloads[0], indent=1).encode(), "json", {"kind": "webhook"})


def _invoices(*names: str) -> Callable[[], Iterator[Seed]]:
    def make() -> Iterator[Seed]:
        for name in names:
            yield Seed((SPEC / name).read_bytes(), "xml", {"kind": "e_invoice"})

    return make


def _pdf() -> Iterator[Seed]:
    from tests.connectors.sources.test_invoice_envelopes import CII, pdf

    yield Seed(pdf(("factur-x.xml", CII)), "pdf", {"kind": "e_invoice"})


def _p7m() -> Iterator[Seed]:
    from tests.connectors.sources.test_invoice_envelopes import FATTURA, signed, streamed

    yield Seed(signed(FATTURA), "p7m", {"kind": "e_invoice"})
    yield Seed(streamed(FATTURA), "p7m", {"kind": "e_invoice"})


def _sqlite() -> Iterator[Seed]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        with sqlite3.connect(path) as base:
            base.execute(f"CREATE TABLE people ({', '.join(f'{h} TEXT' for h in HEADER)})")
            base.executemany("INSERT INTO people VALUES (?,?,?,?,?)", ROWS)
        base.close()
        yield Seed(path.read_bytes(), "db", {"kind": "sql", "table": "people"})


MAKERS: Final[dict[str, Callable[[], Iterator[Seed]]]] = {
    "csv": _csv, "tsv": _tsv, "fixed": _fixed, "xlsx": _book("save_xlsx", "xlsx"), "xls": _book("save_xls", "xls"),
    "xlsb": _book("save_xlsb", "xlsb"), "ods": _book("save_ods", "ods"), "parquet": _parquet, "vcard": _vcard,
    "webhook": _webhook, "ubl": _invoices("ubl.xml"), "cii": _invoices("cii.xml"),
    "fatturapa": _invoices("fatturapa.xml"), "pdf": _pdf, "p7m": _p7m, "sqlite": _sqlite,
}  # fmt: skip
"""Every reader that is fuzzed."""


@cache
def of(reader: str) -> tuple[Seed, ...]:
    return tuple(MAKERS[reader]())
