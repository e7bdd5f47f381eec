"""Rows of data that landing could not take in: what a run tells of them, and what stewards list beside the quarantine.

They have no record and so no key: what becomes of them is decided in their file, which is corrected and read again.
"""

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # the command line imports this file for every command, and Arrow is slow to import
    import pyarrow as pa

    from connectors.store.runs import RunFolder
    from connectors.workspace import Workspace

_WHERE: Final = re.compile(r" \(line \d+\)| in line \d+")
"""The place in a reason (`the JSON is broken in line 3`): rows are counted by the rest of it."""


def of_data(rejects: "pa.Table") -> "pa.Table":
    """Without totals, notes and titles, which hold nobody."""
    return rejects.filter(rejects["data"].fill_null(True)) if rejects.num_rows else rejects


def of(folder: "RunFolder", source: str | None = None) -> "pa.Table":
    """The rejected rows of data of a run (vocabulary.REJECTS), in order of source, file, sheet and line."""
    from rules.vocabulary import REJECTS

    if not folder.parts("land", "rejects"):
        return REJECTS.empty_table()
    found = of_data(folder.read("land", "rejects", source))
    return found.sort_by([(name, "ascending") for name in ("source", "file", "sheet", "line")])


def by_reason(folder: "RunFolder") -> dict[str, int]:
    """How many rows of data a run could not take in, by reason; most first."""
    counts = Counter(_WHERE.sub("", reason or "") for reason in of(folder)["reason"].to_pylist())
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def latest(workspace: "Workspace", source: str | None = None) -> "pa.Table":
    """Those of the last run that landed anything, published or not: a held run's are what a steward has to see to."""
    from connectors.store.runs import RunFolder
    from rules.vocabulary import REJECTS

    runs = workspace.var / "runs"
    for path in sorted(runs.glob("*/manifest.json"), reverse=True):
        folder = RunFolder.open(runs, path.parent.name)
        if folder.parts("land", "sources"):
            return of(folder, source)
    return REJECTS.empty_table()
