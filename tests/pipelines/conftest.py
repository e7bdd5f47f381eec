"""A workspace as `goldseam init` writes it, and the way to run it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors import workspace
from pipelines import init, runner
from pipelines.runner import Summary


@pytest.fixture
def firm(tmp_path: Path) -> Path:
    """The example workspace, fresh."""
    root = tmp_path / "firm"
    init.write(root)
    return root


@pytest.fixture
def go() -> Callable[[Path], Summary]:
    """One plain run of a workspace; each run of a test is a day after the one before."""
    days = iter(range(1000))

    def run(root: Path) -> Summary:
        return runner.run(
            workspace.read(root), now=datetime(2026, 1, 1, 3, 30, tzinfo=UTC) + timedelta(days=next(days))
        )

    return run
