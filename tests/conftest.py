"""For all tests: no waiting, and no databases that are only made to be thrown away."""

from collections.abc import Iterator

import duckdb
import pytest

from connectors.sources.places import chosen
from tests import one_database


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Test data is always young, and whoever wrote it is done."""
    monkeypatch.setattr(chosen, "PAUSE", 0.0)


@pytest.fixture(autouse=True, scope="session")
def _databases() -> Iterator[list[duckdb.DuckDBPyConnection]]:
    with one_database.shared() as held:
        yield held


@pytest.fixture(autouse=True)
def _one_database(_databases: list[duckdb.DuckDBPyConnection]) -> Iterator[None]:
    """What a test leaves in it, and sets, is gone with the test."""
    yield
    _databases.clear()
