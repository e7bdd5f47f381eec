"""The stage that gives clusters their golden ids: who is gone, who is only missing, and what people are asked."""

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pytest

from connectors.workspace import Workspace
from pipelines import inputs
from pipelines.context import Run
from pipelines.identify import identify
from pipelines.publish import publish
from rules.keys import KEY_DOUBTS
from rules.vocabulary import CLUSTERS, CROSSWALK, EVENTS, PAIRS, QUEUE, RECORDS
from tests.pipelines.nights import Record, night, ready, survive, through, workspace

ADA, BOB = Record(1, "Ada"), Record(2, "Bob")
SOURCES = ("crm", "diary")
ALL_ACTIVE = {"crm:1": "active", "diary:1": "active", "diary:2": "active"}


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return workspace(tmp_path, *SOURCES, append=("diary",))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One night published: Ada of the CRM and of the diary, Bob of the diary."""
    root = tmp_path_factory.mktemp("identify") / "firm"
    run = through(workspace(root, *SOURCES, append=("diary",)), 1, {"crm:1": ADA, "diary:1": ADA, "diary:2": BOB})
    publish(run)
    run.store.close()
    return root


@pytest.fixture
def published(template: Path, space: Workspace) -> Workspace:
    """A copy of it."""
    shutil.copytree(template, space.root, symlinks=True, dirs_exist_ok=True)
    return space


def states(run: Run) -> dict[str, str]:
    rows = run.folder.read("identify", "crosswalk").to_pylist()
    return {f"{r['source']}:{r['record_id']}": r["state"] for r in rows}


def events(run: Run) -> list[str]:
    return [e["event"] for e in run.folder.read("identify", "events").to_pylist()]


def test_the_tables_of_the_stage(space: Workspace) -> None:
    """Each table has its schema; clusters keep label and household and gain the golden id."""
    run = night(space, 1, {"crm:1": Record(1, "Ada", "h"), "diary:2": Record(2, "Bob", "h")})
    result = identify(run)
    read = run.folder.read
    assert read("identify", "crosswalk").schema.equals(CROSSWALK)
    assert read("identify", "events").schema.equals(EVENTS)
    assert read("identify", "candidates").schema.equals(QUEUE)
    assert read("identify", "clusters").column_names == [*CLUSTERS.names, "golden_id"]
    homes = read("identify", "households").to_pylist()
    assert len(homes) == 2
    assert homes[0]["household_id"] == homes[1]["household_id"]
    assert homes[0]["household_id"].startswith("H")
    assert (result.rows_in, result.rows_out, result.counts) == (2, 2, {"created": 2})
    run.store.close()


@pytest.mark.parametrize(
    ("tonight", "landing", "expected"),
    [
        ({"diary:1": ADA, "diary:2": BOB}, {}, {"crm:1": "retired", "diary:1": "active", "diary:2": "active"}),
        ({"crm:1": ADA}, {}, ALL_ACTIVE),
        ({"diary:1": ADA, "diary:2": BOB}, {"crm": "carried"}, ALL_ACTIVE),
        ({"diary:1": ADA, "diary:2": BOB}, {"crm": "failed"}, ALL_ACTIVE),
        (
            {"crm:1": Record(None), "diary:1": ADA, "diary:2": BOB}, {},
            {"crm:1": "quarantined", "diary:1": "active", "diary:2": "active"},
        ),
    ],
    ids=["gone from a full source", "not in an append source", "carried", "failed", "quarantined"],
)  # fmt: skip
def test_who_is_gone(published: Workspace, tonight: dict, landing: dict, expected: dict) -> None:  # type: ignore[type-arg]  # as in the table above
    """Only a full source that landed says by a row's absence that a record is gone; its customer lives on in others."""
    run = night(published, 2, tonight, landing)
    identify(run)
    assert states(run) == expected
    assert events(run) == []
    run.store.close()


def test_a_source_that_is_declared_no_more(published: Workspace) -> None:
    """Its records are retired, its customers with them where nobody else holds them, and it is said."""
    without = Workspace(published.root, published.firm, {"crm": published.sources["crm"]})
    run = night(without, 2, {"crm:1": ADA})
    result = identify(run)
    assert states(run) == {"crm:1": "active", "diary:1": "retired", "diary:2": "retired"}
    assert events(run) == ["retired"]
    assert "diary" in result.notes[0]
    run.store.close()


