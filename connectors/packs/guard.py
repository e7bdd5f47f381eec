"""What a workbook must not be, found out before a reader is asked to hold it.

The reader holds the whole rectangle that the cells of a sheet span: one far cell is enough to ask for all memory.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Final
from xml.parsers import expat

from connectors.sources.workbooks.marks import place

MOST_BYTES: Final = 20_000_000
UNPACKED: Final = 100_000_000
"""Bytes that a workbook may unpack to: more is no pack of ours."""
ROWS, COLUMNS, ELEMENTS = 2_000, 500, 2_000_000
"""Of one sheet, twice what a pack can have and more."""
PIECE: Final = 1 << 16
_REFERENCE: Final = re.compile("[A-Z]{1,3}[0-9]{1,7}")
DAMAGED: Final = "This workbook is damaged. Open it, save it again, and send it once more"


class NoPack(Exception):
    """A file that is no review pack; the message says what to do."""


def demand_small(data: bytes) -> None:
    """Raises NoPack where a file is too large, unpacks to too much, or has a cell where no pack has any."""
    if len(data) > MOST_BYTES:
        raise NoPack("This file is too large for a review pack")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > UNPACKED:
                raise NoPack("This file unpacks to too much for a review pack")
            for entry in entries:
                if _is_sheet(archive, entry):
                    _Cells().read(_pieces(archive, entry))
    except expat.ExpatError as error:
        raise NoPack(DAMAGED) from error
    except (zipfile.BadZipFile, ValueError, RuntimeError, EOFError, zlib.error) as error:
        raise NoPack("This is no Excel workbook (.xlsx). Send the file back as it was saved by Excel") from error


def _is_sheet(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    """By what is in it: the reader takes any part for a sheet that the workbook names as one."""
    before = b""
    for piece in _pieces(archive, entry):
        if b"sheetData" in before + piece:
            return True
        before = piece[-8:]
    return False


def _pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(entry) as part:
        while piece := part.read(PIECE):
            yield piece


class _Cells:
    """Where the cells of a sheet are: by their reference, or (18.3.1.4: it may be left out) after the one before."""

    def __init__(self) -> None:
        self.row = self.column = self.elements = 0
        self.parser = expat.ParserCreate("utf-8")  # as the reader does, whatever the part says of itself
        self.parser.StartElementHandler = self._begins
        self.parser.EndElementHandler = self._ends
        self.parser.StartDoctypeDeclHandler = self._doctype

    def read(self, pieces: Iterator[bytes]) -> None:
        """Raises NoPack, ExpatError."""
        for piece in pieces:
            self.parser.Parse(piece)
        self.parser.Parse(b"", True)

    def _begins(self, name: str, said: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > ELEMENTS:
            raise NoPack("A sheet of this workbook holds too much for a review pack. Send back the one that was made")
        kind = name.rpartition(":")[2]
        if kind == "row" and "r" in said:
            self.row = _of(f"A{said['r']}")[0]
        if kind == "c":
            row, self.column = _of(said["r"]) if "r" in said else (self.row, self.column)
            if row >= ROWS or self.column >= COLUMNS:
                where = said.get("r", f"row {row + 1}, column {self.column + 1}")
                raise NoPack(
                    f"A sheet of this workbook has a cell at {where}, far beyond what a review pack has. "
                    "Delete it, or fill in the workbook that was made here"
                )
            self.column += 1

    def _ends(self, name: str) -> None:
        if name.rpartition(":")[2] == "row":
            self.row, self.column = self.row + 1, 0

    def _doctype(self, *_: object) -> None:
        raise NoPack(DAMAGED)


def _of(reference: str) -> tuple[int, int]:
    if not _REFERENCE.fullmatch(reference.upper()):
        raise NoPack(DAMAGED)
    return place(reference.upper())
