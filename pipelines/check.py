"""What is wrong with a workspace, without running it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from connectors import sources
from connectors import workspace as workspaces
from connectors.workspace import Workspace
from pipelines.nights import check as nights
from rules import scorecard
from rules.expectations import suites
from rules.matching import config as matching
from rules.schema import Mistakes, Problem
from rules.survivorship import config as survivorship

READERS: dict[str, Callable[[Workspace, str], object]] = {
    "matching.yml": lambda workspace, text: matching.read(text, "rules/matching.yml", _text_columns(workspace)),
    "survivorship.yml": lambda _, text: survivorship.load(text),
    "scorecard.yml": lambda workspace, text: scorecard.settings(text, workspace.firm.report.targets),
}
"""File of `rules/` -> what reads it."""


def check(root: Path) -> tuple[list[Problem], int]:
    """Every mistake in the configuration, every source that cannot be read; and how many sources there are."""
    workspace, found = workspaces.look(root)
    faulty = {problem.file for problem in found}
    found += configuration(workspace)
    for name, source in workspace.sources.items():
        told = f"sources/{name}.yml" in faulty and not source.columns  # a mistake in `columns`, which says it all
        if source.kind in sources.KINDS and not told:
            found += sources.inspect(name, source, root, workspace.lines[name])
    return _in_order(found), len(workspace.sources)


def _in_order(found: list[Problem]) -> list[Problem]:
    return sorted(found, key=lambda problem: (problem.file, problem.line))


def doubts(root: Path) -> list[Problem]:
    """What is no mistake but likely a slip: a source of customers that nobody has said the country of."""
    workspace, found = workspaces.look(root)
    if any(problem.file == "goldseam.yml" for problem in found):
        return []  # the country may be among what is wrong there
    return [
        Problem(
            f"sources/{name}.yml",
            0,
            "country",
            "no country is named, here or in goldseam.yml: phones, dates and addresses without one are left in doubt",
            "Write `country: XX` with the two letters of where most of them are",
        )
        for name, source in workspace.sources.items()
        if source.yields == "customer" and not source.country and _needs_country(set(source.columns.values()))
    ]


def _needs_country(targets: set[str]) -> bool:
    """Whether a source has phones or addresses whose country no column of its own says."""
    parts = [target.split(".") for target in targets]
    said = any(part[0] == "address" and part[-1] == "country" for part in parts)
    return not said and any(part[0] in ("phone", "address") for part in parts)


def read(root: Path) -> Workspace:
    """The workspace in a folder, for a run. Raises Mistakes with every mistake that no source has to be opened for."""
    workspace, found = workspaces.look(root)
    if found := found + configuration(workspace):
        raise Mistakes(_in_order(found))
    return workspace


def demand(workspace: Workspace) -> None:
    """What a run asks of settings that were read before. Raises Mistakes with every mistake of every file."""
    if found := configuration(workspace):
        raise Mistakes(_in_order(found))


def configuration(workspace: Workspace) -> list[Problem]:
    """Mistakes that no source has to be opened for: rules, kinds of source, the address of the state database."""
    found = _rules(workspace) + _expectations(workspace) + _tried(lambda: workspace.database_url)
    found += nights.problems(workspace)
    for name, source in workspace.sources.items():
        if source.kind not in sources.KINDS:
            found += sources.inspect(name, source, workspace.root, workspace.lines.get(name))
    return found


def _rules(workspace: Workspace) -> list[Problem]:
    """Mistakes in `rules/`, each file read by the part of the program that uses it."""
    found: list[Problem] = []
    for path in _files(workspace.root / "rules"):
        file = f"rules/{path.name}"
        if path.name not in READERS:
            remedy = f"Known: {', '.join(READERS)}, and expectations/"
            found.append(Problem(file, 0, "", "nothing reads this file", remedy))
            continue
        text = _text(path, file, found)
        if text is not None:
            found += _tried(partial(READERS[path.name], workspace, text))
    return found


def _text_columns(workspace: Workspace) -> set[str]:
    """The columns without a meaning of their own that some source names, and that may be compared."""
    targets = {target for source in workspace.sources.values() for target in source.columns.values()}
    return {target for target in targets if target.startswith("text.")}


def _expectations(workspace: Workspace) -> list[Problem]:
    found: list[Problem] = []
    texts = {}
    for path in _files(workspace.root / "rules" / "expectations"):
        text = _text(path, f"rules/expectations/{path.name}", found)
        if text is not None:
            texts[path.name] = text
    declared = {path.stem: () for path in workspaces.source_files(workspace.root)}
    never_empty = {name: source.expect.never_empty for name, source in workspace.sources.items()}
    return found + _tried(lambda: suites.load(texts, {**declared, **never_empty}))


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.glob("*") if p.suffix.lower() in workspaces.ENDINGS and p.name[0] != ".")


def _text(path: Path, file: str, found: list[Problem]) -> str | None:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        found.append(workspaces.unreadable(file, error))
        return None


def _tried(read: Callable[[], object]) -> list[Problem]:
    try:
        read()
    except Mistakes as mistakes:
        return mistakes.problems
    return []
