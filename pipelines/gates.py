"""What a run must pass before it may publish. A gate answers with the reason it holds the run, or with nothing.

Two ask whether the sources are there. The others compare what the run would publish with what is published: their
settings and words are in rules/gates.py, their figures in figures.py.
"""

import json
from collections.abc import Callable
from typing import Final

from connectors.store.proposal import Compared, Proposed
from pipelines.context import Run, counted
from pipelines.figures import figures
from pipelines.landing import written
from rules import gates as rules
from rules.gates import Reason

FILE: Final = "gates.json"
Gate = Callable[[Run], list[str]]


def essential_sources(run: Run) -> list[str]:
    """A source that is declared essential must have landed in this run."""
    states = run.folder.read("land", "sources").to_pylist()
    return [
        f"the essential source {row['source']} did not land: {row['reason']}. {row['remedy']}"
        for row in states
        if run.workspace.sources[row["source"]].essential and row["state"] in ("carried", "failed")
    ]


def missing_sources(run: Run) -> list[str]:
    """An essential source that was waited for, and whose new file did not come."""
    return [
        f"the essential source {name} brought no new file by {until}: see whether its export runs"
        for name, until in run.missing.items()
        if run.workspace.sources[name].essential
    ]


def stale_sources(run: Run) -> list[str]:
    """A snapshot may stand in for a source that fails, but not for longer than its `expect.stale_at_most` days."""
    held = []
    for row in run.folder.read("land", "sources").to_pylist():
        limit = run.workspace.sources[row["source"]].expect.stale_at_most
        days = written.age(row, run.started)
        if row["state"] == "carried" and limit is not None and days is not None and days > limit:
            held.append(
                f"the source {row['source']} last landed {counted(days, 'day')} ago, and `stale_at_most` is {limit}: "
                f"{row['reason']}. {row['remedy']}"
            )
    return held


GATES: Final[dict[str, Gate]] = {
    "essential": essential_sources,
    "wait_for": missing_sources,
    "stale_at_most": stale_sources,
}
"""By the name of the setting."""


def judge(run: Run, new: Proposed, found: Compared) -> list[str]:
    """Every reason for which this run must not publish; none: it may. Kept in the run's folder."""
    limits = run.workspace.firm.gates
    held = [Reason(name, said) for name, gate in GATES.items() for said in gate(run)]
    held += rules.reasons(limits, figures(run, new, found, limits))
    told = [{"gate": reason.gate, "reason": reason.sentence} for reason in held]
    (run.folder.root / FILE).write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")
    return [reason.sentence for reason in held]


def reasons(run: Run) -> list[str]:
    """Why this run is held, as it was judged; before that, what its sources alone say."""
    path = run.folder.root / FILE
    if path.exists():
        return [row["reason"] for row in json.loads(path.read_text("utf-8"))]
    return [reason for gate in GATES.values() for reason in gate(run)]
