"""What the README and the help say is what the program does."""

import re
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.stages import STAGES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def test_the_stage_table_names_every_stage_in_order() -> None:
    """A newcomer finds each stage's file in the README, in the order in which they run."""
    named = re.findall(r"^\| \d \| \[`pipelines/(\w+)\.py`\]", README, re.MULTILINE)
    assert named == [stage.name for stage in STAGES]


def test_every_path_in_the_readme_exists() -> None:
    """No link or path of the README is dead."""
    linked = re.findall(r"\]\(([^)#]+)\)", README)
    named = re.findall(r"`((?:rules|connectors|reports|pipelines|tests)/[\w./]*)`", README)
    dead = [p for p in {*linked, *named} if not (ROOT / p).exists()]
    assert dead == []


def test_every_command_of_the_readme_exists() -> None:
    """`goldseam X` in the README is a command."""
    known = get_command(app).commands  # type: ignore[attr-defined]  # a group
    assert set(re.findall(r"^goldseam (\w+)", README, re.MULTILINE)) <= set(known)


@pytest.mark.parametrize("command", sorted(get_command(app).commands))  # type: ignore[attr-defined]  # a group
def test_every_command_teaches(command: str) -> None:
    """Each command's help says what it does and shows an example, or lists commands that do."""
    told = CliRunner().invoke(app, [command, "--help"])
    assert told.exit_code == 0
    assert "Example" in told.output or "Commands" in told.output


def test_the_top_level_is_the_agreed_one() -> None:
    """Four packages, tests, and what every repository has."""
    agreed = {
        "pyproject.toml", "pipelines", "rules", "connectors", "reports", "tests", "README.md",
        "Makefile", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "requirements.lock",
    }  # fmt: skip
    there = {p.name for p in ROOT.iterdir() if not p.name.startswith(".") and not _made(p)}
    assert there <= agreed


def _made(path: Path) -> bool:
    """Folders that the Makefile and the tools make, and git does not know."""
    return path.name in {"demo", "build", "dist", "var", "__pycache__"}


def test_the_lock_names_no_index() -> None:
    """The lock holds names, versions and hashes, and no address."""
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert "://" not in lock
    assert lock.count("--hash=sha256:") > 100
