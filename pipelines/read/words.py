"""How a table was read, in words: what both the terminal and the message of a copy say."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from connectors.sources import sniff
from connectors.sources.base import Reject
from pipelines.read.look import Looked, Table

ENCODINGS: Final = {
    "utf-8": "UTF-8", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "utf-32-le": "UTF-32", "utf-32-be": "UTF-32",
    "cp1250": "cp1250, Central European", "cp1251": "cp1251, Cyrillic", "cp1252": "cp1252, Western European",
    "cp1253": "cp1253, Greek", "cp1254": "cp1254, Turkish", "cp1257": "cp1257, Baltic",
    "iso8859-7": "ISO 8859-7, Greek", "cp737": "cp737, Greek DOS", "cp866": "cp866, Cyrillic DOS",
    "cp857": "cp857, Turkish DOS", "cp437": "cp437, DOS", "koi8-r": "KOI8-R, Cyrillic",
}  # fmt: skip
"""Encoding -> what people know it as; any other goes by its own name."""
DELIMITERS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "blank"}
NOTES: Final = 12
"""Doubts that are shown of one table."""


_DRAWN: Final = {"\n": "↵", "\r": "", "\t": "⇥", "\u00a0": "␣"}


def drawn(text: str, most: int = 1000) -> str:
    """A text on one line; characters that do not print (what steers a terminal among them) are drawn as signs."""
    return "".join(c if c.isprintable() else _DRAWN.get(c, "·") for c in text[:most].strip())


def counted(number: int, noun: str, plural: str = "") -> str:
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def lines_of(rejects: Sequence[Reject]) -> str:
    """`line 3`, `lines 1–3, 7`; of many only the first stretches."""
    return listed(sorted(r.line for r in rejects))


def listed(lines: Sequence[int]) -> str:
    stretches: list[list[int]] = []
    for line in lines:
        if stretches and line == stretches[-1][1] + 1:
            stretches[-1][1] = line
        else:
            stretches.append([line, line])
    said = [str(a) if a == b else f"{a}–{b}" for a, b in stretches]
    more = " …" if len(said) > 4 else ""
    return f"{'line' if len(lines) == 1 else 'lines'} {', '.join(said[:4])}{more}"


def format_of(looked: Looked) -> str:
    """What the file is; where its name says another thing, that too."""
    if not looked.format:
        return "unknown"
    if looked.several:
        return f"{counted(len(looked.files), 'file')} read as one source: {sniff.WORDS[looked.format]}"
    what = "delimited text" if looked.format == "text" else sniff.WORDS.get(looked.format, "unknown")
    ending = looked.path.suffix.lower().removeprefix(".")
    named = _PROMISES.get(ending)
    return f"{what}, whatever its name says" if named and looked.format not in named else what


_PROMISES: Final = {
    "csv": ("text", "empty"), "tsv": ("text", "empty"), "xlsx": ("xlsx",), "xls": ("xls",), "ods": ("ods",),
    "xlsb": ("xlsb",), "parquet": ("parquet",), "xlsm": ("xlsx",),
}  # fmt: skip
"""Ending of a name -> what such a file should be."""


def dialect(table: Table) -> list[str]:
    """Encoding, delimiter and quotes of text; nothing of other files."""
    seen = table.seen
    found = []
    if seen.encoding:
        found.append(ENCODINGS.get(seen.encoding, seen.encoding) + (" (a guess)" if is_guess(table) else ""))
    if seen.delimiter:
        found.append(f"parted by {DELIMITERS.get(seen.delimiter, repr(seen.delimiter))}")
        found.append(f"quotes {seen.quote}" if seen.quote else "no quotes")
    return found


def _names(table: Table) -> list[str]:
    """Columns that had to be told apart by other names than their headers."""
    names, header = table.grid.table.column_names, {cell for row in table.seen.header_cells for cell in row}
    if not header:
        return []
    there = {" ".join(cell.split()) for cell in header}
    made = [name for name in names if " ".join(name.split()) not in there]
    again = [name for name in made if _AGAIN.search(name)]
    blank = [name for name in made if _NAMELESS.fullmatch(name)]
    found = []
    if again:
        found.append(f"headers that stand more than once are told apart by a number: {', '.join(again[:5])}")
    if blank:
        found.append(f"{counted(len(blank), 'column')} without a header: {', '.join(blank[:5])}")
    return found


_AGAIN: Final = re.compile(r" \(\d+\)$")
_NAMELESS: Final = re.compile(r"column \d+")


def is_guess(table: Table) -> bool:
    """Whether the encoding could be another: its reader has said so."""
    return any(_GUESS.search(note) for note in table.grid.notes)


_GUESS: Final = re.compile(r"\bread as [^:]*, a guess")


def layout(table: Table) -> list[str]:
    """Where the header stands, and which lines around the table are no part of it."""
    header = table.seen.header
    if header:
        found = [f"header in {listed(header)}"]
    else:
        found = [] if table.seen.header_cells else ["no header: columns go by numbers"]
    if table.seen.above:
        found.append(f"{lines_of(table.seen.above)} above left out")
    if table.below and not table.is_of_records:  # whose own notes say which, by file
        found.append(f"{lines_of(table.below)} below left out")
    return found


def size(table: Table) -> list[str]:
    found = [counted(table.rows, "row"), counted(table.grid.table.num_columns, "column")]
    if table.surplus:
        found.append(f"{counted(len(table.surplus), 'row')} with more cells than columns")
    return found


_SHOWN: Final = re.compile(r"the header was found in line|totals or notes below the table were left out")
"""Notes that say what `layout` says."""


def doubts(table: Table) -> list[str]:
    """Everything that was noted, without the name of the file; of many the first."""
    notes = _names(table)
    notes += [note for note in (_bare(n, table.grid.file) for n in table.grid.notes) if not _SHOWN.match(note)]
    if table.surplus:
        what = f"{counted(len(table.surplus), 'row')} with more cells than columns ({lines_of(table.surplus)})"
        notes.append(f"{what}: --out keeps them whole, a run sets them aside. {table.surplus[0].remedy}")
    if not table.rows:
        notes.append("there is a header but no row below it: check the export")
    notes = list(dict.fromkeys(map(drawn, notes)))
    return notes if len(notes) <= NOTES else [*notes[:NOTES], f"and {len(notes) - NOTES} more: see --json"]


def hints(table: Table) -> list[str]:
    """What a declaration can put right when landing."""
    found = []
    if marked := table.apostrophes:
        which = ", ".join(map(repr, marked[:5])) + (" …" if len(marked) > 5 else "")
        found.append(f"numbers carry an apostrophe in {which}: `apostrophes: true` takes it off")
    for question, columns in table.choices.items():
        found.append(f"{len(columns)} columns are the answers to one question, {question!r}: `choices` folds them")
    return list(map(drawn, found))


def copied(looked: Looked, table: Table | None, path: Path) -> list[str]:
    """What is said of a clean copy: what went into it, what was left out, what is doubtful."""
    way = f"{looked.path} → {path}"
    if table is None:
        return [drawn(f"{way}: the file is empty (0 bytes), and so is the copy. Export it again")]
    sheet = f", sheet {table.grid.sheet}" if table.grid.sheet else ""
    facts = [*size(table), *dialect(table), *layout(table)]
    return [drawn(f"{way}{sheet}: {', '.join(facts)}"), *(f"  ! {note}" for note in doubts(table))]


def _bare(note: str, file: str) -> str:
    """A note without the file and sheet that it begins with: they stand above it."""
    if not note.startswith(file):
        return note
    return re.sub(r"^(, sheet [^:]*)?: ", "", note.removeprefix(file))
