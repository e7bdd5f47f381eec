"""What is wrong with the settings of the nights, beyond their form: names that lead nowhere."""

import os
from typing import Any

from connectors.workspace import Workspace, source_files
from pipelines.nights import times
from pipelines.nights.schedule import NoSchedule, Schedule
from rules.schema import Mistakes, Path, Problem
from rules.strict import Strict

FILE = "goldseam.yml"


def problems(workspace: Workspace) -> list[Problem]:
    """Every mistake under `nightly:`, at its line."""
    firm = workspace.firm
    declared = {path.stem for path in source_files(workspace.root)} or workspace.sources.keys()
    found = []
    for name in firm.nightly.wait_for:
        source = workspace.sources.get(name)
        if name not in declared:
            remedy = f"Name one of {', '.join(sorted(declared))}"
            found.append(_problem(workspace, ("wait_for", name), f"there is no source {name!r}", remedy))
        elif source and source.kind == "sql":
            message = f"{name} is a database, which has no files to wait for"
            found.append(_problem(workspace, ("wait_for", name), message, "Take it out"))
    zone = times.UTC
    try:
        zone = times.named(firm.nightly.timezone) if firm.nightly.timezone else zone
    except NoSchedule as error:
        found.append(_problem(workspace, ("timezone",), *_halves(error)))
    try:
        if firm.nightly.cron:
            Schedule(firm.nightly.cron, zone)
    except NoSchedule as error:
        found.append(_problem(workspace, ("cron",), *_halves(error)))
    return found


def demand_secrets(workspace: Workspace) -> None:
    """What nobody should find out at the first failure. Raises Mistakes where a variable is not set."""
    missing = [
        _problem(workspace, path, f"the environment variable {name} is not set", f"Set it: export {name}=…")
        for path, name in _secrets(workspace.firm.nightly)
        if not os.environ.get(name)
    ]
    if missing:
        raise Mistakes(missing)


def _secrets(settings: Strict, path: Path = ()) -> list[tuple[Path, str]]:
    """Every `env:NAME` of the settings, and its key."""
    found: list[tuple[Path, str]] = []
    for key in type(settings).model_fields:
        value: Any = getattr(settings, key)
        if isinstance(value, Strict):
            found += _secrets(value, (*path, key))
        elif isinstance(value, str) and value.startswith("env:"):
            found.append(((*path, key), value.removeprefix("env:")))
    return found


def _problem(workspace: Workspace, path: Path, message: str, remedy: str) -> Problem:
    whole: Path = ("nightly", *path)
    lines = workspace.lines.get(FILE, {})
    line = next((lines[whole[:n]] for n in range(len(whole), 0, -1) if whole[:n] in lines), 0)
    return Problem(FILE, line, ".".join(map(str, whole)), message, remedy)


def _halves(error: NoSchedule) -> tuple[str, str]:
    message, _, remedy = str(error).partition(". ")
    return message, remedy or "Correct it"
