"""A source that fails: since when its snapshot stands in, and when that holds the run."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors import workspace
from pipelines import runner
from pipelines.runner import Summary
from tests.pipelines.landings import PEOPLE, Nights


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(tmp_path)


def break_it(nights: Nights) -> None:
    (nights.root / "inbox/crm.csv").unlink()


def test_a_snapshot_that_stands_in_says_since_when(nights: Nights) -> None:
    """The day it last landed, and how long ago that was; a night on which nothing changed counts as landed."""
    nights.run()
    nights.run()
    break_it(nights)
    for days, said in ((0, "less than a day old"), (1, "1 day old"), (9, "10 days old")):
        nights.run(days=days)
        (warning,) = nights.result.warnings
        assert f"last good snapshot (3 rows of 2026-01-03, {said}) stands in" in warning
        assert nights.source("crm")["landed_at"] == "2026-01-03T03:30:00+00:00"
        assert nights.held == []


def test_one_that_is_too_old_holds_the_run(nights: Nights) -> None:
    """`expect.stale_at_most` in days: up to it the run goes on with a warning."""
    nights.declare("crm", "expect: {stale_at_most: 2}\n")
    nights.run()
    break_it(nights)
    nights.run(days=2)
    assert nights.held == []
    nights.run(days=1)
    (reason,) = nights.held
    assert reason.startswith("the source crm last landed 3 days ago, and `stale_at_most` is 2: inbox/crm.csv: there")
    nights.write("inbox/crm.csv", PEOPLE)
    nights.run()
    assert (nights.states()["crm"], nights.held) == ("unchanged", [])


def test_a_limit_of_zero_days_bears_a_morning(nights: Nights) -> None:
    """Days are whole ones."""
    nights.declare("crm", "expect: {stale_at_most: 0}\n")
    nights.run()
    break_it(nights)
    nights.run(days=0)
    assert nights.held == []
    nights.run()
    assert len(nights.held) == 1


def test_an_essential_source_holds_the_run_at_once(nights: Nights) -> None:
    """Also one that never landed."""
    nights.declare("crm", "essential: true\n")
    break_it(nights)
    nights.run()
    assert nights.held[0].startswith("the essential source crm did not land: inbox/crm.csv: there is no such file")


def test_a_held_run_publishes_nothing_and_says_why(firm: Path) -> None:
    """Through the whole run: a warning first, exit code 3 once the snapshot is too old, and nothing retired by then."""
    (source,) = (firm / "sources").glob("*.yml")
    text = source.read_text("utf-8").replace("expect: {", "expect: {stale_at_most: 1, ")
    source.write_text(text.replace("essential: true", "essential: false"), "utf-8")
    (file,) = (firm / "inbox").glob("*.csv")
    content = file.read_bytes()

    def on_day(number: int) -> Summary:
        return runner.run(workspace.read(firm), now=datetime(2026, 1, number, 3, 30, tzinfo=UTC))

    golden = on_day(1).golden
    file.unlink()
    later = on_day(2)
    assert (later.status, later.golden) == ("unchanged", golden)
    assert "of 2026-01-01, 1 day old" in later.as_json()["warnings"][0]
    held = on_day(3)
    assert runner.EXIT[held.status] == 3
    assert "`stale_at_most` is 1" in held.reasons[0]
    file.write_bytes(content)
    again = on_day(4)
    assert (again.status, again.reasons) == ("unchanged", [])
