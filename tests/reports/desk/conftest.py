"""The firm is made once a process; each test has a copy of its own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.pipelines import judged
from tests.reports.desk import firm

MEANT = ("Failed to load resource", "htmx:sendError", "htmx:afterRequest")
"""What a browser says of an answer of 409, and htmx of a request that was under way when its page was left."""


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with judged.once(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("connectors.sources.places.chosen.PAUSE", 0.0)
        return firm.first_night(tmp_path_factory.mktemp("desk") / "firm")


@pytest.fixture
def desk(template: Path, tmp_path: Path) -> Iterator[firm.Opened]:
    """A desk that a test may change."""
    with firm.opened(template, tmp_path / "firm") as found:
        yield found


@pytest.fixture
def window(desk: firm.Opened, chrome: Any) -> Iterator[Callable[..., Any]]:
    """`window("stella")`: a page of a browser of its own, signed in, at 1280 x 800; the console must stay empty."""
    said: list[str] = []
    contexts: list[Any] = []
    with desk.served() as address:

        def opened(name: str | None = "stella", **more: Any) -> Any:
            context = chrome.new_context(**{"viewport": {"width": 1280, "height": 800}, "base_url": address, **more})
            contexts.append(context)
            if name:
                token, _ = desk.store.open_session(name, 1)
                context.add_cookies([{"name": "goldseam", "value": token, "url": address}])
            page = context.new_page()
            page.set_default_timeout(30_000)
            page.on("console", lambda message: said.append(message.text))
            page.on("pageerror", lambda error: said.append(str(error)))
            return page

        yield opened
        for context in contexts:
            context.close()
    assert [text for text in said if not text.startswith(MEANT)] == []
