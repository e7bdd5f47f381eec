"""`kill -9` at any moment: the next run goes on where the killed one was, and ends as if nothing had been."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import pytest

from tests.databases import database
from tests.pipelines import kills
from tests.pipelines.kills import AGAIN, FIRST, Lane

SAMPLE = 2
"""Random moments in `make test`, on SQLite."""
ALL = 250
"""Random moments of each kind of database in `make soak`."""
LANES = 2


@dataclass(frozen=True)
class Night:
    """A workspace that was published once, with the changes of the night after; what comes of them undisturbed."""

    kind: str
    template: Path
    database: str
    known: frozenset[str]
    calm: dict[str, list[str]]
    boundaries: int
    seconds: float
    lane: Lane

    def disturbed(self, root: Path, lane: Lane | None = None, **kill: Any) -> str:
        """Kill a run, run again, compare; -> the stage after which that went on (none: empty), `-`: killed too late."""
        lane = lane or self.lane
        with kills.copied(self.kind, self.template, root, self.database) as url:
            first = lane.run(root, url, **kill)
            second = lane.run(root, url, now=AGAIN)
            assert second["status"] in ("published", "unchanged"), (kill, first, second)
            assert kills.seen(root, url, self.known) == self.calm, (kill, first, second)
            return "-" if first["status"] != -9 else second["resumed"] or ""


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)])
def night(request: pytest.FixtureRequest, lane: Lane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    kind: str = request.param
    folder = tmp_path_factory.mktemp(kind)
    template, calm = folder / "template", folder / "calm"
    with database(kind, folder) as address:
        url, name = (None, "") if kind == "sqlite" else (address, address.rsplit("/", 1)[-1])
        kills.first_night(template)
        assert lane.run(template, url, now=FIRST)["status"] == "published"
        state = url or f"sqlite:///{template}/var/goldseam.db"
        known = kills.ids(state)
        kills.second_night(template, state)
        with kills.copied(kind, template, calm, name) as copy:
            began = time.perf_counter()
            told = lane.run(calm, copy)
            seconds = time.perf_counter() - began
            assert told["status"] == "published"
            seen = kills.seen(calm, copy, known)
            assert all(not said.endswith(" 0") for said in seen["rest"][2:]), seen["rest"][2:]
        yield Night(kind, template, name, known, seen, told["passed"], seconds, lane)


def moments(night: Night, number: int) -> list[float]:
    """Seconds from the begin of a run, the same in each run of the tests as far as machines are the same."""
    drawn = random.Random(night.kind)
    return [drawn.uniform(0, night.seconds) for _ in range(number)]


def test_killed_at_a_random_moment(night: Night, tmp_path: Path) -> None:
    """Two moments drawn by a seed; `make soak` draws hundreds."""
    for number, seconds in enumerate(moments(night, SAMPLE)):
        night.disturbed(tmp_path / f"n{number}", kill_after=seconds)


@pytest.mark.soak
def test_killed_at_every_boundary(night: Night, tmp_path: Path) -> None:
    """Before and after every commit, and every file that is put in its place or taken away."""
    report(night, in_lanes(night, tmp_path, [{"at": n} for n in range(1, night.boundaries + 1)]))


@pytest.mark.soak
def test_killed_at_hundreds_of_random_moments(night: Night, tmp_path: Path) -> None:
    """As many on SQLite as on PostgreSQL."""
    report(night, in_lanes(night, tmp_path, [{"kill_after": s} for s in moments(night, ALL)]))


def in_lanes(night: Night, folder: Path, kinds: list[dict[str, Any]]) -> Counter[str]:
    """Many kills, two at a time; -> how often a run went on after which stage."""
    todo: SimpleQueue[tuple[int, dict[str, Any]]] = SimpleQueue()
    for job in enumerate(kinds):
        todo.put(job)

    def work(number: int) -> Counter[str]:
        found: Counter[str] = Counter()
        with Lane(folder / f"lane{number}") as lane:
            while not todo.empty():
                with suppress(Empty):
                    at, kill = todo.get_nowait()
                    found[night.disturbed(folder / f"n{at}", lane, **kill)] += 1
        return found

    with ThreadPoolExecutor(LANES) as pool:
        return sum(pool.map(work, range(LANES)), Counter())


def report(night: Night, found: Counter[str]) -> None:
    """For the closing note: pytest -s shows it."""
    late = found.pop("-", 0)
    print(f"\n{night.kind}: {found.total()} kills, {late} came late; gone on after: {dict(found)}")
