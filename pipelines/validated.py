"""What the stage validate says when it has ended: how much passed, what was withheld, what was not tested again."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

import pyarrow.compute as pc

from connectors.store.runs import RunFolder
from pipelines.context import Run, StageResult, counted
from pipelines.tested import Portion
from rules.expectations.columns import NEVER_EMPTY
from rules.expectations.suites import Suites
from rules.vocabulary import Severity

STAGE: Final = "validate"


def result(run: Run, wanted: Suites, portions: Mapping[str, Portion]) -> StageResult:
    """What the stage came to; `portions`: what was to be tested of each source."""
    rows_in = _count(run.folder, "standardise", "records")
    rows_out = _count(run.folder, STAGE, "records")
    counts = _quarantined(run, wanted)
    notes = [f"{reason}: {counted(n, 'record')} quarantined" for reason, n in counts.items()]
    notes += _withheld(run.folder)
    parts = [len(p.ids) for p in portions.values() if p.due and p.ids is not None]
    if parts:
        notes.append(f"{counted(len(parts), 'source')} changed in part: {counted(sum(parts), 'record')} tested again")
    if unchanged := sum(not p.due for p in portions.values()):
        are = counted(unchanged, "source is", "sources are")
        notes.append(f"{are} as in the last published run, and not tested again")
    return StageResult(STAGE, rows_in, rows_out, notes=tuple(notes), counts=counts)


def _quarantined(run: Run, wanted: Suites) -> dict[str, int]:
    """How many records are in quarantine, by what makes each unidentifiable; most first."""
    critical = {c.rule.because for name in run.folder.parts(STAGE, "quarantine") for c in wanted.of(name)
                if c.rule.severity is Severity.CRITICAL}  # fmt: skip
    if not run.folder.parts(STAGE, "quarantine"):
        return {}
    reasons = run.folder.read(STAGE, "quarantine", columns=["reasons"])["reasons"].to_pylist()
    counts = Counter(reason for record in reasons for reason in record if reason in critical)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _count(folder: RunFolder, stage: str, table: str) -> int:
    """Rows of a table, all its parts together."""
    return sum(part.count for part in folder.parts(stage, table).values())


def _withheld(folder: RunFolder) -> list[str]:
    """A sentence a rule that withheld cells, most cells first."""
    if not folder.parts(STAGE, "results"):
        return []
    results = folder.read(STAGE, "results", columns=["field", "severity", "message", "failed"])
    warned = results.filter(pc.equal(results["severity"], str(Severity.WARNING)))
    sums = warned.group_by(["field", "message"]).aggregate([("failed", "sum")]).to_pylist()
    told = [(row["failed_sum"], row["field"], row["message"]) for row in sums if row["failed_sum"]]
    return [
        f"{_cells(n, field)} withheld: {message}" for n, field, message in sorted(told, key=lambda t: (-t[0], *t[1:]))
    ]


def _cells(number: int, field: str) -> str:
    if field == "value":
        return counted(number, "entry", "entries")
    column = field.removeprefix(NEVER_EMPTY)
    return counted(number, f"cell of {column}", f"cells of {column}")
