"""Workbooks that are broken or made to do harm: refused in words, quickly, and never by taking the program down."""

import random
import struct
import time
import zipfile
from pathlib import Path

import pytest
import python_calamine

from connectors import sources
from connectors.sources import SourceFailed, spreadsheet
from connectors.sources.workbooks import reach
from rules.schema import Source
from tests.tools.workbooks import WRITERS, Book, Rows, save_ods_content

ROWS: Rows = [["Name", "Phone"], ["Anna", "0123"], ["Bea", "0456"]]
SECONDS = 10
"""No file may take longer."""


def read(path: Path) -> sources.Landed:
    return sources.read("book", Source(kind="spreadsheet", location=path.name), path.parent)


def book(tmp_path: Path, form: str = "xlsx") -> Path:
    path = tmp_path / f"book.{form}"
    WRITERS[form](Book({"One": ROWS}), path)
    return path


def replaced(path: Path, part: str, data: bytes) -> Path:
    """The workbook with another content for one of its parts."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**parts, part: data}.items():
            archive.writestr(name, content)
    return path


def sheet(rows: str) -> bytes:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<?xml version="1.0"?><worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def line(number: int, *cells: str) -> str:
    made = "".join(f'<c r="{chr(65 + n)}{number}" t="inlineStr"><is><t>{c}</t></is></c>' for n, c in enumerate(cells))
    return f'<row r="{number}">{made}</row>'


@pytest.mark.parametrize("entity", [b'<!DOCTYPE x [<!ENTITY a "aaaa">]>', b'<!DOCTYPE x SYSTEM "file:///etc/passwd">'])
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml", "content.xml"])
def test_entities_are_refused(part: str, entity: bytes, tmp_path: Path) -> None:
    """A part that declares XML entities, as a billion laughs does, is refused unread and named."""
    path = book(tmp_path, "xlsx" if part.startswith("xl/") else "ods")
    with zipfile.ZipFile(path) as archive:
        head, _, body = archive.read(part).partition(b"?>")
    with pytest.raises(SourceFailed, match="declares XML entities") as failed:
        read(replaced(path, part, head + b"?>" + entity + body))
    assert part in failed.value.reason


def test_entities_in_another_encoding_are_refused(tmp_path: Path) -> None:
    """The declaration is seen in UTF-16 as well."""
    text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "b">]><sst/>'
    with pytest.raises(SourceFailed, match="declares XML entities"):
        read(replaced(book(tmp_path), "xl/sharedStrings.xml", text.encode("utf-16")))


def test_bomb_among_large_parts(tmp_path: Path) -> None:
    """One part that unpacks to hundreds of times its size is found beside parts that pack badly."""
    path = book(tmp_path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("xl/media/image1.png", random.Random(1).randbytes(1 << 20))
    data = sheet(line(1, *ROWS[0]) + " " * (70 << 20))
    with pytest.raises(SourceFailed, match="times its size, and was refused"):
        read(replaced(path, "xl/worksheets/sheet1.xml", data))


def test_part_that_holds_more_than_it_says(tmp_path: Path) -> None:
    """A part whose size in the table of contents is a lie is damaged, and not unpacked further than it says."""
    path = replaced(book(tmp_path), "xl/sharedStrings.xml", b"<sst>" + b" " * 100_000 + b"</sst>")
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    while data[at + 46 : at + 46 + 20] != b"xl/sharedStrings.xml":
        at = data.index(b"PK\x01\x02", at + 1)
    data[at + 24 : at + 28] = struct.pack("<I", 100)
    path.write_bytes(data)
    with pytest.raises(SourceFailed, match="damaged"):
        read(path)


def test_stray_cell_far_out(tmp_path: Path) -> None:
    """A cell in the last corner makes a sheet of billions of cells: refused with its place, before it takes memory."""
    rows = line(1, *ROWS[0]) + line(2, *ROWS[1])
    far = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'
    with pytest.raises(SourceFailed, match="XFD1048576") as failed:
        read(replaced(book(tmp_path), "xl/worksheets/sheet1.xml", sheet(rows + far)))
    assert (failed.value.sheet, failed.value.line) == ("One", 1048576)


@pytest.mark.parametrize("far", ["B4294967295", "AAAAAA3", "B9999999"])
def test_cell_beyond_the_sheet(far: str, tmp_path: Path) -> None:
    """A cell that says it lies where no sheet reaches is refused, wherever it stands among the others."""
    rows = line(1, *ROWS[0]) + line(2, *ROWS[1]).replace("B2", far) + line(3, *ROWS[2])
    with pytest.raises(SourceFailed, match="reach as far as"):
        read(replaced(book(tmp_path), "xl/worksheets/sheet1.xml", sheet(rows)))


def test_cells_that_do_not_say_where_they_are(tmp_path: Path) -> None:
    """Cells without a reference are read in the order in which they stand."""
    bare = "".join(f"<row>{''.join(f'<c><v>{n}{m}</v></c>' for m in range(3))}</row>" for n in range(1, 3000))
    landed = read(replaced(book(tmp_path), "xl/worksheets/sheet1.xml", sheet(line(1, "a", "b", "c") + bare)))
    assert landed.raw.num_rows == 2999
    assert landed.raw["c"].to_pylist()[-1] == "29992"


BARE = "<row><c><v>1</v></c></row>"


@pytest.mark.parametrize(
    "rows",
    [
        BARE * 2_000 + f"<row>{'<c><v>1</v></c>' * 16_384}</row>",
        f"<row/>{BARE}" * 1_000 + "<row><c r='XFD2001'><v>1</v></c></row>",
        "<row r='1048576'><c r='C1048576'><v>1</v></c></row><row\nr='1'><c\tr='ZZ1'><v>1</v></c></row>",
        BARE * 2 + """<row s=' r="3"' r='1048576'>""" + "<c><v>1</v></c>" * 40 + "</row>",
        line(1, "a", "b") + "<row r='1048576'><c t='row>' r='AZ1048576'><v>1</v></c></row>",
    ],
    ids=[
        "rows without a number",
        "single quotes",
        "other blanks",
        "a number in another value",
        "the end of a row in it",
    ],
)
def test_far_cells_in_unusual_bytes(rows: str, tmp_path: Path) -> None:
    """Rows and cells that do not say where they are, or say it otherwise than everybody, reach as far as the reader
    counts them: refused before it takes memory.
    """
    with pytest.raises(SourceFailed, match="reach as far as"):
        read(replaced(book(tmp_path), "xl/worksheets/sheet1.xml", sheet(rows)))


def test_cells_reach_as_far_as_the_reader_counts_them(tmp_path: Path) -> None:
    """Whatever is named, left out or empty: `exact` is where the reader ends, and `bound` is never before it."""
    chance, path = random.Random(1), book(tmp_path)
    for _ in range(200):
        data = sheet("".join(odd_row(chance) for _ in range(chance.randint(1, 5))))
        with python_calamine.load_workbook(replaced(path, "xl/worksheets/sheet1.xml", data)) as opened:
            end = opened.get_sheet_by_index(0).end or (0, 0)
        cut = chance.randint(0, len(data))
        assert reach.exact([data[:cut], data[cut:]]) == end, data
        assert all(least <= most for least, most in zip(end, reach.bound(data, (0, 0)), strict=True)), data


def odd_row(chance: random.Random) -> str:
    """A row of few cells, in any of the ways in which it may be written."""

    def place(name: str) -> str:
        before, other, around = (
            chance.choice(" \n"),
            chance.choice(("", """s=' r="A9"' """, 's="1" ')),
            chance.choice("\"'"),
        )
        return f"{before}{other}r={around}{name}{around}"

    cells = ""
    for _ in range(chance.randint(0, 4)):
        at = place(f"{chance.choice(('A', 'B', 'AZ'))}{chance.randint(1, 40)}") if chance.random() < 0.5 else ""
        cells += chance.choice((f"<c{at}><v>1</v></c>", f"<c{at}/>", f'<c{at} t="inlineStr"><is><t>row></t></is></c>'))
    at = place(str(chance.randint(1, 30))) if chance.random() < 0.5 else ""
    return f"<row{at}>{cells}</row>" if cells else f"<row{at}/>"


def test_repeated_cells_far_out(tmp_path: Path) -> None:
    """The same in ods, where one cell may stand for millions."""
    kind = 'office:value-type="string"><text:p>x</text:p>'
    cell = f'<table:table-cell table:number-columns-repeated="16000" {kind}</table:table-cell>'
    row = f'<table:table-row table:number-rows-repeated="1000000">{cell}</table:table-row>'
    names = "".join(f' xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "text", "table"))
    body = f'<office:body><office:spreadsheet><table:table table:name="One">{row}</table:table></office:spreadsheet>'
    path = tmp_path / "book.ods"
    save_ods_content(f"<office:document-content{names}>{body}</office:body></office:document-content>", path)
    with pytest.raises(SourceFailed, match="16,000,000,000 cells"):
        read(path)


@pytest.mark.parametrize(
    ("row", "cell", "text"),
    [
        ('table:number-rows-repeated="500000"', "", "x" * 10_000),
        ("", 'table:number-columns-repeated="10000"', "x" * 100_000),
        ("", "", 'x<text:s text:c="999999999"/>y'),
    ],
    ids=["rows", "columns", "blanks"],
)
def test_repeated_text_that_unpacks_to_gigabytes(row: str, cell: str, text: str, tmp_path: Path) -> None:
    """Some hundred bytes of ods that say how often: refused before its reader holds every cell by itself."""
    names = "".join(f' xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "text", "table"))
    one = f'<table:table-cell {cell} office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
    rows = f"<table:table-row {row}>{one}</table:table-row>"
    body = f'<office:body><office:spreadsheet><table:table table:name="One">{rows}</table:table></office:spreadsheet>'
    path = tmp_path / "book.ods"
    save_ods_content(f"<office:document-content{names}>{body}</office:body></office:document-content>", path)
    with pytest.raises(SourceFailed, match="unpack to more than 256 MB"):
        read(path)


@pytest.mark.parametrize("texts", ["xl/sharedStrings.xml", "xl/SharedStrings.xml"])
def test_one_long_text_that_all_cells_name(texts: str, tmp_path: Path) -> None:
    """Two thousand cells name one text of a megabyte: refused; a few that name it are read."""
    path = book(tmp_path)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    long = f'<sst xmlns="{main}"><si><t>Name</t></si><si><t>{"x" * (1 << 20)}</t></si></sst>'.encode()
    named = '<row r="{0}"><c r="A{0}" t="s"><v>{1}</v></c><c r="B{0}"><v>5</v></c></row>'.format
    head = named(1, 0).replace("<v>5</v>", "").replace('r="B1"', 'r="B1" t="inlineStr"><is><t>Phone</t></is')
    for count in (2000, 3):
        rows = head.replace("</is></c>", "</is></c>") + "".join(named(n, 1) for n in range(2, count + 2))
        replaced(path, "xl/worksheets/sheet1.xml", sheet(rows))
        replaced(path, texts, long)
        if count > 3:
            with pytest.raises(SourceFailed, match="shared text"):
                read(path)


def test_a_million_empty_formatted_rows(tmp_path: Path) -> None:
    """Rows that hold formats and no values down to the end of the sheet are no rows, and take no time."""
    styled = "".join(f'<row r="{n}" s="1"><c r="A{n}" s="1"/><c r="B{n}" s="1"/></row>' for n in range(3, 1_048_577))
    path = replaced(book(tmp_path), "xl/worksheets/sheet1.xml", sheet(line(1, *ROWS[0]) + line(2, *ROWS[1]) + styled))
    start = time.process_time()
    landed = read(path)
    assert landed.raw.num_rows == 1
    assert time.process_time() - start < SECONDS


@pytest.mark.parametrize("form", list(WRITERS))
def test_truncated_anywhere(form: str, tmp_path: Path) -> None:
    """A workbook of which the end is missing is refused in words, wherever it ends."""
    path = book(tmp_path, form)
    data = path.read_bytes()
    for end in range(1, len(data) - 22, max(1, len(data) // 25)):
        path.write_bytes(data[:end])
        try:
            names = read(path).raw["Name"].to_pylist()
        except SourceFailed:
            continue
        assert names == ["Anna", "Bea"]  # an .xls is padded at its end


@pytest.mark.parametrize("field", [40, 44, 64, 72])
def test_container_of_more_sectors_than_it_has(field: int, tmp_path: Path) -> None:
    """An .xls that says it has millions of sectors is refused before room is made for them."""
    path = book(tmp_path, "xls")
    data = bytearray(path.read_bytes())
    data[field : field + 4] = struct.pack("<I", 0x00FFFFFF)
    path.write_bytes(data)
    with pytest.raises(SourceFailed, match="damaged"):
        read(path)


@pytest.mark.parametrize(
    ("record", "at", "value"),
    [
        (0x200, 0, struct.pack("<I", 0xFFFFFF)),  # DIMENSIONS: the first row behind the last
        (0x200, 4, struct.pack("<I", 0xFFFFFF)),  # more rows than a sheet can have
        (0xFD, 2, struct.pack("<H", 0xFFFF)),  # a cell beyond the last column
        (0xFC, 4, struct.pack("<I", 0x7FFFFFFF)),  # more texts than bytes
    ],
)
def test_old_workbook_that_asks_for_memory(record: int, at: int, value: bytes, tmp_path: Path) -> None:
    """Records that would make the reader ask for more memory than there is are found before it sees them."""
    path = book(tmp_path, "xls")
    data = bytearray(path.read_bytes())
    begin = 512  # xlwt writes the stream first
    while struct.unpack_from("<H", data, begin)[0] != record:
        begin += 4 + struct.unpack_from("<H", data, begin + 2)[0]
    data[begin + 4 + at : begin + 4 + at + len(value)] = value
    path.write_bytes(data)
    with pytest.raises(SourceFailed, match="damaged"):
        read(path)


@pytest.mark.parametrize("form", list(WRITERS))
@pytest.mark.parametrize("wrong", ["csv", "txt", "xlsx", "ods", "xls"])
def test_extension_does_not_count(form: str, wrong: str, tmp_path: Path) -> None:
    """A workbook is read as what it is, whatever its name says."""
    path = book(tmp_path, form)
    other = path.with_name(f"other.{wrong}")
    other.write_bytes(path.read_bytes())
    (grid,) = spreadsheet.sheets(other, other.name, Source(kind="spreadsheet", location=other.name))
    assert grid.seen.format == form
    assert grid.table["Name"].to_pylist() == ["Anna", "Bea"]
