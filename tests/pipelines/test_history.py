"""A customer's life as `goldseam history` tells it, and what it looked like on any day."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipelines.asked import UnknownRecord
from pipelines.cli import app
from tests.pipelines.firm import Firm
from tests.pipelines.nights import Record

NIGHTS = (
    {"crm:1": Record(1, "Ada"), "shop:1": Record(1, "Ada"), "crm:2": Record(2, "Bob"), "crm:3": Record(3, "Cy")},
    # Bob turns out to be Ada, by a person's word, and Ada writes herself otherwise
    {"crm:1": Record(1, "Ada"), "shop:1": Record(1, "Aada"), "crm:2": Record(1, "Bob"), "crm:3": Record(3, "Cy")},
    # Cy as well, by the data; the shop's row is gone; Dot comes
    {"crm:1": Record(1, "Ada"), "crm:2": Record(1, "Bob"), "crm:3": Record(1, "Cy"), "crm:4": Record(4, "Dot")},
    # Cy was somebody else after all; Dot is gone, and back the night after
    {"crm:1": Record(1, "Ada"), "crm:2": Record(1, "Bob"), "crm:3": Record(3, "Cy")},
    {"crm:1": Record(1, "Ada"), "crm:2": Record(None), "crm:3": Record(3, "Cy"), "crm:4": Record(4, "Dot")},
)  # fmt: skip


class Told:
    """The firm after five nights, and its command line."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "sources").mkdir(parents=True)
        (root / "goldseam.yml").write_text("database: sqlite:///state.db\n", "utf-8")
        for name in ("crm", "shop"):
            columns = "id: [no]\ncolumns: {name: full_name}\n"
            (root / "sources" / f"{name}.yml").write_text(f"kind: csv\nlocation: {name}.csv\n{columns}", "utf-8")
        firm = Firm(root, f"sqlite:///{root}/state.db")
        self.ids: dict[str, str] = {}
        for number, night in enumerate(NIGHTS):
            if number == 1:
                with firm.store as store:
                    store.decide("same", "crm:1", "crm:2", user="maria", reason="she rang", time="2026-01-02T20:00:00")
            firm.publish(night)
            with firm.store as store:
                rows = store.crosswalk().to_pylist()
                self.ids |= {r["golden_id"]: r["record_id"] for r in rows if r["state"] == "active"}
        self.first = {r["source"] + ":" + r["record_id"]: r["golden_id"] for r in _first(firm)}

    def __call__(self, *words: str) -> str:
        found = self.run(*words)
        assert found.exit_code == 0, found.exception
        return found.output

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(app, ["history", *words, "-w", str(self.root)])


def _first(firm: Firm) -> list[dict[str, str]]:
    with firm.store as store:
        rows: list[dict[str, str]] = store.crosswalk(1).to_pylist()
        return rows


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return Told(tmp_path_factory.mktemp("history") / "firm")


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Days are those of the machine's zone."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_a_life_in_plain_words(told: Told) -> None:
    """Created, joined and why and by whom, changed from what to what, lost, split, quarantined: each on its day."""
    ada, bob, cy = (told.first[key] for key in ("crm:1", "crm:2", "crm:3"))
    lines = [line.strip() for line in told(ada).splitlines()]
    split = next(line for line in lines if "split off" in line)
    assert lines == [
        f"{ada} (Ada) is a customer of 2 records: crm:1 and crm:2.",
        "",
        "2026-01-02 03:30  run run-001",
        "Created from crm:1 and shop:1.",
        "2026-01-03 03:30  run run-002",
        f"{bob} (crm:2) joined it: maria decided so (decision 1: she rang).",
        "Changed: display name from Ada to Aada; email from ada@example.org to aada@example.org.",
        "2026-01-04 03:30  run run-003",
        f"{cy} (crm:3) joined it: the data say so.",
        "shop:1 is gone from the source.",
        "Changed: display name from Aada to Ada; email from aada@example.org to ada@example.org.",
        "2026-01-05 03:30  run run-004",
        split,
        "2026-01-06 03:30  run run-005",
        "crm:2 is in quarantine.",
    ]
    assert split.endswith(" (crm:3) split off from it: the data say so.")


