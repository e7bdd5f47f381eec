"""A review pack that comes back: its token, who filled it in, and its rows."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

import python_calamine as calamine

from connectors.packs.guard import DAMAGED, NoPack, demand_small
from connectors.packs.write import COLUMNS, NAME_ROW, SHEETS
from rules.packs import Line


@dataclass(frozen=True)
class Read:
    """What a workbook says. `name`: of whoever filled it in."""

    token: str
    name: str
    lines: tuple[Line, ...]


def read(data: bytes) -> Read:
    """Raises NoPack."""
    demand_small(data)
    try:
        with calamine.load_workbook(BytesIO(data)) as book:
            return _read(book)
    except (calamine.CalamineError, OSError) as error:
        raise NoPack(DAMAGED) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how the reader's Rust core gives up; it is no Exception
            raise
        raise NoPack(DAMAGED) from error


def _read(book: calamine.CalamineWorkbook) -> Read:
    names = book.sheet_names
    if SHEETS[2] not in names or len(names) < 3:
        raise NoPack("This workbook is no review pack of this desk. Import the file that was made here, filled in")
    hidden = book.get_sheet_by_name(SHEETS[2]).to_python(skip_empty_area=False)
    said = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    title = SHEETS[1] if SHEETS[1] in names else names[1]
    rows = book.get_sheet_by_name(title).to_python(skip_empty_area=False)
    return Read(_cell(hidden, 0, 0), _cell(said, NAME_ROW, 1), tuple(
        Line(title, n + 1, *(_cell(rows, n, column) for column in (0, 3, 1, 2)))
        for n in range(1, len(rows)) if any(_cell(rows, n, column) for column in range(len(COLUMNS)))
    ))  # fmt: skip


def _cell(rows: list[list[Any]], row: int, column: int) -> str:
    """A cell as text; a whole number without its `.0`."""
    if row >= len(rows) or column >= len(rows[row]):
        return ""
    value = rows[row][column]
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
