"""The marks of a workbook of any format, opened and proved before its values are read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from connectors.sources.base import SourceFailed
from connectors.sources.workbooks import compound, ods, xls, xlsb, xlsx
from connectors.sources.workbooks.marks import Marks
from connectors.sources.workbooks.package import Package

Known: TypeAlias = Callable[[str], Marks]
"""The name of a sheet -> what is known of its cells."""


@contextmanager
def opened(path: Path, name: str, form: str) -> Iterator[Known]:
    """What a workbook says of its sheets; nothing for a format that is not known. Raises SourceFailed."""
    if form == "xlsx":
        with Package(path, name) as package:
            parts = xlsx.parts(package)
            package.prove(skip=frozenset(parts.values()))
            styles = xlsx.shown_styles(package)
            yield lambda sheet: xlsx.marks(package, parts[sheet], styles) if sheet in parts else Marks()
    elif form == "ods":
        with Package(path, name) as package:
            package.prove(skip=frozenset({ods.CONTENT}))
            found = ods.marks(package)
            yield lambda sheet: found.get(sheet, Marks())
    elif form == "xlsb":
        with Package(path, name) as package:
            parts = xlsb.parts(package)
            package.prove()
            styles = xlsb.shown_styles(package)
            yield lambda sheet: xlsb.marks(package, parts[sheet], styles) if sheet in parts else Marks()
    else:
        found = _old(path, name)
        yield lambda sheet: found.get(sheet, Marks())


def _old(path: Path, name: str) -> dict[str, Marks]:
    try:
        return xls.marks(path)
    except compound.Damaged as error:
        reason = f"the workbook is truncated or damaged ({error})"
        raise SourceFailed(reason, "Open it, save it again, or export it anew", file=name) from error
