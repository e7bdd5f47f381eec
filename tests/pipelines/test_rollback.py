"""Taking a published run back: as a publication of its own, that nobody sees half of and that loses nothing."""

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.store.runs import RunFolder
from pipelines import gates
from pipelines.again import NoSuchRun
from pipelines.context import RunFailed, StageResult
from pipelines.publish import prepared, repair
from tests.databases import KINDS, database
from tests.pipelines.firm import Firm, replay, rows, table
from tests.pipelines.nights import FIRST, SECOND, Record, through


@pytest.fixture(autouse=True)
def without_scorecard(monkeypatch: pytest.MonkeyPatch) -> None:
    """The scorecard has tests of its own, and takes longer than all the rest."""
    monkeypatch.setattr("pipelines.report.report", lambda _: StageResult("report", 0, 0))


@pytest.fixture(params=KINDS)
def firm(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Firm]:
    with database(request.param, tmp_path) as url:
        monkeypatch.setenv("GOLDSEAM_DATABASE_URL", url)
        yield Firm(tmp_path, url)


QUICK = pytest.mark.parametrize("firm", ["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)], indirect=True)
"""On PostgreSQL in `make soak` alone; two other tests of this file run on both in `make test`."""


@pytest.fixture
def first(one_night: Firm, monkeypatch: pytest.MonkeyPatch) -> Firm:
    """After its first night, on SQLite alone, for what does not depend on the database."""
    monkeypatch.setenv("GOLDSEAM_DATABASE_URL", one_night.url)
    return one_night


@pytest.fixture
def second(two_nights: Firm, monkeypatch: pytest.MonkeyPatch) -> Firm:
    """The same after its second night."""
    monkeypatch.setenv("GOLDSEAM_DATABASE_URL", two_nights.url)
    return two_nights


def test_the_table_is_what_it_was(firm: Firm) -> None:
    """Database and files are as before the run, under a publication of its own; the feed gives the same table."""
    firm.publish(FIRST)
    firm.publish(SECOND)
    summary = firm.back("run-002")
    with firm.store as store:
        assert (store.version(), store.last_published()) == (3, summary.run_id)
        assert table(store) == table(store, 1)
        assert table(store, 2) != table(store, 1)
        assert replay(store.feed().to_pylist()) == store.golden().to_pylist()
        assert pq.read_table(firm.latest / "golden.parquet").equals(store.golden())
        assert store.quarantine_items().num_rows == 0
        assert [r["golden_id"] for r in rows(firm.latest / "crosswalk.csv")] == store.crosswalk()[
            "golden_id"
        ].to_pylist()
    assert json.loads((firm.latest / "manifest.json").read_text())["publication"] == 3
    assert pq.read_table(firm.latest / "provenance.parquet").num_rows == 4
    assert summary.changes == {"created": 0, "merged": 0, "split": 1, "changed": 2, "retired": 1}


@QUICK
def test_ids_keep_their_promise(firm: Firm) -> None:
    """Who was new is retired for ever, who was merged or retired stands again under the id of before; events say so."""
    firm.publish(FIRST)
    ids = {name: row["golden_id"] for name, row in firm.customers().items()}
    firm.publish(SECOND)
    eve = firm.customers()["Eve"]["golden_id"]
    firm.back("run-002")
    with firm.store as store:
        assert {name: store.resolve(i) for name, i in ids.items()} == ids
        assert store.resolve(eve) is None
        told = [(e["event"], e["golden_id"], e["cause"], e["user"]) for e in store.events().to_pylist()[9:]]
        assert told == [
            ("returned", ids["Bob"], "rollback", "maria"), ("split", ids["Cy"], "rollback", "maria"),
            ("retired", eve, "rollback", "maria"),
            *(("changed", i, "rollback", "maria") for i in sorted((ids["Ada"], ids["Dot"]))),
        ]  # fmt: skip
    firm.publish(SECOND)
    assert firm.customers()["Eve"]["golden_id"] not in (eve, *ids.values())


@QUICK
def test_what_was_split_is_joined_again(firm: Firm) -> None:
    """A part that split off is superseded by the customer it came from, to which its id resolves."""
    firm.publish(FIRST)
    ada = firm.customers()["Ada"]["golden_id"]
    firm.publish({**FIRST, "shop:1": Record(9, "Adam")})
    adam = firm.customers()["Adam"]["golden_id"]
    firm.back("run-002")
    with firm.store as store:
        assert store.resolve(adam) == store.resolve(ada) == ada
        assert ("merged", ada, adam) in [
            (e["event"], e["golden_id"], e["other_golden_id"]) for e in store.events().to_pylist()
        ]


def test_a_rollback_can_be_taken_back(second: Firm) -> None:
    """Then the table is as the run had made it, and its customers have their ids again."""
    eve = second.customers()["Eve"]["golden_id"]
    second.back(second.back("run-002").run_id)
    with second.store as store:
        assert table(store) == table(store, 2)
        assert store.resolve(eve) == eve
        assert replay(store.feed().to_pylist()) == store.golden().to_pylist()


def test_the_first_publication_can_be_taken_back(first: Firm) -> None:
    """The table is empty then, its ids are retired, and a run begins anew."""
    ids = {row["golden_id"] for row in first.customers().values()}
    first.back("run-001")
    with first.store as store:
        assert store.golden().num_rows == store.crosswalk().num_rows == store.watermarks().num_rows == 0
    assert rows(first.latest / "golden.csv") == []
    first.publish(FIRST)
    assert not ids & {row["golden_id"] for row in first.customers().values()}


def test_later_runs_are_taken_back_only_when_that_is_said(second: Firm) -> None:
    """Refused with the names of the later runs and the way out; with --with-later it goes back before all of them."""
    second.publish({**SECOND, "shop:2": Record(4, "Dotty")})
    with pytest.raises(NoSuchRun, match=r"1 run published since run-002 .* run-003\. .*--with-later"):
        second.back("run-002")
    assert second.back("run-002", later=True).rolled_back["runs"] == ["run-002", "run-003"]
    with second.store as store:
        assert table(store) == table(store, 1)


def test_what_cannot_be_taken_back_is_said(first: Firm) -> None:
    """A run that is unknown or published nothing, and one before which nothing is known any more."""
    first.publish(FIRST)
    first.publish(SECOND)
    for run, words in (("run-009", "is not on record"), ("run-002", "published nothing")):
        with pytest.raises(NoSuchRun, match=f"{words}.* Published runs: run-003, run-001"):
            first.back(run)
    for folder in ("run-001", "run-002"):
        (first.space.var / "runs" / folder / "manifest.json").unlink()
    with pytest.raises(NoSuchRun, match=r"the folder of run run-001.* is gone"):
        first.back("run-003")
    with first.store as store:
        assert store.version() == 2


def test_watermarks_go_back(first: Firm) -> None:
    """Each source is marked as it was landed before the run, and one that came with it has no mark."""
    with first.store as store:
        marks = store.watermarks().to_pylist()
    first.publish(SECOND)
    first.back("run-002")
    with first.store as store:
        assert store.watermarks().to_pylist() == marks


def test_keys_once_given_are_known_for_ever(second: Firm) -> None:
    """Keys that the run gave to rows without any stay theirs: nobody else's, and theirs again when they come back."""
    for number in (1, 2):
        folder = RunFolder.open(second.space.var / "runs", f"run-{number:03d}")
        folder.write("land", "keys", pa.table({"record_id": [f"r{n}" for n in range(number)]}), "crm")
        folder.save()
    summary = second.back("run-002")
    found = RunFolder.open(second.space.var / "runs", summary.run_id)
    assert found.read("land", "keys", "crm")["record_id"].to_pylist() == ["r0", "r1"]
    assert found.read("identify", "base")["version"].to_pylist() == [2]


def test_the_next_run_is_held_while_it_would_do_the_same(second: Firm) -> None:
    """A gate counts what of the changes taken back would come again; nothing of it, and the run may publish."""
    second.back("run-002")
    for number, (records, again) in enumerate(((SECOND, 5), ({**SECOND, "shop:2": Record(4, "Dot")}, 4), (FIRST, 0))):
        run = through(second.space, 10 + number, records, url=second.url)
        ready = prepared(run)
        held = gates.judge(run, ready.new, ready.found)
        assert [f"would do {again} of 5" in reason for reason in held] == [True] * bool(again)
        run.store.close()


def test_who_did_it_and_why_is_on_record(second: Firm) -> None:
    """In the run's summary and in the audit; the run taken back stays as it was."""
    summary = second.back("run-002")
    assert summary.rolled_back == {"runs": ["run-002"], "to": 1, "user": "maria", "reason": "a wrong file"}
    with second.store as store:
        by_id = {row["run_id"]: row for row in store.runs().to_pylist()}
        with store.engine.connect() as connection:
            audit = connection.exec_driver_sql('select "user", action, subject, detail from audit').all()
    assert [tuple(row) for row in audit] == [("maria", "rollback", summary.run_id, "a wrong file")]
    assert json.loads(by_id[summary.run_id]["summary"])["rolled_back"] == summary.rolled_back
    assert [by_id[run]["status"] for run in ("run-001", "run-002", summary.run_id)] == ["published"] * 3


def test_readers_see_the_one_or_the_other(firm: Firm) -> None:
    """At every moment of a rollback another process reads the run's table whole, until it reads that of before."""
    firm.publish(FIRST)
    firm.publish(SECOND)
    seen: list[tuple[int, str, int]] = []

    def read(_: str) -> None:
        with firm.store as store:
            names = " ".join(sorted(store.golden()["display_name"].to_pylist()))
            seen.append((store.version(), names, store.crosswalk().num_rows))

    firm.back("run-002", at=read)
    assert set(seen) == {(2, "Ada Dorothy Eve", 7), (3, "Ada Bob Cy Dot", 5)}
    assert seen == sorted(seen)


def test_one_that_breaks_leaves_everything_as_it_was(second: Firm) -> None:
    """A disk that fills up on the way: the run stands, the rollback is on record as failed, and is repeated at will."""

    def full(name: str) -> None:
        if name == "golden opened":
            raise OSError(28, "No space left on device")

    with pytest.raises(RunFailed, match="The disk is full"):
        second.back("run-002", at=full)
    with second.store as store:
        assert repair(second.space, store)
        assert table(store) == table(store, 2)
    second.back("run-002")
    with second.store as store:
        assert table(store) == table(store, 1)
