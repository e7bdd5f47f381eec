"""The same rows written as every kind of source, for the conformance suite."""

import csv
import io
import json
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from tests.tools import workbooks

HEADER: Final = ["id", "name", "phone", "postcode", "note", "phone"]
ROWS: Final = [
    ["1", "Μαρία Παπαδοπούλου", "+30 210 1234567", "00501", "", ""],
    ["2", "Şahin, İbrahim", "0212 555 44 33", "34000", 'said "yes"', "0"],
    ["3", "O'Brien; Seán", "'353 1 234", "D02 X285", "two\nlines", "NA"],
    ["0004", "  Анна  ", "1.5", "", "00", "TRUE"],
]
Settings = dict[str, Any]


def delimited(encoding: str, delimiter: str, **style: Any) -> Callable[[Path], Settings]:
    """A writer of delimited text; what the code page lacks is written as ?."""

    def write(path: Path) -> Settings:
        text = io.StringIO()
        csv.writer(text, delimiter=delimiter, **style).writerows([HEADER, *ROWS])
        path.write_bytes(text.getvalue().encode(encoding, "replace"))
        return {"kind": "csv"}

    return write


def form(path: Path) -> Settings:
    delimited("utf-16", ";")(path)
    return {"kind": "form"}


def workbook(save: str) -> Callable[[Path], Settings]:
    def write(path: Path) -> Settings:
        rows = [HEADER, *ROWS]
        if save == "save_xlsb":
            workbooks.save_xlsb({"People": [[c or None for c in row] for row in rows]}, {}, path)
        else:
            getattr(workbooks, save)(workbooks.Book({"People": [[c or None for c in row] for row in rows]}), path)
        return {"kind": "spreadsheet"}

    return write


def parquet(path: Path) -> Settings:
    columns = [pa.array(column) for column in zip(*ROWS, strict=True)]
    pq.write_table(pa.table(columns, names=HEADER), path)
    return {"kind": "parquet"}


def sql(path: Path) -> Settings:
    with sqlite3.connect(path) as base:
        base.execute('CREATE TABLE people (id TEXT, name TEXT, phone TEXT, postcode TEXT, note TEXT, "phone (2)" TEXT)')
        base.executemany("INSERT INTO people VALUES (?,?,?,?,?,?)", ROWS)
    base.close()
    return {"kind": "sql", "location": f"sqlite:///{path.name}", "query": "SELECT * FROM people ORDER BY rowid"}


TABLES: Final[dict[str, Callable[[Path], Settings]]] = {
    "csv": delimited("utf-8", ","), "csv with mark": delimited("utf-8-sig", ";"), "tsv": delimited("utf-8", "\t"),
    "csv, all quoted, LF": delimited("utf-8", ",", quoting=csv.QUOTE_ALL, lineterminator="\n"),
    "form, UTF-16": form, "xlsx": workbook("save_xlsx"), "xls": workbook("save_xls"), "xlsb": workbook("save_xlsb"),
    "ods": workbook("save_ods"), "parquet": parquet, "sql": sql,
}  # fmt: skip
"""Kinds that hold any table to the letter."""


def fixed_width(path: Path) -> Settings:
    widths = (6, 22, 18, 10, 14, 6)
    rows = [HEADER, *[[cell.replace("\n", " ") for cell in row] for row in ROWS]]
    lines = ["".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return {"kind": "fixed_width", "widths": list(widths)}


def webhook(path: Path) -> Settings:
    payloads = [{"id": row[0], "name": row[1], "tel": row[2], "zip": row[3]} for row in ROWS]
    path.write_text("\n".join(json.dumps(p, ensure_ascii=False) for p in payloads), "utf-8")
    return {"kind": "webhook"}


def vcard(path: Path) -> Settings:
    escaped = str.maketrans({",": "\\,", ";": "\\;"})
    cards = [
        f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{row[0]}\r\nFN:{row[1].translate(escaped)}\r\nTEL:{row[2]}\r\nEND:VCARD\r\n"
        for row in ROWS
    ]
    path.write_text("".join(cards), "utf-8")
    return {"kind": "vcard"}


def e_invoice(path: Path) -> Settings:
    path.write_bytes((Path(__file__).parents[2] / "spec" / "invoices" / "ubl.xml").read_bytes())
    return {"kind": "e_invoice"}


SHAPED: Final[dict[str, Callable[[Path], Settings]]] = {
    "fixed width": fixed_width, "webhook": webhook, "vcard": vcard, "e-invoice": e_invoice,
}  # fmt: skip
"""Kinds whose columns or cells have a shape of their own."""


def aged(path: Path) -> None:
    """Nobody is still writing this file."""
    old = time.time() - 3600
    os.utime(path, (old, old))