def test_a_superseded_id_is_followed(told: Told) -> None:
    """Its own life to the end, and from then on that of the customer it became."""
    ada, bob = told.first["crm:1"], told.first["crm:2"]
    lines = [line.strip() for line in told(bob).splitlines()]
    assert lines[0] == f"{bob} is {ada} (Ada) today, which is a customer of 2 records: crm:1 and crm:2."
    assert f"{bob}: Created from crm:2." in lines
    joined = f"{bob}: Joined to {ada}, which stands for it from now on: maria decided so (decision 1: she rang)."
    after = lines[lines.index(joined) + 1 :]
    assert after
    assert all(line.startswith((f"{ada}: ", "2026-")) for line in after)


def test_a_record_is_followed_through_its_customers(told: Told) -> None:
    """Whose it was and since when, then the life of the customer it belongs to."""
    lines = told("crm:3").splitlines()
    cy, ada = told.first["crm:3"], told.first["crm:1"]
    assert [line.split("  ")[1] for line in lines[1:4]] == [
        f"crm:3 of {golden}, active" for golden in (cy, ada, lines[0].split()[2])
    ]
    assert "Split off from" in lines[-1]


def test_retired_and_returned(told: Told) -> None:
    """Who is gone with its last record, and who came back under its old id."""
    lines = told("crm:4").splitlines()
    assert lines[-3].strip() == "Retired: crm:4 is gone, and no other record holds it."
    assert lines[-1].strip() == "Came back under its old id, with crm:4."


@pytest.mark.parametrize(
    ("record", "day", "expected"),
    [
        ("crm:1", "2026-01-03", ("crm:1", "Aada", ["crm:1", "crm:2", "shop:1"])),
        ("crm:2", "2026-01-03", ("crm:1", "Aada", ["crm:1", "crm:2", "shop:1"])),
        ("crm:2", "2026-01-02", ("crm:2", "Bob", ["crm:2"])),
        ("crm:3", "2026-01-04T12:00+00:00", ("crm:1", "Ada", ["crm:1", "crm:2", "crm:3"])),
    ],
)
def test_what_a_customer_looked_like(told: Told, record: str, day: str, expected: tuple[str, str, list[str]]) -> None:
    """By golden id, of which another may stand for it by then, with values, contact points and records."""
    found = json.loads(told(told.first[record], "--at", day, "--json"))
    then, name, records = expected
    assert found["golden_id"] == told.first[then]
    assert found["golden"]["display_name"] == name
    assert found["records"] == records
    assert [p["value"] for p in found["contact_points"]] == [f"{name.lower()}@example.org"]
    assert name in told(told.first[record], "--at", day)


def test_who_was_not_there(told: Told) -> None:
    """Before its first day there was no such customer, and a retired one is said to be."""
    ada, dot = told.first["crm:1"], next(i for i, record in told.ids.items() if record == "4")
    assert "was not yet a customer" in told(ada, "--at", "2025-12-31")
    assert f"{dot} was retired" in told(dot, "--at", "2026-01-05")


@pytest.mark.parametrize(
    "words", [["nobody"], ["crm:77"], ["crm:1", "--at", "yesterday"], ["crm:4", "--at", "2026-01-02"]]
)
def test_what_nobody_knows(told: Told, words: list[str]) -> None:
    """An id, a record or a day that there is not says what to write."""
    assert isinstance(told.run(*words).exception, UnknownRecord)


def test_the_same_for_machines(told: Told) -> None:
    """Every moment with its time, run, cause, records and fields."""
    found = json.loads(told(told.first["crm:1"], "--json"))
    merged = next(m for m in found["moments"] if m["event"] == "merged")
    assert (merged["cause"], merged["user"], merged["records"]) == ("decision", "maria", ["crm:2"])
    changed = next(m for m in found["moments"] if m["event"] == "changed")
    assert changed["fields"][0] == {"field": "display_name", "from": "Ada", "to": "Aada", "by": None}
    assert {m["run_id"] for m in found["moments"]} == {f"run-{n:03d}" for n in range(1, 6)}
