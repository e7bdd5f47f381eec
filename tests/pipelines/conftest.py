"""A workspace as `goldseam init` writes it, fresh and after its first night, and the way to run it.

A run costs seconds: the first night is run once a process, and tests that only need a firm after it get a copy.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connectors import workspace
from pipelines import init, runner
from pipelines.runner import Summary
from tests.pipelines import example, judged
from tests.pipelines.kills import Lane


@pytest.fixture(autouse=True, scope="session")
def _judged_once() -> Iterator[None]:
    with judged.once():
        yield


@pytest.fixture
def firm(tmp_path: Path) -> Path:
    """The example workspace, fresh."""
    root = tmp_path / "firm"
    init.write(root)
    return root


@pytest.fixture(scope="session")
def _one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return example.published(tmp_path_factory.mktemp("one") / "firm")


@pytest.fixture(scope="session")
def _two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return example.published(tmp_path_factory.mktemp("two") / "firm", second=True)


@pytest.fixture
def running(_one: Path, tmp_path: Path) -> Path:
    """The example workspace after its first night."""
    return example.copied(_one, tmp_path)


@pytest.fixture
def running_two(_two: Path, tmp_path: Path) -> Path:
    """The example workspace with a second source, after its first night."""
    return example.copied(_two, tmp_path)


@pytest.fixture
def go() -> Callable[[Path], Summary]:
    """One plain run of a workspace, on the day after the first night; the next run of a test a day later."""
    days = iter(range(1, 1000))

    def run(root: Path) -> Summary:
        return runner.run(workspace.read(root), now=example.NIGHT + timedelta(days=next(days)))

    return run


@pytest.fixture(scope="session")
def lane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lane]:
    """Where processes are killed: a server that forks each of them."""
    with Lane(tmp_path_factory.mktemp("lane")) as opened:
        yield opened
