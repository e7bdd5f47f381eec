"""A workspace whose nights tell a real mail server and a real web server of this process."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Unpack
from zoneinfo import ZoneInfo

import pytest

from connectors.workspace import Workspace
from pipelines.context import How
from pipelines.nights.night import Keeper
from pipelines.nights.schedule import Schedule
from pipelines.summary import Summary, Watcher
from rules import schema
from tests.mailbox import Called, Mailbox, smtp, web

NIGHT = Schedule("30 2 * * *", ZoneInfo("UTC"))


@dataclass
class Firm:
    """A firm, its monitor and its mailbox; `keeper` sees a night of it through."""

    root: Path
    box: Mailbox
    monitor: Called
    said: list[str] = field(default_factory=list)

    def workspace(self, **nightly: Any) -> Workspace:
        mail = {"to": "it@firm.example", "sender": "g@firm.example", "server": "localhost", "security": "none"}
        told = {"tell": ["late", "held", "failed", "published"], "mail": {**mail, "port": self.box.port}}
        settings = {"heartbeat": f"{self.monitor.url}/ping", "notify": told, **nightly}
        firm = schema.Firm.model_validate({"firm": "Ström & Söhne", "nightly": settings})
        sources = {
            name: schema.Source(kind="csv", location=f"inbox/{name}.csv", essential=name == "crm")
            for name in ("crm", "shop")
        }
        return Workspace(self.root, firm, sources)

    def keeper(self, shadow: bool = False, **nightly: Any) -> Keeper:
        return Keeper(self.workspace(**nightly), NIGHT, shadow, self.said.append)

    @property
    def subjects(self) -> list[str]:
        return [str(letter["Subject"]) for letter in self.box.mails]


@pytest.fixture
def firm(tmp_path: Path) -> Iterator[Firm]:
    (tmp_path / "inbox").mkdir()
    with smtp() as box, web() as monitor:
        yield Firm(tmp_path, box, monitor)


@dataclass
class Walked:
    """A run that comes to what it is told, and keeps how it was to be made."""

    status: str = "published"
    reasons: tuple[str, ...] = ()
    error: BaseException | None = None
    does: Callable[[Watcher], None] = lambda watcher: None  # noqa: ARG005 - nothing
    how: How = field(default_factory=lambda: How())

    def __call__(self, watcher: Watcher, **how: Unpack[How]) -> Summary:
        self.how = how
        self.does(watcher)
        if self.error:
            raise self.error
        summary = Summary("20261122T023000Z-abcd", self.status, reasons=list(self.reasons))
        summary.golden, summary.quarantined = 1234, {"no name": 5, "no contact": 2}
        summary.changes = {**summary.changes, "created": 3, "merged": 1}
        return summary


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
