"""Killed at any boundary of publishing, the next run ends where an undisturbed one would have."""

from pathlib import Path
from typing import Any

import pytest

from connectors.store.state import Store
from pipelines.publish import publish
from tests.databases import KINDS, database
from tests.pipelines.firm import Firm
from tests.pipelines.kills import Lane
from tests.pipelines.nights import FIRST, SECOND, Record, through, workspace

BOUNDARIES = (
    "files drafted", "files settled", "claimed", "crosswalk closed", "golden closed", "golden opened", "rows written",
    "pointer moved", "link swung",
)  # fmt: skip
QUICK = [
    ("sqlite", "files settled"), ("sqlite", "rows written"), ("sqlite", "pointer moved"), ("sqlite", "link swung"),
    ("postgresql", "golden opened"),
]  # fmt: skip
ALL = [(kind, b) for kind in KINDS for b in BOUNDARIES]
CASES = [pytest.param(*case, marks=() if case in QUICK else pytest.mark.soak) for case in ALL]
WHOLE = ("pointer moved", "link swung")
"""Boundaries after which the publication is in force."""


def prepare(root: Path, number: int, records: dict[str, Record], url: str) -> str:
    """A run that needs only be published; -> its id."""
    run = through(workspace(root, "crm", "shop"), number, records, url=url)
    run.folder.save()
    run.store.close()
    return run.id


def publish_now(root: Path, number: int, records: dict[str, Record], url: str) -> None:
    run = through(workspace(root, "crm", "shop"), number, records, url=url)
    publish(run)
    run.store.close()


def state(url: str) -> dict[str, Any]:
    """All that readers may see, each golden id replaced by the name it was born with."""
    with Store.open(url) as store:
        born: dict[str, str] = {}
        for row in store.feed().to_pylist():
            born.setdefault(row["golden_id"], row["display_name"])
        return {
            "version": store.version(),
            "golden": sorted(
                (born[r["golden_id"]], r["display_name"], r["version"]) for r in store.golden().to_pylist()
            ),
            "crosswalk": [
                (r["source"], r["record_id"], born.get(r["golden_id"]), r["state"])
                for r in store.crosswalk().to_pylist()
            ],
            "feed": sorted((born[r["golden_id"]], r["version"], r["state"]) for r in store.feed().to_pylist()),
            "points": sorted(r["value"] for r in store.detail("contact_points").to_pylist()),
            "events": sorted((e["event"], born[e["golden_id"]]) for e in store.events().to_pylist()),
            "quarantine": [r["record_id"] for r in store.quarantine_items().to_pylist()],
            "models": store.model(),
        }


@pytest.fixture(scope="module")
def calm(second_night: Firm) -> dict[str, Any]:
    """Two nights that nothing disturbed."""
    return state(second_night.url)


@pytest.mark.parametrize(("kind", "boundary"), CASES)
def test_killed_at_a_boundary(tmp_path: Path, lane: Lane, calm: dict[str, Any], kind: str, boundary: str) -> None:
    """kill -9, and readers see the one publication or the other; the next run, and they see what all should see."""
    with database(kind, tmp_path) as url:
        publish_now(tmp_path, 1, FIRST, url)
        assert lane.call("publish_once", str(tmp_path), prepare(tmp_path, 2, SECOND, url), url, boundary) == -9
        with Store.open(url) as store:
            assert store.version() == (2 if boundary in WHOLE else 1)
            assert store.golden().num_rows == (3 if boundary in WHOLE else 4)
        publish_now(tmp_path, 3, SECOND, url)
        assert state(url) == calm
    published = tmp_path / "published"
    current = "run-002" if boundary in WHOLE else "run-003"
    assert (published / "latest").resolve().name == current
    assert sorted(p.name for p in published.iterdir()) == ["latest", "run-001", current]
