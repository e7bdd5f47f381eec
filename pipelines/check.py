"""What is wrong with a workspace, without running it."""

from pathlib import Path

from connectors import sources
from connectors import workspace as workspaces
from rules.schema import Mistakes, Problem


def check(root: Path) -> tuple[list[Problem], int]:
    """Every mistake in the configuration and every source that cannot be read; and how many sources there are."""
    try:
        workspace = workspaces.read(root)
    except Mistakes as mistakes:
        return mistakes.problems, 0
    found = _rules(workspace)
    for name, source in workspace.sources.items():
        found += sources.inspect(name, source, root)
    return found, len(workspace.sources)


def _rules(workspace: workspaces.Workspace) -> list[Problem]:
    """Mistakes in `rules/*.yml`, each read by the part of the program that uses it."""
    found: list[Problem] = []
    for path in sorted(workspace.root.glob("rules/**/*.yml")):
        try:
            _read_rule(path, workspace.root)
        except Mistakes as mistakes:
            found += mistakes.problems
    return found


def _read_rule(path: Path, root: Path) -> None:
    raise NotImplementedError  # wired when the rules' readers are in
