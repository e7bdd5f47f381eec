"""A night on which little changed: only the customers concerned are identified anew, and it comes to the same."""

import random
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from connectors.store import ids, parts
from connectors.store.decisions import Contradiction
from connectors.store.runs import RunFolder
from connectors.store.state import Store
from pipelines import concerned, yesterday
from pipelines import identify as stage
from pipelines.context import Run, StageResult
from pipelines.identify import identify
from pipelines.publish import publish
from rules import identity
from tests.pipelines.firm import Firm
from tests.pipelines.nights import Record, night, survive, workspace

TABLES = ("crosswalk", "clusters", "households", "events", "candidates", "base")
SOURCES = ("crm", "shop", "diary")
KEYS = [f"{source}:{number}" for source in SOURCES for number in range(12)]
RECORD = ("source", "record_id")


def numbered(prefix: str) -> Callable[[int], pa.Array]:
    """A mint whose ids are the same in every run that asks for the same."""
    numbers = count()
    return lambda many: pa.array([f"{prefix}{next(numbers)}" for _ in range(many)], pa.string())


class Changing(Firm):
    """A firm whose records change their cluster, their household and their state from night to night."""

    def __init__(self, root: Path, seed: int) -> None:
        super().__init__(root, f"sqlite:///{root}/state.db")
        self.space = workspace(root, *SOURCES, append=("diary",))
        self.dice = random.Random(seed)
        self.homes = {cluster: self.home() for cluster in range(1, 30)}
        self.records = {key: self.record() for key in KEYS if self.dice.random() < 0.8}
        self.states: dict[str, str] = {}

    def home(self) -> str | None:
        return self.dice.choice([None, "h1", "h2", "h3", "h4", "h5"])

    def record(self) -> Record:
        cluster = self.dice.randrange(1, 20)
        return Record(cluster, self.dice.choice(["Ada", "Bob"]), self.homes[cluster])

    def change(self) -> None:
        """A few records come, go and move, are set aside or come back; a cluster joins another; a source fails."""
        for key in self.dice.sample(KEYS, 4):
            if self.dice.random() < 0.25:
                self.records.pop(key, None)
            else:
                self.records[key] = Record(None) if self.dice.random() < 0.2 else self.record()
        one, other, third = self.dice.sample(range(1, 20), 3)
        if self.dice.random() < 0.4:
            self._put(one, other)
        if self.dice.random() < 0.4:
            self.homes[third] = self.home()
            self._put(third, third)
        self.states = {"crm": "failed"} if self.dice.random() < 0.2 else {}

    def _put(self, one: int, other: int) -> None:
        for key, record in self.records.items():
            if record.cluster == one:
                self.records[key] = Record(other, record.name, self.homes[other])

    def say(self, store: Store) -> None:
        """A person decides something, perhaps of a record that is gone; the firm brings ids along."""
        left, right = self.dice.sample(KEYS, 2)
        made = store.decisions()["seq"].to_pylist()
        if made and self.dice.random() < 0.2:
            store.undo(self.dice.choice(made), user="jo")
        elif self.dice.random() < 0.6:
            with suppress(Contradiction):
                store.decide(self.dice.choice(["same", "same", "different"]), left, right, user="maria")
        if self.dice.random() < 0.2:
            known = [*store.known_ids()["golden_id"].to_pylist()[:2], "K1", "K2", "K3"]
            rows = [(*key.split(":"), self.dice.choice(known)) for key in self.dice.sample(KEYS, 3)]
            store.adopt([(s, r, g) for s, r, g in rows], user="jo", file="ids.csv")

    def begin(self) -> Run:
        """Tonight's run up to match, whose labels are those of the last published run but for what changed."""
        self.nights += 1
        here = {key: r for key, r in self.records.items() if key.split(":")[0] not in self.states}
        run = night(self.space, self.nights, here, self.states, self.url)
        run.before = yesterday.folder(self.space, run.store)
        self.say(run.store)
        if run.before:
            now = run.folder.read("match", "labels")
            was = run.before.read("match", "labels")
            rows, then = (set(map(tuple, (r.values() for r in t.to_pylist()))) for t in (now, was))
            fresh = pa.Table.from_pylist([dict(zip(now.column_names, r, strict=True)) for r in rows - then], now.schema)
            gone = pa.Table.from_pylist([dict(zip(RECORD, key, strict=True)) for key in {r[:2] for r in rows ^ then}])
            gone = gone if len(gone) else fresh.select(RECORD)
            labels = run.before.parts("match", "labels")["all"]
            run.folder.amend("match", "labels", fresh, gone, labels, by=(RECORD,))
        return run

    def end(self, run: Run) -> None:
        survive(run, {key: r for key, r in self.records.items() if r.cluster is not None})
        run.folder.save()
        result = publish(run)
        run.store.finish_run(run.id, "published" if result.counts["published"] else "unchanged", {})
        run.store.close()


