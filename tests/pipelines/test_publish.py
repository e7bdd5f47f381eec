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


@pytest.fixture
def small(tmp_path: Path) -> Firm:
    """On SQLite alone, for what does not depend on the database."""
    return Firm(tmp_path, f"sqlite:///{tmp_path}/state.db")


def test_the_files_of_the_contract(small: Firm) -> None:
    """Every file has the columns of the contract, and the manifest its rows and hashes."""
    small.publish(FIRST)
    schemas = {"golden": GOLDEN, "contact_points": CONTACT_POINTS, "relations": RELATIONS, "crosswalk": CROSSWALK}
    manifest = json.loads((small.latest / "manifest.json").read_text())
    assert manifest["run_id"] == "run-001"
    assert manifest["counts"] == {"golden": 4, "records": 5, "active": 5, "retired": 0, "quarantined": 0}
    for name, schema in schemas.items():
        with (small.latest / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            assert next(csv.reader(file)) == schema.names
        told = manifest["files"][f"{name}.csv"]
        assert told["sha256"] == hashlib.sha256((small.latest / f"{name}.csv").read_bytes()).hexdigest()
        assert told["rows"] == len(rows(small.latest / f"{name}.csv"))
    assert pq.read_table(small.latest / "golden.parquet").schema.equals(GOLDEN)
    assert pq.read_table(small.latest / "provenance.parquet").num_rows == 4


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


def test_nothing_changed_nothing_published(firm: Firm) -> None:
    """A night like the one before moves no pointer, writes no file and no event, and counts nothing."""
    firm.publish(FIRST)
    result = firm.publish(FIRST)
    assert set(result.counts.values()) == {0}
    assert result.rows_out == 4
    with firm.store as store:
        assert (store.version(), store.last_published(), store.feed().num_rows) == (1, "run-001", 4)
    assert not (firm.space.root / "published" / "run-002").exists()


def test_only_what_changed_is_written(small: Firm) -> None:
    """One changed name is one row of the feed; who did not change keeps version and date."""
    small.publish(FIRST)
    before = small.customers()
    small.publish({**FIRST, "shop:2": Record(4, "Dotty")})
    with small.store as store:
        feed = store.feed(since=4).to_pylist()
    assert [(row["cursor"], row["display_name"], row["version"]) for row in feed] == [(5, "Dotty", 2)]
    assert small.customers()["Ada"] == before["Ada"]


def test_a_score_that_fades_is_no_change(small: Firm) -> None:
    """A quality score that moved a little, alone, publishes nothing; one that fell does."""
    small.publish(FIRST)
    for quality, published in ((0.47, 0), (0.3, 1)):
        small.nights += 1
        run = through(small.space, small.nights, FIRST, url=small.url)
        golden = run.folder.read("survive", "golden")
        score = pa.array([quality] * golden.num_rows)
        run.folder.write(
            "survive", "golden", golden.set_column(golden.schema.get_field_index("quality"), "quality", score)
        )
        assert publish(run).counts["published"] == published
        run.store.close()


def test_a_customer_in_quarantine_stays_as_it_was(small: Firm) -> None:
    """All its records quarantined: the last good version stays in table, contact points and provenance."""
    small.publish(FIRST)
    before = small.customers()
    result = small.publish({**FIRST, "shop:2": Record(None), "crm:3": Record(3, "Cyd")})
    assert small.customers()["Dot"] == before["Dot"]
    assert "1 customers stay" in result.notes[0]
    kept = before["Dot"]["golden_id"]
    assert [r["golden_id"] for r in rows(small.latest / "golden.csv")].count(kept) == 1
    assert [r["value"] for r in rows(small.latest / "contact_points.csv") if r["golden_id"] == kept] == [
        "dot@example.org"
    ]
    assert kept in pq.read_table(small.latest / "provenance.parquet")["golden_id"].to_pylist()
    assert {r["record_id"]: r["state"] for r in rows(small.latest / "crosswalk.csv") if r["source"] == "shop"} == {
        "1": "active", "2": "quarantined",
    }  # fmt: skip


def test_yesterday_stays_readable(small: Firm) -> None:
    """Golden table and crosswalk as they were at an earlier publication, and at a date."""
    small.publish(FIRST)
    with small.store as store:
        golden, crosswalk = store.golden(), store.crosswalk()
    small.publish(SECOND)
    with small.store as store:
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


def test_a_run_worked_out_against_an_older_publication_is_refused(small: Firm) -> None:
    """What was identified before another run was published would undo that run: it must be run again."""
    small.publish(FIRST)
    late = night(small.space, 8, SECOND, url=small.url)
    ready(late, SECOND)
    small.publish({**FIRST, "shop:2": Record(4, "Dotty")})
    with pytest.raises(Conflict, match="Run again"):
        publish(late)
    late.store.close()
    assert "Dotty" in small.customers()


def test_repair_points_to_what_is_published(small: Firm) -> None:
    """A link that was lost, or points elsewhere, is set right by the database; leftovers go."""
    small.publish(FIRST)
    files.point(small.space.root / "published", "elsewhere")
    files.draft(small.space.root / "published", "run-009")
    with small.store as store:
        said = repair(small.space, store)
        assert len(said) == 2
        assert repair(small.space, store) == []
    assert small.latest.resolve().name == "run-001"


def test_lost_files_are_written_again(small: Firm) -> None:
    """The state database holds all but provenance: a folder that was deleted comes back as it was."""
    small.publish(FIRST)
    kept = {p.name: p.read_bytes() for p in small.latest.iterdir()}
    shutil.rmtree(small.latest.resolve())
    with small.store as store:
        assert "written again" in repair(small.space, store)[0]
    again = {p.name: p.read_bytes() for p in small.latest.iterdir()}
    assert {name for name in kept if kept[name] != again[name]} <= {"provenance.parquet", "manifest.json"}


def test_the_model_is_kept_by_number(small: Firm) -> None:
    """A model goes in with the publication that used it, and once."""
    small.publish(FIRST)
    small.publish(SECOND)
    with small.store as store:
        assert store.model() == '{"version": 1}'
        assert store.watermarks()["source"].to_pylist() == ["crm", "shop"]


RECORDS = [f"{source}:{number}" for source in ("crm", "shop") for number in range(3)]
PLACE = st.one_of(st.none(), st.tuples(st.sampled_from([0, 0, 1, 2, None]), st.sampled_from("AB")))
HISTORY = st.lists(st.fixed_dictionaries(dict.fromkeys(RECORDS, PLACE)), min_size=2, max_size=4)


@settings(max_examples=3, deadline=None)
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
