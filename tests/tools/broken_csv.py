"""Deliberately broken CSV files with what is in them, and a mark of 0 to 10 for what a reader made of one.

Three tables of our own (a shop's, Greek customers, notes with line breaks and quotes), each damaged in one way at a
time: every row and column in turn loses a delimiter, gets one too many, gets a quote too many. Expected is what a
careful person would say: an extra quote is a character of its cell; cells whose delimiter is missing are one, as it
stands; all other cells are as they were.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

Row: TypeAlias = list[str]


@dataclass(frozen=True)
class Broken:
    """A file, and the header rows and rows that are in it."""

    name: str
    data: bytes
    header: list[Row]
    rows: list[Row]
    delimiter: str = ","
    quote: str = '"'
    escape: str = ""
    """As a person would have to tell other readers; empty: a quote is doubled."""
    above: int = 0
    """Lines above the header."""


@dataclass(frozen=True)
class Style:
    delimiter: str = ","
    quote: str = '"'
    escape: str | None = '"'
    end: str = "\r\n"
    all: bool = False
    """Every cell of a row is quoted, numbers too."""

    def cell(self, value: str) -> str:
        special = (self.delimiter.strip() or self.delimiter, self.quote, "\n", "\r")
        if not (self.all or any(s in value for s in special) or len(value) > 40):
            return value
        inside = value if self.escape is None else value.replace(self.quote, self.escape + self.quote)
        return self.quote + inside + self.quote

    def line(self, row: Sequence[str]) -> str:
        return self.delimiter.join(map(self.cell, row)) + self.end

    def text(self, rows: Sequence[Sequence[str]]) -> str:
        return "".join(map(self.line, rows))


@dataclass(frozen=True)
class Table:
    name: str
    header: Row
    rows: list[Row]
    style: Style


def shop(count: int = 84) -> Table:
    """What a shop sold: dates, times, small numbers, prices, descriptions with commas, web addresses, no comments."""
    rng = random.Random(7)
    things = ["Lamp", "Chair", "Desk, oak", "Kettle", "Mug", "Rug, blue", "Clock", "Shelf"]
    words = ["light", "sturdy, made to last", "fits any room", "two sizes", "in red, green and grey", "easy to clean"]
    rows = []
    for n in range(count):
        thing = rng.choice(things)
        long = f"The {thing.lower()} is {', '.join(rng.sample(words, 3))}."
        if n % 9 == 4:
            long += ' Called "the best" by our customers.'
        if n % 7 == 3:
            long += " It's yours, isn't it?"
        price = f"{rng.randint(1, 300)}.{rng.randint(0, 99):02}"
        url = f"http://shop.example/p/{1000 + n}.html"
        when = f"{rng.randint(1, 28):02}/{rng.randint(1, 12):02}/2019"
        time = f"{rng.randint(8, 19)}:{rng.randint(0, 59):02}"
        rows.append([when, time, str(rng.randint(1, 9)), f"P{1000 + n}", price, thing, long, url, ""])
    header = ["Date", "TIME", "Qty", "PRODUCTID", "Price", "ProductType", "ProductDescription", "URL", "Comments"]
    return Table("shop", header, rows, Style())


def customers(count: int = 40) -> Table:
    """Customers in Greek, parted by semicolons, with amounts in decimal commas."""
    rng = random.Random(8)
    names = ["Παπαδοπούλου, Μαρία", "Νικολάου Γιώργος", "Ελένη Δημητρίου", "Κώστας Ιωάννου"]
    rows = [
        [
            f"{n + 1:05}",
            rng.choice(names),
            f"Οδός Ερμού {rng.randint(1, 99)}; κτήριο Β" if n % 3 == 0 else f"Λεωφ. Κηφισίας {rng.randint(1, 300)}",
            f"{rng.randint(10000, 19999)}",
            f"+30 210 {rng.randint(1000000, 9999999)}",
            f"{rng.randint(1, 999)},{rng.randint(0, 99):02}",
        ]
        for n in range(count)
    ]
    return Table("customers", ["Κωδικός", "Όνομα", "Διεύθυνση", "ΤΚ", "Τηλέφωνο", "Υπόλοιπο"], rows, Style(";"))


def notes(count: int = 40) -> Table:
    """Notes of a diary: line breaks within cells, quotes, inches and feet, apostrophes; every cell is quoted."""
    rng = random.Random(9)
    rows = []
    for n in range(count):
        note = rng.choice(['asked for a 5" pipe', "6' by 4', please", 'said "call later", twice', "rang, no answer"])
        if n % 4 == 1:
            note += "\nback on Monday, early\nsecond floor"
        who = rng.choice(["O'Brien, Seán", "D'Alò Niccolò", "Smith, Ann", "Łukasz Żak"])
        day = f"2024-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        rows.append([f"K{n + 100}", who, f"0{rng.randint(10**8, 10**9)}", day, note])
    return Table("notes", ["Key", "Who", "Phone", "Day", "Note"], rows, Style(end="\n", all=True))


TABLES = (shop, customers, notes)


def broken(table: Table) -> Iterator[Broken]:
    """Every damage, one after the other."""
    yield from whole_files(table)
    for n in range(-1, len(table.rows)):
        yield from one_row(table, n)


def whole_files(table: Table) -> Iterator[Broken]:
    """Damages of the whole file: its ends, its header, what stands above and below, its dialect."""
    s, h, rows = table.style, table.header, table.rows

    def made(name: str, text: str, header: list[Row], body: list[Row], above: int = 0) -> Broken:
        return Broken(f"{table.name}: {name}", text.encode(), header, body, s.delimiter, s.quote, "", above)

    whole = s.text([h, *rows])
    yield made("clean", whole, [h], rows)
    yield made("no end", whole.removesuffix(s.end), [h], rows)
    yield made("two ends", whole + s.end, [h], rows)
    yield made("no header", s.text(rows), [], rows)
    yield made("header only", s.text([h]), [h], [])
    yield made("one row", s.text([h, rows[0]]), [h], rows[:1])
    second = [f"{name} unit" if n % 2 else "" for n, name in enumerate(h)]
    yield made("preamble", f"Export of the year{s.end}Made by hand{s.end}{s.end}{whole}", [h], rows, 3)
    del second
    for name, width in (("fewer", len(h) - 2), ("same", len(h)), ("more", len(h) + 2)):
        more = [[f"{cell[:12]}" for cell in (*row, "x1", "y2")][:width] for row in rows[:12]]
        head = [f"Other {n}" for n in range(width)]
        padded = [[*row, *[""] * (len(h) - width)] for row in (head, *more)]
        yield made(f"two tables, {name} columns", whole + s.text([head, *more]), [h], [*rows, *padded])
    yield from dialects(table)


def dialects(table: Table) -> Iterator[Broken]:
    """The same rows in other dialects."""
    rows = [table.header, *table.rows]
    for delimiter in (" ", ", ", ";", "\t", ","):
        yield _as(table, f"delimiter {delimiter!r}", replace(table.style, delimiter=delimiter), rows)
    yield _as(table, "quote '", replace(table.style, quote="'", escape="'"), rows)
    yield _as(table, "escape backslash", replace(table.style, escape="\\"), rows)
    yield _as(table, "no escape", replace(table.style, escape=None), rows)
    for end in ("\n", "\r", "\r\n"):
        yield _as(table, f"line end {end!r}", replace(table.style, end=end), rows)


def _as(table: Table, name: str, style: Style, rows: list[Row]) -> Broken:
    escape = "\\" if style.escape == "\\" else ""
    data = style.text(rows).encode()
    return Broken(f"{table.name}: {name}", data, [rows[0]], rows[1:], style.delimiter, style.quote, escape)


def one_row(table: Table, number: int) -> Iterator[Broken]:
    """Damages of one row, the header's being number -1."""
    s, row = table.style, table.header if number < 0 else table.rows[number]
    cells = [s.cell(value) for value in row]
    d, end = s.delimiter, s.end

    def made(name: str, line: str, expected: Row) -> Broken:
        before, after = table.rows[: max(0, number)], table.rows[number + 1 :]
        padded = expected if number < 0 else [*expected, *[""] * (len(table.header) - len(expected))]
        header, rows = ([padded], after) if number < 0 else ([table.header], [*before, padded, *after])
        lines = [line, s.text(after)] if number < 0 else [s.text([table.header, *before]), line, s.text(after)]
        return Broken(f"{table.name}: row {number} {name}", "".join(lines).encode(), header, rows, d, s.quote)

    for n in range(len(cells) - 1):
        text = d.join(cells[: n + 1]) + d.join(["", *cells[n + 1 :]])[len(d) :] + end
        yield made(f"less {n}", text, [*row[:n], _joined(row, cells, n, s), *row[n + 2 :]])
    for n in range(len(cells)):
        yield made(
            f"more {n}", d.join([*cells[: n + 1], "", *cells[n + 1 :]]) + end, [*row[: n + 1], "", *row[n + 1 :]]
        )
    for n, cell in enumerate(cells):
        for where, at in (("start", 0), ("middle", len(cell) // 2), ("end", len(cell))):
            if where == "middle" and len(cell) < 2:
                continue
            spoilt, value = _with_quote(cell, row[n], at, s)
            line = d.join([*cells[:n], spoilt, *cells[n + 1 :]]) + end
            yield made(f"quote {n} {where}", line, [*row[:n], value, *row[n + 1 :]])
    if not any(" " in cell for cell in cells if not cell.startswith(s.quote)):
        yield made("by blanks", " ".join(cells) + end, list(row))


def _joined(row: Row, cells: list[str], n: int, style: Style) -> str:
    """Two cells without a delimiter between them; doubled quotes are one quote (RFC 4180)."""
    q, left, right = style.quote, cells[n], cells[n + 1]
    if left.startswith(q) and right.startswith(q):
        return row[n] + q + row[n + 1]
    quoted = left.startswith(q) or right.startswith(q)
    if quoted and (not left or not right):
        return row[n] + row[n + 1]
    return left + right


def _with_quote(cell: str, value: str, at: int, style: Style) -> tuple[str, str]:
    """A cell with a quote too many before its character `at`, as written and as meant."""
    q = style.quote
    if not cell.startswith(q):
        return cell[:at] + q + cell[at:], value[:at] + q + value[at:]
    inner = cell[1:-1]
    at = min(max(at - 1, 0), len(inner))
    while 0 < at < len(inner) and q in (inner[at - 1], inner[at]):
        at -= 1  # not within a doubled quote, where nobody could tell which is which
    spoilt = inner[:at] + q + inner[at:]
    return q + spoilt + q, inner[:at].replace(q * 2, q) + q + inner[at:].replace(q * 2, q)


def mark(header: list[Row], rows: list[Row], expected: Broken) -> float:
    """0 to 10: one point for a table at all, and one for precision, recall and F1 of header, records and cells."""
    wanted = [cell for row in expected.header for cell in row]
    points = 1.0 + _points(Counter(cell for row in header for cell in row), Counter(wanted))
    points += _points(Counter(map(tuple, rows)), Counter(map(tuple, expected.rows)))
    return points + _points(Counter(c for r in rows for c in r), Counter(c for r in expected.rows for c in r))


def _points(found: Counter[object], wanted: Counter[object]) -> float:
    if not found and not wanted:
        return 3.0
    both = (found & wanted).total()
    precision = both / found.total() if found else 0.0
    recall = both / wanted.total() if wanted else 0.0
    return precision + recall + (2 * precision * recall / (precision + recall) if both else 0.0)
