"""What a run must pass before it may publish. A gate answers with the reason it holds the run, or with nothing."""

from collections.abc import Callable

from pipelines.context import Run, counted
from pipelines.landing import written

Gate = Callable[[Run], list[str]]


def essential_sources(run: Run) -> list[str]:
    """A source that is declared essential must have landed in this run."""
    states = run.folder.read("land", "sources").to_pylist()
    return [
        f"the essential source {row['source']} did not land: {row['reason']}. {row['remedy']}"
        for row in states
        if run.workspace.sources[row["source"]].essential and row["state"] in ("carried", "failed")
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


GATES: list[Gate] = [essential_sources, stale_sources]


def reasons(run: Run) -> list[str]:
    """Every reason for which this run must not publish; none: it may."""
    return [reason for gate in GATES for reason in gate(run)]
