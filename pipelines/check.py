"""What is wrong with a workspace, without running it."""

from collections.abc import Callable
from pathlib import Path

from connectors import sources
from connectors import workspace as workspaces
from connectors.workspace import Workspace
from rules.expectations import suites
from rules.matching import config as matching
from rules.schema import Mistakes, Problem
from rules.survivorship import config as survivorship

READERS: dict[str, Callable[[str, str], object]] = {
    "matching.yml": matching.read,
    "survivorship.yml": survivorship.load,
}
"""File of `rules/` -> what reads it."""


def check(root: Path) -> tuple[list[Problem], int]:
    """Every mistake in the configuration, every source that cannot be read; and how many sources there are."""
    try:
        workspace = workspaces.read(root)
    except Mistakes as mistakes:
        return mistakes.problems, 0
    found = rules(workspace)
    for name, source in workspace.sources.items():
        found += sources.inspect(name, source, root)
    return found, len(workspace.sources)


def rules(workspace: Workspace) -> list[Problem]:
    """Mistakes in `rules/`, each file read by the part of the program that uses it."""
    found: list[Problem] = []
    for path in sorted((workspace.root / "rules").glob("*.yml")):
        if path.name in READERS:
            found += _tried(lambda at=path: READERS[at.name](at.read_text("utf-8"), f"rules/{at.name}"))  # type: ignore[misc]  # a default binds the path
        else:
            remedy = f"Known: {', '.join(READERS)}, and expectations/"
            found.append(Problem(f"rules/{path.name}", 0, "", "nothing reads this file", remedy))
    files = {p.name: p.read_text("utf-8") for p in sorted((workspace.root / "rules" / "expectations").glob("*.yml"))}
    never_empty = {name: source.expect.never_empty for name, source in workspace.sources.items()}
    return found + _tried(lambda: suites.load(files, never_empty))


def _tried(read: Callable[[], object]) -> list[Problem]:
    try:
        read()
    except Mistakes as mistakes:
        return mistakes.problems
    return []
