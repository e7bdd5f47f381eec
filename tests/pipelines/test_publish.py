"""Publishing: a difference, visible in one step, and nothing where nothing changed."""

import csv
import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sinks import files
from connectors.store.publication import Conflict
from pipelines.publish import publish, repair
from rules.vocabulary import CONTACT_POINTS, CROSSWALK, GOLDEN, RELATIONS
from tests.databases import KINDS, database
from tests.pipelines.firm import Firm, replay, rows
from tests.pipelines.nights import FIRST, SECOND, Record, night, ready, through


@pytest.fixture(params=KINDS)
def firm(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Firm]:
    with database(request.param, tmp_path) as url:
        yield Firm(tmp_path, url)


QUICK = pytest.mark.parametrize("firm", ["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)], indirect=True)
"""On PostgreSQL in `make soak` alone; three other tests of this file run on both in `make test`."""


def test_the_files_of_the_contract(one_night: Firm) -> None:
    """Every file has the columns of the contract, and the manifest its rows and hashes."""
    schemas = {"golden": GOLDEN, "contact_points": CONTACT_POINTS, "relations": RELATIONS, "crosswalk": CROSSWALK}
    manifest = json.loads((one_night.latest / "manifest.json").read_text())
    assert manifest["run_id"] == "run-001"
    assert manifest["counts"] == {"golden": 4, "records": 5, "active": 5, "retired": 0, "quarantined": 0}
    for name, schema in schemas.items():
        with (one_night.latest / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            assert next(csv.reader(file)) == schema.names
        told = manifest["files"][f"{name}.csv"]
        assert told["sha256"] == hashlib.sha256((one_night.latest / f"{name}.csv").read_bytes()).hexdigest()
        assert told["rows"] == len(rows(one_night.latest / f"{name}.csv"))
    assert pq.read_table(one_night.latest / "golden.parquet").schema.equals(GOLDEN)
    assert pq.read_table(one_night.latest / "provenance.parquet").num_rows == 4


@QUICK
def test_files_and_database_tell_the_same(firm: Firm) -> None:
    """After two nights the golden table, the crosswalk and the contact points are alike in both places."""
    firm.publish(FIRST)
    firm.publish(SECOND)
    with firm.store as store:
        assert pq.read_table(firm.latest / "golden.parquet").equals(store.golden())
        assert [r["golden_id"] or None for r in rows(firm.latest / "crosswalk.csv")] == store.crosswalk()[
            "golden_id"
        ].to_pylist()
        points = store.detail("contact_points").select(["golden_id", "value"]).to_pylist()
        found = [(r["golden_id"], r["value"]) for r in rows(firm.latest / "contact_points.csv")]
        assert sorted(found) == sorted((r["golden_id"], r["value"]) for r in points)


def test_what_a_night_brings(firm: Firm) -> None:
    """Created, merged, changed and retired are counted, told as events, and the superseded id resolves."""
    assert firm.publish(FIRST).counts == {
        "created": 4,
        "merged": 0,
        "split": 0,
        "changed": 0,
        "retired": 0,
        "published": 1,
    }
    before = firm.customers()
    result = firm.publish(SECOND)
    assert result.counts == {"created": 1, "merged": 1, "split": 0, "changed": 2, "retired": 1, "published": 1}
    after = firm.customers()
    assert sorted(after) == ["Ada", "Dorothy", "Eve"]
    assert after["Dorothy"]["golden_id"] == before["Dot"]["golden_id"]
    assert (after["Dorothy"]["version"], after["Eve"]["version"]) == (2, 1)
    with firm.store as store:
        assert store.resolve(before["Cy"]["golden_id"]) == after["Ada"]["golden_id"]
        assert store.resolve(before["Bob"]["golden_id"]) is None
        assert store.resolve("G-unknown") is None
        story = store.events(golden_id=before["Dot"]["golden_id"]).to_pylist()
        assert [(e["event"], e["detail"], e["run_id"]) for e in story] == [
            ("created", None, "run-001"), ("changed", "display_name", "run-002"),
        ]  # fmt: skip
        items = store.quarantine_items("open").to_pylist()
        assert [(i["source"], i["record_id"], i["reasons"], i["first_run"]) for i in items] == [
            ("shop", "4", ["no name"], "run-002")
        ]


@QUICK
def test_nothing_changed_nothing_published(firm: Firm) -> None:
    """A night like the one before moves no pointer, writes no file and no event, and counts nothing."""
    firm.publish(FIRST)
    result = firm.publish(FIRST)
    assert set(result.counts.values()) == {0}
    assert result.rows_out == 4
    with firm.store as store:
        assert (store.version(), store.last_published(), store.feed().num_rows) == (1, "run-001", 4)
    assert not (firm.space.root / "published" / "run-002").exists()


def test_only_what_changed_is_written(one_night: Firm) -> None:
    """One changed name is one row of the feed; who did not change keeps version and date."""
    before = one_night.customers()
    one_night.publish({**FIRST, "shop:2": Record(4, "Dotty")})
    with one_night.store as store:
        feed = store.feed(since=4).to_pylist()
    assert [(row["cursor"], row["display_name"], row["version"]) for row in feed] == [(5, "Dotty", 2)]
    assert one_night.customers()["Ada"] == before["Ada"]


def test_a_score_that_fades_is_no_change(one_night: Firm) -> None:
    """A quality score that moved a little, alone, publishes nothing; one that fell does."""
    for quality, published in ((0.47, 0), (0.3, 1)):
        one_night.nights += 1
        run = through(one_night.space, one_night.nights, FIRST, url=one_night.url)
        golden = run.folder.read("survive", "golden")
        score = pa.array([quality] * golden.num_rows)
        run.folder.write(
            "survive", "golden", golden.set_column(golden.schema.get_field_index("quality"), "quality", score)
        )
        assert publish(run).counts["published"] == published
        run.store.close()


def test_a_customer_in_quarantine_stays_as_it_was(one_night: Firm) -> None:
    """All its records quarantined: the last good version stays in table, contact points and provenance."""
    before = one_night.customers()
    result = one_night.publish({**FIRST, "shop:2": Record(None), "crm:3": Record(3, "Cyd")})
    assert one_night.customers()["Dot"] == before["Dot"]
    assert "1 customers stay" in result.notes[0]
    kept = before["Dot"]["golden_id"]
    assert [r["golden_id"] for r in rows(one_night.latest / "golden.csv")].count(kept) == 1
    assert [r["value"] for r in rows(one_night.latest / "contact_points.csv") if r["golden_id"] == kept] == [
        "dot@example.org"
    ]
    assert kept in pq.read_table(one_night.latest / "provenance.parquet")["golden_id"].to_pylist()
    assert {r["record_id"]: r["state"] for r in rows(one_night.latest / "crosswalk.csv") if r["source"] == "shop"} == {
        "1": "active", "2": "quarantined",
    }  # fmt: skip


def test_yesterday_stays_readable(one_night: Firm) -> None:
    """Golden table and crosswalk as they were at an earlier publication, and at a date."""
    with one_night.store as store:
        golden, crosswalk = store.golden(), store.crosswalk()
    one_night.publish(SECOND)
    with one_night.store as store:
        assert store.golden(version=1).equals(golden)
        assert store.crosswalk(version=1).equals(crosswalk)
        assert [store.version_at(f"2026-01-0{day}T12:00:00+00:00") for day in (1, 2, 3)] == [0, 1, 2]


def test_readers_see_the_one_or_the_other(firm: Firm) -> None:
    """At every moment of publishing another process reads yesterday's publication whole, until it reads today's."""
    firm.publish(FIRST)
    seen: list[tuple[int, str, int, int]] = []

    def read(_: str) -> None:
        with firm.store as store:
            names = " ".join(sorted(store.golden()["display_name"].to_pylist()))
            seen.append((store.version(), names, store.crosswalk().num_rows, store.feed().num_rows))

    firm.publish(SECOND, at=read)
    one = (1, "Ada Bob Cy Dot", 5, 4)
    two = (2, "Ada Dorothy Eve", 7, 9)
    assert set(seen) == {one, two}
    assert seen == sorted(seen)


def test_stewards_decide_while_it_is_published(firm: Firm) -> None:
    """A decision made between any two steps of publishing is recorded and waits for nobody."""
    firm.publish(FIRST)
    made: list[int] = []

    def decide(name: str) -> None:
        with firm.store as store:
            made.append(store.decide("same", f"crm:{name}", "shop:x", user="maria"))

    firm.publish(SECOND, at=decide)
    with firm.store as store:
        assert store.decisions()["seq"].to_pylist() == made
        assert store.version() == 2


def test_a_run_worked_out_against_an_older_publication_is_refused(one_night: Firm) -> None:
    """What was identified before another run was published would undo that run: it must be run again."""
    late = night(one_night.space, 8, SECOND, url=one_night.url)
    ready(late, SECOND)
    one_night.publish({**FIRST, "shop:2": Record(4, "Dotty")})
    with pytest.raises(Conflict, match="Run again"):
        publish(late)
    late.store.close()
    assert "Dotty" in one_night.customers()


def test_repair_points_to_what_is_published(one_night: Firm) -> None:
    """A link that was lost, or points elsewhere, is set right by the database; leftovers go."""
    files.point(one_night.space.root / "published", "elsewhere")
    files.draft(one_night.space.root / "published", "run-009")
    with one_night.store as store:
        said = repair(one_night.space, store)
        assert len(said) == 2
        assert repair(one_night.space, store) == []
    assert one_night.latest.resolve().name == "run-001"


def test_lost_files_are_written_again(one_night: Firm) -> None:
    """The state database holds all but provenance: a folder that was deleted comes back as it was."""
    kept = {p.name: p.read_bytes() for p in one_night.latest.iterdir()}
    shutil.rmtree(one_night.latest.resolve())
    with one_night.store as store:
        assert "written again" in repair(one_night.space, store)[0]
    again = {p.name: p.read_bytes() for p in one_night.latest.iterdir()}
    assert {name for name in kept if kept[name] != again[name]} <= {"provenance.parquet", "manifest.json"}


def test_the_model_is_kept_by_number(two_nights: Firm) -> None:
    """A model goes in with the publication that used it, and once."""
    with two_nights.store as store:
        assert store.model() == '{"version": 1}'
        assert store.watermarks()["source"].to_pylist() == ["crm", "shop"]


RECORDS = [f"{source}:{number}" for source in ("crm", "shop") for number in range(3)]
PLACE = st.one_of(st.none(), st.tuples(st.sampled_from([0, 0, 1, 2, None]), st.sampled_from("AB")))
HISTORY = st.lists(st.fixed_dictionaries(dict.fromkeys(RECORDS, PLACE)), min_size=2, max_size=4)


@pytest.mark.soak
@settings(max_examples=30, deadline=None)
@given(HISTORY)
def test_the_feed_rebuilds_the_table(tmp_path_factory: pytest.TempPathFactory, history: list[dict[str, Any]]) -> None:
    """After any nights the feed replayed from zero gives the golden table, and each earlier one stays readable."""
    root = tmp_path_factory.mktemp("firm")
    firm = Firm(root, f"sqlite:///{root}/state.db")
    published: dict[int, list[dict[str, Any]]] = {}
    for places in history:
        firm.publish({key: Record(*place) for key, place in places.items() if place})
        with firm.store as store:
            published[store.version()] = store.golden().to_pylist()
    with firm.store as store:
        replayed = replay(store.feed().to_pylist())
        assert replayed == published[store.version()]
        for version, golden in published.items():
            assert store.golden(version=version).to_pylist() == golden
        ids = store.known_ids().to_pylist()
        assert {row["golden_id"] for row in ids if row["alive"]} == {row["golden_id"] for row in replayed}