def test_a_decision_is_the_cause_of_a_merge(published: Workspace) -> None:
    """What a person joined is told with the person's name and reason."""
    run = night(published, 2, {"crm:1": ADA, "diary:1": ADA, "diary:2": Record(1)})
    run.store.decide("same", "crm:1", "diary:2", user="maria", reason="met her")
    identify(run)
    told = run.folder.read("identify", "events").to_pylist()
    assert [(e["event"], e["cause"], e["user"], e["detail"]) for e in told] == [
        ("merged", "decision", "maria", "decision 1: met her"),
    ]  # fmt: skip
    run.store.close()


def test_a_confirmed_record_keeps_the_id(space: Workspace) -> None:
    """A record that a person joined to another outweighs the number of records on the other side."""
    records = {f"crm:{n}": Record(1, "Ada") for n in range(2)} | {f"diary:{n}": Record(2, "Bob") for n in range(3)}
    run = through(space, 1, records)
    publish(run)
    before = {r["display_name"]: r["golden_id"] for r in run.store.golden().to_pylist()}
    run.store.decide("same", "crm:0", "crm:1", user="maria")
    run.store.close()
    run = through(space, 2, {key: Record(1, "Ada") for key in records})
    publish(run)
    assert run.store.golden()["golden_id"].to_pylist() == [before["Ada"]]
    run.store.close()


PAIR = {
    "left_source": "crm", "left_id": "1", "right_source": "diary", "right_id": "2", "match_weight": 2.0,
    "match_probability": 0.6, "relation": "same",
}  # fmt: skip


def test_thresholds_are_those_of_the_workspace(space: Workspace) -> None:
    """`rules/matching.yml` says which pairs people are shown."""
    run = night(space, 1, {"crm:1": ADA, "diary:2": BOB})
    run.folder.write("match", "pairs", pa.Table.from_pylist([PAIR], PAIRS))
    identify(run)
    queued = run.folder.read("identify", "candidates").to_pylist()
    assert [(c["kind"], c["left"], c["right"]) for c in queued] == [("pair", "crm:1", "diary:2")]
    (space.root / "rules").mkdir()
    (space.root / "rules" / "matching.yml").write_text("thresholds: {merge: 0.99, review: 0.7}\n", "utf-8")
    identify(run)
    assert run.folder.read("identify", "candidates").num_rows == 0
    run.store.close()


def test_a_doubt_remembers_how_long_it_waits(space: Workspace) -> None:
    """A candidate that stays in the queue keeps the run that first put it there, and one that is decided leaves it."""
    for number in (1, 2):
        run = night(space, number, {"crm:1": ADA, "diary:2": Record(2, f"Bob {number}")})
        run.folder.write("match", "pairs", pa.Table.from_pylist([PAIR | {"match_weight": float(number)}], PAIRS))
        ready(run, {"crm:1": ADA, "diary:2": Record(2, f"Bob {number}")})
        publish(run)
        queue = run.store.candidates().to_pylist()
        assert [(c["first_run"], c["match_weight"]) for c in queue] == [("run-001", float(number))]
        run.store.close()
    run = night(space, 3, {"crm:1": ADA, "diary:2": BOB})
    run.folder.write("match", "pairs", pa.Table.from_pylist([PAIR], PAIRS))
    run.store.decide("different", "crm:1", "diary:2", user="maria")
    identify(run)
    survive(run, {"crm:1": ADA, "diary:2": BOB})
    publish(run)
    assert run.store.candidates().num_rows == 0
    run.store.close()


def test_a_key_that_was_not_sure_is_asked(space: Workspace) -> None:
    """A row without an id that got a new key, and may be a record that is gone, is a candidate until it is decided."""
    seen = []
    for number in (1, 2):
        run = night(space, number, {"crm:1": ADA, "diary:2": BOB})
        doubt = {"record_id": "2", "earlier": "9", "likeness": 0.7}
        run.folder.write("land", "key_doubts", pa.Table.from_pylist([doubt], KEY_DOUBTS), "diary")
        identify(run)
        rows = run.folder.read("identify", "candidates").to_pylist()
        seen.append([(r["kind"], r["left"], r["right"], r["match_probability"]) for r in rows if r["kind"] == "key"])
        run.store.decide("different", "diary:9", "diary:2", user="maria")
        run.store.close()
    assert seen == [[("key", "diary:2", "diary:9", 0.7)], []]


