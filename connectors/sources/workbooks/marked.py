"""The marks of a workbook of any format, opened and proved before its values are read."""

import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeAlias

from connectors.sources.base import SourceFailed
from connectors.sources.workbooks import compound, ods, shared, xls, xlsb, xlsx
from connectors.sources.workbooks.marks import Marks, listed
from connectors.sources.workbooks.package import Package
from connectors.sources.workbooks.reach import is_far

Known: TypeAlias = Callable[[str], Marks]
"""The name of a sheet -> what is known of its cells."""


@contextmanager
def opened(path: Path, name: str, form: str) -> Iterator[Known]:
    """What a workbook says of its sheets; nothing of one that is not there. Raises SourceFailed where it is damaged."""

    def careful(sheet: str) -> Marks:
        with _in_words(name):
            return _near(sheet, known(sheet), name)

    with ExitStack() as stack:
        with _in_words(name):
            known = _known(stack.enter_context(Package(path, name)), form) if form != "xls" else _old(path)
        yield careful


def _known(package: Package, form: str) -> Known:
    """What the parts of an archive say; a sheet of ods is proved here, for its reader takes them all at once."""
    if form == "ods":
        package.prove(skip=frozenset({ods.CONTENT}))
        found = {sheet: _near(sheet, marks, package.name) for sheet, marks in ods.marks(package).items()}
        return lambda sheet: found.get(sheet, Marks())
    reader = xlsx if form == "xlsx" else xlsb
    parts = reader.parts(package)
    package.prove(skip=frozenset(parts.values()) if form == "xlsx" else frozenset())
    if form == "xlsx":
        shared.demand_room(package, [part for part in parts.values() if part in package.names])
    styles = reader.shown_styles(package)
    return lambda sheet: reader.marks(package, parts[sheet], styles) if sheet in parts else Marks()


def _old(path: Path) -> Known:
    found = xls.marks(path)
    return lambda sheet: found.get(sheet, Marks())


@contextmanager
def _in_words(name: str) -> Iterator[None]:
    """Whatever a damaged record or part leads to, as a failure that says so."""
    try:
        yield
    except (compound.Damaged, struct.error, LookupError, ValueError, OverflowError) as error:
        why = error if isinstance(error, compound.Damaged) else "its records do not add up"
        reason = f"the workbook is truncated or damaged ({why})"
        raise SourceFailed(reason, "Open it, save it again, or export it anew", file=name) from error


def _near(sheet: str, marks: Marks, name: str) -> Marks:
    """The marks, unless a stray cell far out makes a sheet of billions of cells, for which its reader has no memory."""
    row, column = marks.last
    if is_far(marks.last):
        cells = (row + 1) * (column + 1)
        reason = f"its cells reach as far as {listed([marks.last])}, a rectangle of {cells:,} cells"
        remedy = "Delete the rows and columns beyond the table, or copy the table to a new sheet"
        raise SourceFailed(reason, remedy, file=name, sheet=sheet, line=row + 1)
    return marks
