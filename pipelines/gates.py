"""What a run must pass before it may publish. A gate answers with the reason it holds the run, or with nothing."""

from collections.abc import Callable

from pipelines.context import Run

Gate = Callable[[Run], list[str]]


def essential_sources(run: Run) -> list[str]:
    """A source that is declared essential must have landed in this run."""
    states = run.folder.read("land", "sources").to_pylist()
    return [
        f"the essential source {row['source']} did not land: {row['reason']}. {row['remedy']}"
        for row in states
        if run.workspace.sources[row["source"]].essential and row["state"] in ("carried", "failed")
    ]


GATES: list[Gate] = [essential_sources]


def reasons(run: Run) -> list[str]:
    """Every reason for which this run must not publish; none: it may."""
    return [reason for gate in GATES for reason in gate(run)]
