"""A review pack as an Excel workbook: protected but for the answers, with instructions, and no formula in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import xlsxwriter

from rules.packs import ANSWERS, SKIP

COLUMNS: Final = ("No.", "Answer", "Comment", "Record")
"""The first columns, by their place: their headings may be translated. The records' fields follow."""
SHEETS: Final = ("Instructions", "Cases", "goldseam")
NAME_ROW: Final = 3
"""Row of the first sheet (from 0) in whose second cell the reader's name stands."""
CELL: Final = 32_767
"""Letters that a cell can hold."""
SAID: Final = (
    "Each case is two rows: two records, one above the other. What differs is marked.",
    "Decide whether both are one customer, and choose an answer in the column Answer:",
    "same: both are one and the same customer.",
    "different: they are two customers.",
    "related: two customers of one household or one group.",
    "skip, or nothing: you cannot tell.",
    "The column Comment is yours. Everything else is locked, so that answers find their cases again.",
    "Save the file and send it back to whoever sent it to you.",
)


@dataclass(frozen=True)
class Side:
    """A record: its key and its values by field."""

    key: str
    values: dict[str, str]


@dataclass(frozen=True)
class Pack:
    """What goes out. `fields` in the order of the columns."""

    token: str
    title: str
    fields: Sequence[str]
    cases: Sequence[tuple[Side, Side]]


def write(pack: Pack) -> bytes:
    """The workbook's bytes."""
    file = BytesIO()
    never = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    with xlsxwriter.Workbook(file, {"in_memory": True, **never}) as book:
        _instructions(book, pack)
        _cases(book, pack)
        hidden = book.add_worksheet(SHEETS[2])
        hidden.write_string(0, 0, pack.token)
        hidden.very_hidden()
        hidden.protect()
    return file.getvalue()


def _instructions(book: Any, pack: Pack) -> None:
    sheet, text = book.add_worksheet(SHEETS[0]), book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 90)
    sheet.write_string(0, 0, pack.title, book.add_format({"bold": True, "font_size": 16}))
    sheet.write_string(NAME_ROW, 0, "Your name", book.add_format({"bold": True}))
    sheet.write_blank(NAME_ROW, 1, None, book.add_format({"locked": False, "bg_color": "#F6ECD0", "border": 1}))
    for n, line in enumerate(SAID):
        sheet.write_string(NAME_ROW + 2 + n, 1, line, text)
    sheet.hide_gridlines(2)
    sheet.protect()


def _cases(book: Any, pack: Pack) -> None:
    sheet, formats = book.add_worksheet(SHEETS[1]), _formats(book)
    for place, name in enumerate((*COLUMNS, *pack.fields)):
        sheet.write_string(0, place, name, formats["head"])
    for n, case in enumerate(pack.cases):
        for side, record in enumerate(case):
            _record(sheet, formats, pack, n, side, record, case[1 - side])
    sheet.freeze_panes(1, len(COLUMNS))
    for place, width in enumerate((6, 12, 30, 22)):
        sheet.set_column(place, place, width)
    sheet.set_column(len(COLUMNS), len(COLUMNS) + len(pack.fields), 24)
    sheet.protect("", {"format_columns": True, "format_rows": True})


def _record(sheet: Any, formats: dict[str, Any], pack: Pack, case: int, side: int, record: Side, other: Side) -> None:
    row = 1 + 2 * case + side
    end = "" if side == 0 else " last"
    sheet.write_number(row, 0, case + 1, formats["number" + end])
    for column in (1, 2):
        sheet.write_blank(row, column, None, formats[("given" if side == 0 else "locked") + end])
    if side == 0:
        sheet.data_validation(row, 1, row, 1, {
            "validate": "list", "source": [*ANSWERS, SKIP], "error_title": "No answer",
            "error_message": f"Choose one of {', '.join((*ANSWERS, SKIP))}.",
        })  # fmt: skip
    sheet.write_string(row, 3, record.key, formats["locked" + end])
    for n, name in enumerate(pack.fields):
        mine, theirs = record.values.get(name, ""), other.values.get(name, "")
        differs = mine and theirs and mine.casefold() != theirs.casefold()
        sheet.write_string(row, len(COLUMNS) + n, mine[:CELL], formats[("differs" if differs else "locked") + end])


def _formats(book: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {"num_format": "@", "text_wrap": True, "valign": "top", "quote_prefix": True}
    kinds: dict[str, dict[str, Any]] = {
        "number": {"valign": "top"}, "given": {**plain, "locked": False, "bg_color": "#F6ECD0"}, "locked": plain,
        "differs": {**plain, "bold": True, "font_color": "#B23A12"},
    }  # fmt: skip
    found = {f"{name}{end}": book.add_format({**told, **({"bottom": 1} if end else {})})
             for name, told in kinds.items() for end in ("", " last")}  # fmt: skip
    return {**found, "head": book.add_format({"bold": True, "bottom": 2})}
