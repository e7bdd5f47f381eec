"""For all tests: no waiting."""

import pytest

from connectors.sources.places import chosen


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Test data is always young, and whoever wrote it is done."""
    monkeypatch.setattr(chosen, "PAUSE", 0.0)
