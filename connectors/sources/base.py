"""What every kind of source gives back, and how it fails: in words that name the place and the remedy."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from rules.schema import Source
from rules.vocabulary import FACTS, RAW_PREFIX, REJECTS

PREFIX_SCHEMA = pa.schema([
    (name, pa.int64() if name == "_line" else pa.string()) for name in RAW_PREFIX
])  # fmt: skip


class SourceFailed(Exception):
    """A source that cannot be used in this run; nothing of it was. Lines count from 1, 0 is the whole file."""

    def __init__(
        self, reason: str, remedy: str, *,
        file: str = "", sheet: str | None = None, line: int = 0, column: str = "", passing: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(reason)
        self.reason, self.remedy = reason, remedy
        self.passing = passing
        """Whether the same may succeed a minute later (sources/passing.py)."""
        self.file, self.sheet, self.line, self.column = file, sheet, line, column

    @property
    def place(self) -> str:
        """`sales.xlsx, sheet North, line 3, column Phone`: as much of it as is known."""
        parts = (
            self.file,
            f"sheet {self.sheet}" if self.sheet else "",
            f"line {self.line}" if self.line else "",
            f"column {self.column}" if self.column else "",
        )
        return ", ".join(part for part in parts if part)

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}. {self.remedy}" if self.place else f"{self.reason}. {self.remedy}"


@dataclass(frozen=True)
class Reject:
    """A row that was left out: its text as it stood, and why."""

    line: int
    content: str
    reason: str
    remedy: str = ""
    cells: tuple[str, ...] = ()
    """All its cells, where it is a row of data that does not fit (more cells than the header); none for totals, notes
    and titles, which are no data."""
    data: bool = True
    """Whether a customer may be lost with it; False for totals, notes, titles."""


@dataclass(frozen=True)
class Seen:
    """How one table was read: what `goldseam read` shows, and what a declaration may fix. Lines count from 1."""

    format: str = ""
    """A key of sniff.WORDS: text, xlsx, …"""
    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    """The quoting character of delimited text; None: no cell is quoted."""
    header: tuple[int, ...] = ()
    """Lines of the header, several where it has several rows; none: the table has no header."""
    header_cells: tuple[tuple[str, ...], ...] = ()
    """The header as it stands, one tuple a header row, cells neither trimmed nor renamed."""
    above: tuple[Reject, ...] = ()
    """Title lines above the header, left out."""


@dataclass(frozen=True)
class Grid:
    """One table of one file as it was read: columns of text under their own headers, one line number a row."""

    file: str
    sheet: str | None
    table: pa.Table
    lines: pa.Array
    """int64, from 1 as a person counts."""
    rejects: tuple[Reject, ...] = ()
    notes: tuple[str, ...] = ()
    seen: Seen = Seen()
    beyond: tuple[tuple[int, int], ...] = ()
    """(line, count) of rows of text that end in so many more empty cells than the table has columns."""

    @property
    def place(self) -> str:
        return f"{self.file}, sheet {self.sheet}" if self.sheet else self.file


@dataclass(frozen=True)
class Landed:
    """What a source holds: its rows as they were, the facts among them, what had to be left out."""

    raw: pa.Table
    """Columns of RAW_PREFIX, then the source's own as text; empty cells are null. `_record_id` is null where the
    key is still to be made (declared columns, or carried from the run before)."""
    facts: pa.Table = field(default_factory=FACTS.empty_table)
    rejects: pa.Table = field(default_factory=REJECTS.empty_table)
    notes: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()


def wanted_columns(source: Source) -> Collection[str]:
    """Every column that the declaration names."""
    dates = source.updated_at.values() if isinstance(source.updated_at, dict) else [source.updated_at or ""]
    named = (*source.columns, *source.id, *source.expect.never_empty, *dates)
    return tuple(dict.fromkeys(name for name in named if name))
