"""A firm that is published night by night, and what became of it."""

import csv
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.store.state import Store
from connectors.workspace import Workspace
from pipelines.context import StageResult
from pipelines.publish import publish
from pipelines.rollback import rollback
from pipelines.runner import Summary
from rules.vocabulary import GOLDEN
from tests.pipelines.nights import Record, through, workspace

LATER = datetime(2026, 6, 1, 9, tzinfo=UTC)


class Firm:
    """A workspace with its database, published night by night."""

    def __init__(self, root: Path, url: str) -> None:
        self.space: Workspace = workspace(root, "crm", "shop")
        self.url = url
        self.nights = 0

    def publish(self, records: dict[str, Record], states: dict[str, str] | None = None, **more: Any) -> StageResult:
        self.nights += 1
        run = through(self.space, self.nights, records, states, self.url)
        try:
            run.folder.save()
            result = publish(run, **more)
            run.store.finish_run(run.id, "published" if result.counts["published"] else "unchanged", {})
        finally:
            run.store.close()
        return result

    def back(self, run: str, **more: Any) -> Summary:
        """Take a run back, on a later day."""
        now = LATER + timedelta(days=self.nights)
        return rollback(self.space, run, "maria", "a wrong file", now=now, **more)

    @property
    def store(self) -> Store:
        return Store.open(self.url)

    @property
    def latest(self) -> Path:
        return self.space.root / "published" / "latest"

    def customers(self) -> dict[str, dict[str, Any]]:
        """Golden rows by name."""
        with self.store as store:
            return {row["display_name"]: row for row in store.golden().to_pylist()}


def copied(template: Firm, root: Path) -> Firm:
    """A firm of a test's own, on SQLite, after the nights of another."""
    shutil.copytree(template.space.root, root, symlinks=True, dirs_exist_ok=True)
    firm = Firm(root, f"sqlite:///{root}/state.db")
    firm.nights = template.nights
    return firm


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def replay(feed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    table: dict[str, dict[str, Any]] = {}
    for row in feed:
        values = {name: row[name] for name in GOLDEN.names}
        assert row["version"] == table.get(row["golden_id"], {"version": 0})["version"] + 1
        table[row["golden_id"]] = values | {"state": row["state"]}
    current = [row for row in table.values() if row.pop("state") == "current"]
    return sorted(current, key=lambda row: row["golden_id"])


def table(store: Store, version: int | None = None) -> dict[str, Any]:
    """All of a publication that readers see, without what says when it was written."""
    golden = store.golden(version).drop_columns(["version", "updated_at"]).to_pylist()
    more = [store.detail(name, version).to_pylist() for name in ("contact_points", "relations")]
    return {
        "golden": golden, "more": more, "crosswalk": store.crosswalk(version).to_pylist(),
        "households": store.households(version).to_pylist(), "results": store.results(version).to_pylist(),
    }  # fmt: skip
