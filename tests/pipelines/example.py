"""The example workspace of `goldseam init`, a second source for it, and what a run leaves in it."""

import csv
import shutil
from datetime import UTC, datetime
from pathlib import Path

from connectors import workspace
from connectors.sources.places import chosen
from pipelines import init, runner

NIGHT = datetime(2026, 1, 1, 3, 30, tzinfo=UTC)
"""The first night."""
SECOND = """
kind: csv
location: inbox/second.csv
id: [no]
columns: {name: full_name, mail: email}
"""
KEYLESS = "kind: csv\nlocation: inbox/second.csv\ncolumns: {name: full_name, mail: email}\n"
"""The second source without ids."""


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def latest(root: Path, name: str) -> Path:
    return root / "published" / "latest" / name


def crosswalk(root: Path) -> dict[str, str]:
    """Golden id by record key."""
    return {f"{r['source']}:{r['record_id']}": r["golden_id"] for r in rows(latest(root, "crosswalk.csv"))}


def last_run(root: Path) -> str:
    """The id of the run that is published."""
    return latest(root, "").resolve().name


def add_source(
    root: Path, text: str = SECOND, table: str | None = "no,name,mail\n1,Anna Schmidt,anna@post.example\n"
) -> None:
    (root / "sources" / "second.yml").write_text(text, "utf-8")
    if table is not None:
        (root / "inbox" / "second.csv").write_text(table, "utf-8")


def published(root: Path, *, second: bool = False) -> Path:
    """Write the workspace, with the second source where that is asked for, and run its first night."""
    init.write(root)
    if second:
        add_source(root)
    pause, chosen.PAUSE = chosen.PAUSE, 0.0
    try:
        assert runner.run(workspace.read(root), now=NIGHT).status == "published"
    finally:
        chosen.PAUSE = pause
    return root


def copied(template: Path, folder: Path) -> Path:
    """A workspace of a test's own: nothing in a workspace says where it lies."""
    return Path(shutil.copytree(template, folder / "firm", symlinks=True))
