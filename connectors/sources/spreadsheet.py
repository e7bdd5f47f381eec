"""Workbooks: xlsx, xls, xlsb and ods, every cell as the text it stands for.

Text cells are kept to the letter (`00123`, `NA`); numbers lose the `.0` that no person typed and keep the zeros and
per cents of their format; dates are ISO. Sheets that are hidden are left out and said, unless the declaration names
them. What else a workbook knows of its cells is in `workbooks/`.
"""

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import BinaryIO

import python_calamine as calamine

from connectors.sources import sniff
from connectors.sources.base import Grid, Landed, SourceFailed
from connectors.sources.tables import land_files
from connectors.sources.workbooks import marked
from connectors.sources.workbooks.cells import text
from connectors.sources.workbooks.sheet import Sheet, grids
from rules.schema import Source


def read(name: str, source: Source, root: Path) -> Landed:
    """All rows of all sheets of all workbooks of a location."""
    return land_files(name, source, root, sheets)


def sheets(path: Path, name: str, source: Source) -> Iterator[Grid]:
    """The tables of one workbook, sheet by sheet. Raises SourceFailed where it cannot be opened or holds none."""
    form = sniff.demand(path, name, sniff.SPREADSHEETS, "a spreadsheet (xlsx, xls, xlsb or ods)")
    found, notes = (_written if form in _WRITTEN else _packed)(path, name, form, source)
    if not found:
        raise SourceFailed("no sheet of the workbook holds a table", "Name the sheets to read in `sheets`", file=name)
    yield replace(found[0], notes=(*notes, *found[0].notes))
    yield from found[1:]


def _packed(path: Path, name: str, form: str, source: Source) -> tuple[list[Grid], list[str]]:
    """The tables of a workbook of binary or packed parts, and what is said of the sheets left out."""
    found: list[Grid] = []
    with marked.opened(path, name, form) as known, _opened(path, name, form) as book:
        chosen, notes = _choose(book, name, source)
        for title in chosen:
            marks = known(title)
            if (sheet := Sheet.of(book.get_sheet_by_name(title), marks, name, form)) is not None:
                found += [grid for grid in grids(sheet, source) if _is_wanted(grid.sheet or "", source)]
    return found, notes


@contextmanager
def _opened(path: Path, name: str, form: str) -> Iterator[calamine.CalamineWorkbook]:
    """The workbook, and whatever its reader stumbles over as SourceFailed."""
    try:
        with path.open("rb") as file, calamine.load_workbook(_place(path, form, file)) as book:
            yield book
    except calamine.PasswordError as error:
        remedy = "Save a copy without the password and point to that"
        raise SourceFailed("the workbook is protected with a password", remedy, file=name) from error
    except (calamine.CalamineError, OSError) as error:
        reason = f"the workbook is truncated or damaged ({error})"
        raise SourceFailed(reason, "Open it, save it again, or export it anew", file=name) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how the reader's Rust core gives up; it is no Exception
            raise
        raise SourceFailed("the workbook is damaged", "Open it and save it again", file=name) from error


def _place(path: Path, form: str, file: BinaryIO) -> str | BinaryIO:
    """What to give the reader, which believes a file's name more than its content: the content, where they differ."""
    return str(path) if path.suffix.casefold() == f".{form}" else file


def _written(path: Path, name: str, form: str, source: Source) -> tuple[list[Grid], list[str]]:
    """The tables of a workbook that is written as text: a web page, or XML of Excel 2003."""
    from connectors.sources.workbooks import html, plain, xml2003

    cells, notes = html.tables(path, name, source) if form == "html" else (xml2003.sheets(path, name), ())
    chosen, said = _of([one.name for one in cells], {one.name for one in cells if one.hidden}, name, source)
    made = [plain.sheet(one, name, form) for one in cells if one.name in chosen]
    found = [g for one in made if one for g in grids(one, source) if _is_wanted(g.sheet or "", source)]
    return found, [*notes, *said]


def _choose(book: calamine.CalamineWorkbook, name: str, source: Source) -> tuple[list[str], list[str]]:
    """Sheets to read, in the order of the workbook, and what is said about the others."""
    known = [m for m in book.sheets_metadata if m.typ == calamine.SheetTypeEnum.WorkSheet]
    hidden = {m.name for m in known if m.visible != calamine.SheetVisibleEnum.Visible}
    return _of([m.name for m in known], hidden, name, source)


def _of(names: list[str], hidden: Collection[str], name: str, source: Source) -> tuple[list[str], list[str]]:
    if not source.sheets:
        left = [n for n in names if n in hidden]
        notes = [f"{name}: the sheet {n!r} is hidden and was left out; name it in `sheets` to read it" for n in left]
        return [n for n in names if n not in hidden], notes
    for pattern in source.sheets:
        if not any(fnmatchcase(n, _TABLE.sub("", pattern)) for n in names):
            remedy = f"The workbook has: {', '.join(names)}"
            raise SourceFailed(f"there is no sheet {pattern!r}", remedy, file=name, sheet=pattern)
    return [n for n in names if any(fnmatchcase(n, _TABLE.sub("", pattern)) for pattern in source.sheets)], []


_WRITTEN = frozenset({"html", "xml2003"})
_TABLE = re.compile(r" \(table \d+\)$")
"""What tells apart the tables of one sheet; `sheets` may name one of them, or the sheet for all."""


def _is_wanted(table: str, source: Source) -> bool:
    names = {table, _TABLE.sub("", table)}
    return not source.sheets or any(fnmatchcase(name, pattern) for name in names for pattern in source.sheets)


__all__ = ["read", "sheets", "text"]
