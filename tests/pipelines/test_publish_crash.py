"""Killed at any boundary of publishing, the next run ends where an undisturbed one would have."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from connectors.store.state import Store
from pipelines.publish import publish
from tests.pipelines.databases import KINDS, database
from tests.pipelines.nights import FIRST, SECOND, night, ready, through, workspace

ROOT = Path(__file__).parents[2]
BOUNDARIES = (
    "files drafted",
    "files settled",
    "claimed",
    "rows 1",
    "rows 9",
    "rows written",
    "pointer moved",
    "link swung",
)


def state(root: Path, url: str) -> dict[str, Any]:
    """All that readers may see, golden ids replaced by the order in which they were first published."""
    with Store.open(url) as store:
        born = {i: f"C{n}" for n, i in enumerate(sorted(store.golden(version=1)["golden_id"].to_pylist()))}
        names = {r["golden_id"]: r["display_name"] for r in store.golden().to_pylist()}
        return {
            "version": store.version(),
            "golden": sorted(
                (born.get(r["golden_id"], "new"), r["display_name"], r["version"]) for r in store.golden().to_pylist()
            ),
            "crosswalk": [
                (r["source"], r["record_id"], names.get(r["golden_id"]), r["state"])
                for r in store.crosswalk().to_pylist()
            ],
            "feed": sorted((r["cursor"] > 4, r["state"], r["display_name"] or "") for r in store.feed().to_pylist()),
            "points": sorted(r["value"] for r in store.detail("contact_points").to_pylist()),
            "events": sorted(e["event"] for e in store.events().to_pylist()),
            "quarantine": store.quarantine_items().num_rows,
            "files": sorted(r for r in (root / "published/latest/golden.csv").read_text().count("\n") * "x"),
        }


def undisturbed(root: Path, url: str) -> dict[str, Any]:
    for number, records in enumerate((FIRST, SECOND), 1):
        run = through(workspace(root, "crm", "shop"), number, records, url=url)
        publish(run)
        run.store.close()
    return state(root, url)


def killed(root: Path, url: str, boundary: str) -> int:
    """Publish the second night in a process that is killed at a boundary; -> how it ended."""
    command = [sys.executable, str(Path(__file__).with_name("publish_once.py")), str(root), "2", url, boundary]
    return subprocess.run(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT), "PATH": ""}, check=False).returncode


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_killed_at_a_boundary(tmp_path: Path, kind: str, boundary: str) -> None:
    """kill -9, then the next run: readers see what they would have seen without it."""
    (tmp_path / "calm").mkdir()
    (tmp_path / "storm").mkdir()
    with database(kind, tmp_path / "calm") as url:
        expected = undisturbed(tmp_path / "calm", url)
    with database(kind, tmp_path / "storm") as url:
        storm = tmp_path / "storm"
        first = through(workspace(storm, "crm", "shop"), 1, FIRST, url=url)
        publish(first)
        first.store.close()
        assert killed(storm, url, boundary) == -9
        with Store.open(url) as store:
            assert store.version() in (1, 2)
            assert store.golden().num_rows == (4 if store.version() == 1 else 3)
        run = night(workspace(storm, "crm", "shop"), 3, SECOND, url=url)
        ready(run, SECOND)
        publish(run)
        current = run.store.last_published()
        run.store.close()
        assert state(storm, url) == expected
        assert (storm / "published" / "latest").resolve().name == current
        assert sorted(p.name for p in (storm / "published").iterdir()) == sorted({"latest", "run-001", str(current)})