def outcome(folder: RunFolder, result: StageResult) -> dict[str, Any]:
    found: dict[str, Any] = {name: sorted(map(str, folder.read("identify", name).to_pylist())) for name in TABLES}
    return found | {"told": (result.rows_in, result.rows_out, result.counts, result.notes)}


def identified(run: Run, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setattr(ids, "mint", lambda prefix, _: numbered(f"{prefix}{run.folder.id[:7]}."))
    return outcome(run.folder, identify(run))


@pytest.fixture
def amending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """However small the firm, its tables are amended."""
    monkeypatch.setattr("pipelines.report.report", lambda _: StageResult("report", 0, 0))
    monkeypatch.setenv("GOLDSEAM_DATABASE_URL", f"sqlite:///{tmp_path}/state.db")
    monkeypatch.setattr(parts, "MOST_AMENDED", 99)
    monkeypatch.setattr(concerned, "MOST", 99)
    return monkeypatch


def nights(root: Path, seed: int, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    firm = Changing(root, seed)
    amended = 0
    for _ in range(number):
        run = firm.begin()
        with monkeypatch.context() as patched:
            patched.setattr(concerned, "ground", lambda _: None)
            whole = Run(firm.space, RunFolder(run.folder.runs, run.id, dict(run.folder._parts)), run.store, run.started)
            whole.before = run.before
            expected = identified(whole, monkeypatch)
        assert identified(run, monkeypatch) == expected, (seed, run.id)
        amended += len(run.folder.parts("identify", "crosswalk")["all"].layers) > 1
        firm.end(run)
        if firm.nights > 2 and firm.dice.random() < 0.15:
            with firm.store as store:
                last = store.last_published()
            if last and last.startswith("run-"):
                firm.back(last)
        firm.change()
    assert amended


def test_the_outcome_is_that_of_a_whole_run(tmp_path: Path, amending: pytest.MonkeyPatch) -> None:
    """Clusters and households that change, records that go and return, quarantine, failed sources, decisions, ids of
    the firm's own and runs taken back: the tables are those that come of all records and the state database."""
    nights(tmp_path, 0, 3, amending)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1, 9))
def test_the_outcome_is_that_of_a_whole_run_for_long(tmp_path: Path, seed: int, amending: pytest.MonkeyPatch) -> None:
    """The same over many nights, from many beginnings."""
    nights(tmp_path, seed, 12, amending)


@pytest.mark.usefixtures("amending")
def test_only_the_records_concerned_are_identified_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One record leaves its customer: this customer's records are looked at, those it comes to, and no others."""
    firm = Changing(tmp_path, 1)
    firm.say = lambda _: None  # type: ignore[method-assign]  # nobody decides anything
    firm.records = {f"crm:{n}": Record(n // 3, household=f"h{n // 6}") for n in range(12)}
    firm.end(_through(firm.begin()))
    firm.records["crm:0"] = Record(1, household="h0")
    seen: list[set[str]] = []

    def watched(labels: pa.Table, *rest: Any, **more: Any) -> Any:
        seen.append(set(labels["record_id"].to_pylist()))
        return identity.assign(labels, *rest, **more)

    monkeypatch.setattr(stage, "identity", SimpleNamespace(**{**vars(identity), "assign": watched}))
    run = _through(firm.begin())
    run.store.close()
    assert seen == [{"0", "1", "2", "3", "4", "5"}]


@pytest.mark.usefixtures("amending")
def test_the_run_before_must_be_what_is_in_force(tmp_path: Path) -> None:
    """Rows are left as they were only where the folder before is that of the publication in force."""
    firm = Changing(tmp_path, 2)
    first = _through(firm.begin())
    firm.end(first)
    firm.records["crm:1"] = Record(99)
    second = _through(firm.begin())
    assert concerned.ground(second) is second.before
    firm.end(second)
    third = firm.begin()
    assert concerned.ground(third) is third.before
    third.before = first.folder
    assert concerned.ground(third) is None
    third.store.close()


def _through(run: Run) -> Run:
    identify(run)
    return run
