"""Sources that fail for a reason that may pass are tried again, with patience; others are not."""

import errno
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from connectors import sources, workspace
from connectors.sources import SourceFailed, gather
from connectors.sources.passing import may_pass
from connectors.sources.places.arrivals import Arrival
from connectors.store.runs import RunFolder
from pipelines.context import Run
from pipelines.land import land
from pipelines.landing.retried import Retries
from rules.schema import Source
from tests.pipelines.landings import Nights


class Answer(Exception):
    """What a library raises for an answer of a web server."""

    def __init__(self, status: int) -> None:
        self.status = status


def failure(cause: BaseException | None = None, passing: bool = False) -> SourceFailed:
    failed = SourceFailed("it failed", "Try", passing=passing)
    failed.__cause__ = cause
    return failed


PASSES = {
    "said": failure(passing=True),
    "refused": failure(ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")),
    "share": failure(OSError(errno.ESTALE, "Stale file handle")),
    "busy": failure(Answer(503)),
    "name": failure(socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")),
    "database": failure(OperationalError("s", {}, Exception("FATAL: the database system is starting up"))),
    "inside": failure(FileNotFoundError(), False),
}
PASSES["inside"].__cause__.__cause__ = TimeoutError()  # type: ignore[union-attr]  # set in the line above
STAYS = {
    "said": failure(),
    "missing": failure(FileNotFoundError(errno.ENOENT, "No such file")),
    "rights": failure(PermissionError(errno.EACCES, "Permission denied")),
    "not found": failure(Answer(404)),
    "forbidden": failure(Answer(403)),
    "unknown host": failure(socket.gaierror(socket.EAI_NONAME, "Name or service not known")),
    "table": failure(OperationalError("s", {}, Exception("no such table: customers"))),
    "full": failure(OSError(errno.ENOSPC, "No space left on device")),
}


@pytest.mark.parametrize("name", PASSES)
def test_what_may_pass(name: str) -> None:
    """A network, a server that is busy or restarting, a share that is gone for a moment."""
    assert may_pass(PASSES[name])


@pytest.mark.parametrize("name", STAYS)
def test_what_stays(name: str) -> None:
    """A refusal, a missing file or table, a full disk: the same a minute later."""
    assert not may_pass(STAYS[name])


def attempts(*outcomes: SourceFailed | str) -> Callable[[], str]:
    left = iter(outcomes)

    def read() -> str:
        outcome = next(left)
        if isinstance(outcome, SourceFailed):
            raise outcome
        return outcome

    return read


def test_the_waits_double_and_what_happened_is_said() -> None:
    """30, 60, 120 seconds, without chance in it."""
    slept: list[float] = []
    retries = Retries(3, 30, slept.append)
    read = attempts(*[failure(passing=True)] * 3, "rows")
    assert retries.of(read) == ("rows", ("it failed 3 times before it could be read: it failed",))
    assert slept == [30, 60, 120]
    assert retries.of(attempts("rows")) == ("rows", ())


def test_the_last_failure_is_the_sources() -> None:
    """After the last attempt, and at once where it will not pass."""
    slept: list[float] = []
    last = failure(passing=True)
    with pytest.raises(SourceFailed) as caught:
        Retries(1, 30, slept.append).of(attempts(failure(passing=True), last, "rows"))
    assert caught.value is last
    with pytest.raises(SourceFailed):
        Retries(3, 30, slept.append).of(attempts(failure(), "rows"))
    assert slept == [30]


def test_a_night_tries_a_source_again_and_a_watched_run_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A place that is out of reach when it is first looked at: the night has its rows, with a note."""
    nights = Nights(tmp_path)
    reached: Counter[str] = Counter()

    @contextmanager
    def second_time(source: Source, *args: Any, **how: Any) -> Iterator[Arrival]:
        reached[source.location] += 1
        if source.location == "inbox/crm.csv" and reached[source.location] == 1:
            raise failure(passing=True)
        with gather(source, *args, **how) as arrival:
            yield arrival

    monkeypatch.setattr(sources, "gather", second_time)
    run = Run(workspace.read(tmp_path), RunFolder.open(tmp_path / "var" / "runs", "r0"), None, nights.now)
    run.retries = Retries(1, 0.001)
    assert land(run).notes == ("crm: it failed once before it could be read: it failed",)
    assert run.folder.read("land", "raw", "crm").num_rows == 3
    reached.clear()
    nights.run()
    assert nights.states()["crm"] == "failed"
