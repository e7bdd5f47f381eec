"""What must hold of any file: a table or a refusal in words, and every row of text exactly once."""

import re
from collections import Counter
from pathlib import Path
from typing import Any, Final

from connectors import sources
from connectors.sources import SourceFailed, tables
from connectors.sources.base import Grid
from rules import presets, schema

MARKER: Final = re.compile(r"mk\d{3}q")
COUNTED: Final = ("csv", "form", "fixed_width")
"""Kinds whose rows are counted by their markers."""
ONCE: Final = {
    "vcard": re.compile(r"(?m)^FN:.*?(mk\d{3}q)"),
    "webhook": re.compile(r'(?m)^\{"event.*"(?!type")[^"]*": ?"[^"]*(mk\d{3}q)[^"]*".*\}$'),
}
"""Kinds of which each record must be there, though one that was delivered twice is one."""


def judge(path: Path, settings: dict[str, Any]) -> dict[str, Any]:
    """`state` (landed, refused), `said` (the refusal) and `wrong`: what does not hold, empty where all is well."""
    location = f"sqlite:///{path.name}" if settings["kind"] == "sql" else path.name
    source = schema.parse(presets.apply({**settings, "location": location}, {}, "x"), {}, schema.Source, "x")
    try:
        landed = sources.read("x", source, path.parent)
    except SourceFailed as failed:
        wrong = [] if failed.reason and failed.remedy else ["a refusal without reason or remedy"]
        if "gave up" in failed.reason:
            wrong.append("the reader gave up: " + failed.reason)
        if not any(word in str(failed) for word in (path.name, path.parent.name, source.table or path.name)):
            wrong.append(f"a refusal that does not name the file: {failed}")
        return {"state": "refused", "said": failed.reason, "wrong": wrong}
    wrong = _misfits(landed)
    if settings["kind"] in COUNTED:
        wrong += _counted(path, source)
    elif settings["kind"] in ONCE:
        wrong += _there(path, landed, ONCE[settings["kind"]])
    return {"state": "landed", "said": "", "wrong": wrong}


def _misfits(landed: sources.Landed) -> list[str]:
    landed.raw.validate(full=True)
    landed.rejects.validate(full=True)
    lines = landed.raw["_line"].to_pylist()
    return ["a row without a line"] if any(n is None for n in lines) and landed.raw["_file"].null_count == 0 else []


def _counted(path: Path, source: schema.Source) -> list[str]:
    """Every marker that is whole in the file stands as often among rows, rejects, titles and headers."""
    from connectors.sources import csv, fixed_width

    read = fixed_width.grid if source.kind == "fixed_width" else csv.grid
    grid = read(path, path.name, source)
    if (grid.seen.encoding or "").replace("-", "").startswith(("utf16", "utf32")):
        return []
    data = path.read_bytes().replace(b"\x00", b"")
    there = Counter(
        m for line in re.split(rb"[\r\n]", data) if not line.lstrip().startswith(b"#") for m in _markers(line)
    )
    found = Counter(MARKER.findall("\n".join(_texts(grid))))
    glue = "" if grid.seen.delimiter is None else "\t"  # a column of fixed width may end within a marker
    # a header that stands again is left out, and said
    again = [m for cells in grid.seen.header_cells for m in MARKER.findall(glue.join(cells))]
    short = [m for m in sorted(there) if found[m] < (1 if m in again else there[m])]
    wrong = [f"{m}: {there[m]} in the file, {found[m]} read" for m in short]
    return wrong + [
        f"{m}: {there[m]} in the file, {found[m]} read" for m in sorted(found) if found[m] > max(1, there[m])
    ]


def _markers(line: bytes) -> list[str]:
    return MARKER.findall(line.decode("latin-1"))


def _texts(grid: Grid) -> list[str]:
    """Everything that was kept of a file."""
    tidied = tables.tidy(grid)
    columns = [column.to_pylist() for column in tidied.table.columns]
    glue = "" if grid.seen.delimiter is None else "\t"  # a column of fixed width may end within a marker
    cells = [glue.join(v or "" for v in row) for row in zip(*columns, strict=True)]
    # of a reject its content, or its cells: they are the same
    rejects = [r.content if MARKER.search(r.content) else " ".join(r.cells) for r in tidied.rejects]
    return [*cells, *rejects, *(r.content for r in grid.seen.above), *(glue.join(h) for h in grid.seen.header_cells)]


def _there(path: Path, landed: sources.Landed, pattern: re.Pattern[str]) -> list[str]:
    text = path.read_bytes().decode("utf-8", "replace").replace("\r", "\n")
    if any("changed later" in note for note in landed.notes):  # of one response's answers the latest stands
        return []
    kept = str(landed.raw.to_pylist()) + str(landed.rejects.to_pylist())
    return [f"{m} is in the file and was not read" for m in sorted(set(pattern.findall(text))) if m not in kept]
