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
from tests.pipelines import example, judged, two_sources
from tests.pipelines.firm import Firm, copied
from tests.pipelines.kills import Lane
from tests.pipelines.nights import FIRST, SECOND


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
def published_one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return example.published(tmp_path_factory.mktemp("one") / "firm")


@pytest.fixture(scope="session")
def published_two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return example.published(tmp_path_factory.mktemp("two") / "firm", second=True)


@pytest.fixture
def running(published_one: Path, tmp_path: Path) -> Path:
    """The example workspace after its first night."""
    return example.copied(published_one, tmp_path)


@pytest.fixture
def running_two(published_two: Path, tmp_path: Path) -> Path:
    """The example workspace with a second source, after its first night."""
    return example.copied(published_two, tmp_path)


@pytest.fixture(scope="session")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Firm:
    """A firm after FIRST, to be read and copied, never changed."""
    root = tmp_path_factory.mktemp("first")
    firm = Firm(root, f"sqlite:///{root}/state.db")
    firm.publish(FIRST)
    return firm


@pytest.fixture(scope="session")
def second_night(first_night: Firm, tmp_path_factory: pytest.TempPathFactory) -> Firm:
    """The same after SECOND."""
    firm = copied(first_night, tmp_path_factory.mktemp("second"))
    firm.publish(SECOND)
    return firm


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The firm of two sources after its first night, to be copied."""
    firm = two_sources.Firm(tmp_path_factory.mktemp("begun") / "firm")
    firm.run()
    return firm.root


@pytest.fixture
def one_night(first_night: Firm, tmp_path: Path) -> Firm:
    """A firm of the test's own after FIRST, on SQLite."""
    return copied(first_night, tmp_path)


@pytest.fixture
def two_nights(second_night: Firm, tmp_path: Path) -> Firm:
    """A firm of the test's own after FIRST and SECOND, on SQLite."""
    return copied(second_night, tmp_path)


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