def test_a_row_that_a_person_recognises_has_its_old_id_again(tmp_path: Path) -> None:
    """`same` of a row with a new key and a record that is gone gives the old golden id back; the new leads to it."""
    space = workspace(tmp_path, "diary")
    ids = []
    for number, records in enumerate(({"diary:1": BOB}, {"diary:2": BOB}, {"diary:2": BOB}), 1):
        run = night(space, number, records)
        if number == 3:
            run.store.decide("same", "diary:2", "diary:1", user="maria", reason="his row")
        ready(run, records)
        publish(run)
        ids.append(run.store.golden()["golden_id"].to_pylist())
        told = [(e["event"], e["cause"], e["user"]) for e in run.folder.read("identify", "events").to_pylist()]
        resolved = run.store.resolve(ids[1][0]) if number == 3 else None
        run.store.close()
    assert ids[2] == ids[0] != ids[1]
    assert told == [("returned", "data", None), ("merged", "decision", "maria")]
    assert resolved == ids[0][0]


@pytest.mark.parametrize(
    ("hash_", "rules", "cause"),
    [("h", "1", "data"), ("h", "2", "rule"), ("i", "2", "data")],
    ids=["nothing changed", "rules changed", "rules and a record changed"],
)
def test_a_rule_is_the_cause_where_no_record_changed(space: Workspace, hash_: str, rules: str, cause: str) -> None:
    """Two who are one from tonight on, though nobody's data changed: the rules did it, and it is said which."""
    runs = []
    for number, (cluster, content, seen) in enumerate(((2, "h", "1"), (1, hash_, rules)), 1):
        records = {"crm:1": ADA, "crm:2": Record(cluster, "Bob")}
        run = night(space, number, records)
        run.before = runs[0].folder if runs else None
        rows = [{"source": "crm", "record_id": i, "hash": h} for i, h in (("1", "h"), ("2", content))]
        run.folder.write("validate", "records", pa.Table.from_pylist(rows, RECORDS))
        (run.folder.root / inputs.FILE).write_text(json.dumps({"rules": seen}), "utf-8")
        ready(run, records)
        publish(run)
        runs.append(run)
    (event,) = run.folder.read("identify", "events").to_pylist()
    assert (event["event"], event["cause"]) == ("merged", cause)
    assert event["detail"] == ("rules or settings changed" if cause == "rule" else None)
    for run in runs:
        run.store.close()


def test_a_merge_by_the_data_names_its_evidence(published: Workspace) -> None:
    """The best pair of records between the two customers, with its probability."""
    run = night(published, 2, {"crm:1": ADA, "diary:1": ADA, "diary:2": Record(1, "Bob")})
    run.folder.write("match", "pairs", pa.Table.from_pylist([PAIR | {"match_probability": 0.97}], PAIRS))
    identify(run)
    (event,) = run.folder.read("identify", "events").to_pylist()
    assert (event["cause"], event["detail"]) == ("data", "crm:1 and diary:2 are alike (0.97)")
    run.store.close()


def test_an_adopted_id_that_stands_for_a_customer_is_evidence(published: Workspace) -> None:
    """A new record that the firm has under a published customer's id, and the data keep apart, is a customer of its
    own; people are asked."""
    records = {"crm:1": ADA, "diary:1": ADA, "diary:2": BOB, "diary:3": Record(3, "Cy")}
    run = night(published, 2, records)
    who = {f"{r['source']}:{r['record_id']}": r["golden_id"] for r in run.store.crosswalk().to_pylist()}
    run.store.adopt([("crm", "1", who["crm:1"]), ("diary", "3", who["crm:1"])], user="maria", file="ids.csv")
    identify(run)
    told = run.folder.read("identify", "events").to_pylist()
    assert [(e["event"], e["golden_id"] in who.values()) for e in told] == [("created", False)]
    (asked,) = run.folder.read("identify", "candidates").to_pylist()
    assert (asked["left"], asked["right"]) == ("crm:1", "diary:3")
    run.store.close()
