"""Taking a run back: killed at any boundary, and after any nights, the table is that of the publication that stands."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.again import NoSuchRun
from pipelines.context import StageResult
from pipelines.publish import repair
from tests.databases import KINDS, database
from tests.pipelines.firm import Firm, replay, table
from tests.pipelines.kills import Lane
from tests.pipelines.nights import FIRST, SECOND, Record


@pytest.fixture(autouse=True)
def without_scorecard(monkeypatch: pytest.MonkeyPatch) -> None:
    """The scorecard has tests of its own, and takes longer than all the rest."""
    monkeypatch.setattr("pipelines.report.report", lambda _: StageResult("report", 0, 0))


BOUNDARIES = (
    "files drafted", "files settled", "claimed", "crosswalk closed", "golden closed", "golden opened", "rows written",
    "pointer moved", "link swung",
)  # fmt: skip
QUICK = [("sqlite", "pointer moved"), ("postgresql", "rows written")]
ALL = [(kind, b) for kind in KINDS for b in BOUNDARIES]
CASES = [pytest.param(*case, marks=() if case in QUICK else pytest.mark.soak) for case in ALL]


@pytest.mark.parametrize(("kind", "boundary"), CASES)
def test_killed_at_a_boundary(
    tmp_path: Path, lane: Lane, kind: str, boundary: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """kill -9: readers see the run's table or that of before, and a rollback repeated if need be ends in the latter."""
    with database(kind, tmp_path) as url:
        monkeypatch.setenv("GOLDSEAM_DATABASE_URL", url)
        firm = Firm(tmp_path, url)
        firm.publish(FIRST)
        firm.publish(SECOND)
        assert lane.call("rollback_once", str(tmp_path), "run-002", url, boundary) == -9
        done = boundary in ("pointer moved", "link swung")
        with firm.store as store:
            assert table(store) == table(store, 1 if done else 2)
            repair(firm.space, store)
            store.abandon_runs()
        with suppress(NoSuchRun):  # it is taken back already
            firm.back("run-002")
        with firm.store as store:
            assert (store.version(), table(store)) == (3, table(store, 1))
            last = store.last_published()
            told = next(r for r in store.runs().to_pylist() if r["run_id"] == last)
        assert firm.latest.resolve().name == last
        assert (told["status"], json.loads(told["summary"])["rolled_back"]["runs"]) == ("published", ["run-002"])


NAMES = [f"{source}:{number}" for source in ("crm", "shop") for number in range(3)]
PLACE = st.one_of(st.none(), st.tuples(st.sampled_from([0, 0, 1, 2, None]), st.sampled_from("AB")))
NIGHT = st.one_of(st.integers(1, 3), st.fixed_dictionaries(dict.fromkeys(NAMES, PLACE)))


@pytest.mark.soak
@settings(max_examples=8, deadline=None)
@example([{"crm:1": (0, "A")}, 1, 1, 1, 1, {"crm:1": (0, "B")}, 2])
@given(st.lists(NIGHT, min_size=3, max_size=6))
def test_any_nights_and_rollbacks(tmp_path_factory: pytest.TempPathFactory, history: list[Any]) -> None:
    """After any runs and rollbacks the table is that of the publication that stands, and the feed rebuilds it."""
    root = tmp_path_factory.mktemp("firm")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GOLDSEAM_DATABASE_URL", f"sqlite:///{root}/state.db")
        firm = Firm(root, f"sqlite:///{root}/state.db")
        stands: dict[int, dict[str, Any]] = {}
        for night in history:
            with firm.store as store:
                version = store.version()
                made = {r["version"]: r["run_id"] for r in store.runs().to_pylist() if r["version"]}
            if isinstance(night, int) and version >= night:
                firm.nights += 1
                firm.back(made[version - night + 1], later=True)
            elif isinstance(night, dict):
                firm.publish({key: Record(*place) for key, place in night.items() if place})
            with firm.store as store:
                if store.version() > version:
                    stands[store.version()] = table(store)
                    to = version - night if isinstance(night, int) else None
                    assert to is None or stands[store.version()] == table(store, to)
                assert replay(store.feed().to_pylist()) == store.golden().to_pylist()
                for number, was in stands.items():
                    assert table(store, number) == was
