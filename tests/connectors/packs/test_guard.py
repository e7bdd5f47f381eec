"""Workbooks that would make their reader ask for all memory are refused before it opens them."""

import io
import zipfile

import pytest

from connectors.packs.guard import ELEMENTS, NoPack, demand_small
from connectors.packs.read import read
from connectors.packs.write import Pack, Side, write

SHEET = '<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row>{}</sheetData></worksheet>'


def workbook(part: str | bytes, name: str = "xl/worksheets/sheet1.xml") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, part)
    return file.getvalue()


@pytest.mark.parametrize(
    "far",
    [
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        "<x:row xmlns:x=\"x\"><x:c r = 'XFD2'><v>1</v></x:c></x:row>",
        '<row r="1048576"><c><v>1</v></c></row>',
        '<row><c r="&#88;FD2"><v>1</v></c></row>',
        "<row>" + "<c><v>1</v></c>" * 501 + "</row>",
        "<row><c><v>1</v></c></row>" * 2_001,
    ],
    ids=["far", "prefixed", "by its row", "entity", "unnamed columns", "unnamed rows"],
)
def test_a_far_cell_is_refused_however_it_says_where_it_is(far: str) -> None:
    """By reference, by its row, or by the cells before it; the part may have any name."""
    for name in ("xl/worksheets/sheet1.xml", "xl/other.bin"):
        with pytest.raises(NoPack, match="far beyond"):
            demand_small(workbook(SHEET.format(far), name))


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("<!DOCTYPE a [<!ENTITY b 'c'>]>" + SHEET, "damaged"),
        (SHEET.format('<row><c r="1XFD"/></row>'), "damaged"),
        (SHEET.format("<row>"), "damaged"),
        (SHEET.format("<a/>" * ELEMENTS), "too much"),
    ],
    ids=["doctype", "no reference", "broken", "elements"],
)
def test_a_sheet_that_cannot_be_measured_is_refused(part: str, words: str) -> None:
    """What one XML reader understands otherwise than another is not opened at all."""
    with pytest.raises(NoPack, match=words):
        demand_small(workbook(part))


def test_the_largest_pack_is_read() -> None:
    """500 cases of 60 fields are within the bounds; rows without cells, which programs leave behind, do no harm."""
    fields = [f"field {n}" for n in range(60)]
    sides = Side("a:1", dict.fromkeys(fields, "value")), Side("b:1", dict.fromkeys(fields, "other"))
    assert len(read(write(Pack("token", "Pack", fields, [sides] * 500))).lines) == 1_000
    demand_small(workbook(SHEET.format('<row r="1048576"/>')))
