"""A disk that fills up, a state database that goes away and comes back: said in words, made good by the next run."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from connectors import workspace as workspaces
from connectors.store import publication
from connectors.store.state import Store
from pipelines import init, runner
from pipelines.context import RunFailed
from tests.databases import database
from tests.limits import no_room
from tests.pipelines.example import copied, crosswalk

NIGHT = datetime(2026, 1, 1, 3, 30, tzinfo=UTC)
Go = Callable[[Path, int], runner.Summary]


def run(root: Path, minutes: int = 0) -> runner.Summary:
    return runner.run(workspaces.read(root), now=NIGHT + timedelta(minutes=minutes))


@pytest.fixture(scope="module")
def template(published_two: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A firm that was published, and has a new customer since."""
    root = copied(published_two, tmp_path_factory.mktemp("trouble"))
    with (root / "inbox" / "second.csv").open("a", encoding="utf-8") as table:
        table.write("2,Ida Falk,ida@post.example\n")
    return root


@pytest.mark.parametrize(
    "stage", [*(pytest.param(s, marks=pytest.mark.soak) for s in ("standardise", "survive")), "publish"]
)
def test_a_disk_that_fills_up_costs_a_stage(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    """The run says so and publishes nothing; when there is room the next one goes on after the last whole stage."""
    root = Path(shutil.copytree(template, tmp_path / "firm", symlinks=True))
    before = crosswalk(root)
    module = import_module(f"pipelines.{stage}")
    work = getattr(module, stage)

    def in_no_room(this: Any) -> Any:
        with no_room():
            return work(this)

    with monkeypatch.context() as full:
        full.setattr(module, stage, in_no_room)
        with pytest.raises(RunFailed, match=f"The stage {stage} failed; nothing was published.*disk"):
            run(root, 1)
    assert crosswalk(root) == before
    assert not (max((root / "var" / "runs").iterdir()) / stage).exists()  # its room is given back
    summary = run(root, 2)
    assert (summary.status, summary.changes["created"]) == ("published", 1)
    assert bool(summary.resumed) == (stage != "standardise")
    assert before.items() < crosswalk(root).items()


@contextmanager
def away(url: str) -> Iterator[Callable[[], None]]:
    """A function that makes a database go away, connections and all; at the end it is back."""
    address = make_url(url).set(drivername="postgresql+psycopg")
    admin = create_engine(address.set(database="postgres"), isolation_level="AUTOCOMMIT")

    def go() -> None:
        with admin.connect() as connection:
            connection.execute(text(f"alter database {address.database} allow_connections false"))
            ours = "select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = :name"
            connection.execute(text(ours), {"name": address.database})

    yield go
    with admin.connect() as connection:
        connection.execute(text(f"alter database {address.database} allow_connections true"))
    admin.dispose()


@pytest.mark.parametrize(
    "moment", [*(pytest.param(m, marks=pytest.mark.soak) for m in ("match", "golden opened")), "rows written"]
)
def test_a_state_database_that_goes_away_and_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """In a stage, or in the middle of publishing: told in words, nothing seen of it, and made good by the next run."""
    with database("postgresql", tmp_path) as url:
        monkeypatch.setenv("GOLDSEAM_DATABASE_URL", url)
        root = tmp_path / "firm"
        init.write(root)
        with away(url) as go, monkeypatch.context() as cut:
            lose(cut, moment, go)
            with pytest.raises(RunFailed, match=r"nothing was published\. The state database cannot be used"):
                run(root)
        with Store.open(url) as store:
            assert (store.version(), store.golden_count()) == (0, 0)
        summary = run(root, 1)
        assert (summary.status, summary.golden) == ("published", 4)
        assert summary.resumed["after"] == ("validate" if moment == "match" else "survive")


def lose(patch: pytest.MonkeyPatch, moment: str, go: Callable[[], None]) -> None:
    """The database goes away before a stage, or at a boundary of the publication."""
    if moment == "match":
        module = import_module("pipelines.match")
        work = module.match

        def without(this: Any) -> Any:
            go()
            return work(this)

        patch.setattr(module, "match", without)
        return
    write = publication.write

    def cut(engine: Any, what: Any, at: publication.Boundary = publication.nowhere) -> None:
        def there(name: str) -> None:
            at(name)
            if name == moment:
                go()

        write(engine, what, there)

    patch.setattr(publication, "write", cut)
