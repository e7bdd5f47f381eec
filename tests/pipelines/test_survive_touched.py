"""A night on which little changed: only the customers concerned survive anew, and the outcome is a whole run's."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from connectors.store.runs import RunFolder
from connectors.workspace import Workspace
from pipelines import survive as stage
from pipelines import touched
from pipelines.context import Run
from rules import schema, survivorship
from rules import vocabulary as words

SOURCES = ("crm", "web")
NAMES = ("Anna", "ANNA", "Nikos", "Maria", "Eleni")
START = datetime(2026, 3, 1, 3, 30, tzinfo=UTC)


class Firm:
    """A made-up firm whose records change from night to night."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root, self.draw = root, random.Random(seed)
        self.records: dict[tuple[str, str], dict[str, Any]] = {}
        self.decisions: list[dict[str, Any]] = []
        self.settings = {name: schema.Source(kind="csv", location="x.csv", trust=0.5) for name in SOURCES}
        for number in range(40):
            self.records[self.draw.choice(SOURCES), str(number)] = self._record()

    def _record(self) -> dict[str, Any]:
        day = START.date() + timedelta(self.draw.randint(-40, 12))
        contact = self.draw.choice([None] * 4 + ["crm:1", "web:2"])
        return {
            "given_name": self.draw.choice(NAMES), "segment": self.draw.choice("ABC"), "updated_at": str(day),
            "contact_of": contact, "golden_id": f"G{self.draw.randint(0, 20):02}",
        }  # fmt: skip

    def change(self) -> set[tuple[str, str]]:
        """A few records change, come and go; -> their keys."""
        keys = set(self.draw.sample(sorted(self.records), 3))
        for key in sorted(keys):
            if self.draw.random() < 0.3:
                del self.records[key]
            else:
                self.records[key] = self._record() | {"golden_id": self.records[key]["golden_id"]}
        new = (self.draw.choice(SOURCES), f"n{self.draw.randint(0, 99)}")
        self.records[new] = self._record()
        if self.draw.random() < 0.5:  # a record goes to another customer, though nothing in it changed
            self.draw.choice([*self.records.values()])["golden_id"] = f"G{self.draw.randint(0, 20):02}"
        if self.draw.random() < 0.5:
            source, record = self.draw.choice(sorted(self.records))
            self.decisions.append({
                "seq": len(self.decisions) + 1, "kind": "value", "left_source": source, "left_id": record,
                "field": "segment", "value": self.draw.choice("XYZ"),
            })  # fmt: skip
        return keys | {new}

    def run(self, number: int, before: RunFolder | None, changed: set[tuple[str, str]]) -> Run:
        """The night as validate and identify leave it; parts are amended where there was a night before."""
        folder = RunFolder.open(self.root / "runs", f"r{number}")
        for source in SOURCES:
            if before is None:
                folder.write("validate", "records", self._table(source, None), source)
                continue
            gone = pa.table({"record_id": pa.array(sorted(r for s, r in changed if s == source), pa.string())})
            fresh = self._table(source, {r for s, r in changed if s == source})
            folder.amend("validate", "records", fresh, gone, before.parts("validate", "records")[source], source)
        rows = [
            {"source": s, "record_id": r, "golden_id": v["golden_id"]} for (s, r), v in sorted(self.records.items())
        ]
        folder.write("identify", "clusters", pa.Table.from_pylist(rows))
        crosswalk = pa.Table.from_pylist([{**row, "state": "active"} for row in rows], words.CROSSWALK)
        folder.write("identify", "crosswalk", crosswalk)
        homes = sorted({row["golden_id"] for row in rows})[: self.draw.randint(2, 5)]
        household = pa.table({"household_id": pa.repeat("H1", len(homes)), "golden_id": homes})
        folder.write("identify", "households", household)
        made = [{name: d.get(name) for name in words.DECISIONS.names} for d in self.decisions]
        store = SimpleNamespace(decisions=lambda: pa.Table.from_pylist(made, words.DECISIONS))
        workspace = Workspace(self.root, schema.Firm(), self.settings)
        return Run(workspace, folder, store, START + timedelta(number), before)

    def _table(self, source: str, only: set[str] | None) -> pa.Table:
        rows = [
            {name: {"source": s, "record_id": r, **cells}.get(name) for name in words.RECORDS.names}
            for (s, r), cells in sorted(self.records.items())
            if s == source and (only is None or r in only)
        ]
        return pa.Table.from_pylist(rows, words.RECORDS)


def outcome(folder: RunFolder) -> dict[str, list[str]]:
    return {name: sorted(map(str, folder.read("survive", name).to_pylist())) for name in stage.TABLES}


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.soak) for n in range(1, 8))])
def test_the_outcome_is_that_of_a_whole_run(tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Night after night, values, members, households, decisions and dates that come true change what they change."""
    firm = Firm(tmp_path, seed)
    monkeypatch.setattr(touched, "MOST", 9)
    run = firm.run(0, None, set())
    stage.survive(run)
    for number in range(1, 7):
        run = firm.run(number, run.folder, firm.change())
        stage.survive(run)
        whole = RunFolder(run.folder.runs, f"w{number}", dict(run.folder._parts))
        with monkeypatch.context() as patched:
            patched.setattr(touched, "customers", lambda *_: None)
            stage.survive(Run(run.workspace, whole, run.store, run.started, run.before))
        assert outcome(run.folder) == outcome(whole), number


def test_only_the_customers_concerned_survive_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One changed record of one customer: the rules of survivorship see this customer's records and no others."""
    firm = Firm(tmp_path, 1)
    first = firm.run(0, None, set())
    stage.survive(first)
    key, record = sorted(firm.records.items())[0]
    record["segment"] = "Z"
    seen: list[set[str]] = []

    def watched(tables: Any, clusters: pa.Table, **rest: Any) -> Any:
        seen.append(set(clusters["golden_id"].to_pylist()))
        return survivorship.survive(tables, clusters, **rest)

    second = firm.run(1, first.folder, {key})
    second.started = first.started
    second.folder.keep("identify", "households", found=first.folder.parts("identify", "households")["all"])
    monkeypatch.setattr(stage, "survivorship", SimpleNamespace(**{**vars(survivorship), "survive": watched}))
    stage.survive(second)
    assert seen == [{record["golden_id"]}]


def test_other_trust_touches_everybody(tmp_path: Path) -> None:
    """What all customers share, such as the trust in a source, is not taken over from the night before."""
    firm = Firm(tmp_path, 2)
    first = firm.run(0, None, set())
    stage.survive(first)
    firm.settings = {name: source.model_copy(update={"trust": 0.9}) for name, source in firm.settings.items()}
    second = firm.run(1, first.folder, set())
    stage.survive(second)
    assert len(second.folder.parts("survive", "golden")["all"].layers) == 1
    assert second.folder.parts("survive", "golden") != first.folder.parts("survive", "golden")
