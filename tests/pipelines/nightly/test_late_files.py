"""Waiting for files that are late."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipelines import gates
from pipelines.nights import late_files
from pipelines.nights.late_files import Waiting
from pipelines.nights.record import Night, Nights
from tests.pipelines.nightly.conftest import Firm, Walked, moment

BEGAN = moment("2026-11-22 02:30")


class Clock:
    """A clock that only sleeping moves; at a time something may happen."""

    def __init__(self) -> None:
        self.now = BEGAN
        self.at: dict[datetime, Path] = {}
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)
        for time, path in self.at.items():
            if time <= self.now and not path.exists():
                path.write_text("no\n1\n")


@pytest.fixture
def clock() -> Clock:
    return Clock()


def waiting(firm: Firm, clock: Clock, since: datetime | None, **until: str) -> Waiting:
    moments = {name: moment(f"2026-11-22 {time}") for name, time in until.items()}
    return Waiting(firm.workspace(), moments, since, firm.said.append, clock.sleep, lambda: clock.now)


def test_a_night_goes_on_as_soon_as_the_file_is_there(firm: Firm, clock: Clock) -> None:
    """Looked for once a minute; who waits for what is said once."""
    clock.at[BEGAN + timedelta(minutes=7)] = firm.root / "inbox" / "crm.csv"
    assert waiting(firm, clock, None, crm="05:30").wait() == {}
    assert clock.now == BEGAN + timedelta(minutes=7)
    assert firm.said == ["waiting for a new file of crm, until 05:30 UTC"]


def test_a_night_goes_on_at_the_deadline_without_the_file(firm: Firm, clock: Clock) -> None:
    """Each source has its own; the last look is at the moment itself, and never after it."""
    clock.at[BEGAN + timedelta(minutes=10)] = firm.root / "inbox" / "shop.csv"
    assert waiting(firm, clock, None, crm="02:40", shop="05:30").wait() == {"crm": "02:40"}
    assert clock.now == BEGAN + timedelta(minutes=10)
    assert max(clock.slept) == late_files.EVERY


def test_what_came_before_the_last_night_looked_is_not_new(firm: Firm, clock: Clock) -> None:
    """Yesterday's file; but one that was copied here since counts, though it keeps the time of its content."""
    path = firm.root / "inbox" / "crm.csv"
    path.write_text("no\n1\n")
    looked = datetime.fromtimestamp(path.stat().st_ctime + 1, BEGAN.tzinfo)
    assert waiting(firm, clock, looked, crm="02:31").wait() == {"crm": "02:31"}
    os.utime(path, (0, 0))
    before = datetime.fromtimestamp(path.stat().st_ctime - 1, BEGAN.tzinfo)
    assert waiting(firm, clock, before, crm="02:31").come("crm")


def test_a_deadline_that_is_over_when_the_night_begins_is_not_waited_for(firm: Firm, clock: Clock) -> None:
    """A night that is made up for by hand in the morning does not wait until the next one."""
    assert waiting(firm, clock, None, crm="02:00").wait() == {"crm": "02:00"}
    assert clock.slept == []


def test_the_next_night_wants_a_file_that_is_newer_than_the_look_of_the_last(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its run knows what did not come, people are told, and an essential source holds the run."""
    (firm.root / "inbox" / "crm.csv").write_text("no\n1\n")
    settings = {"wait_for": {"crm": "02:30"}}  # the deadline is the beginning: nothing waits in this test
    first, second = Walked(), Walked()
    firm.keeper(**settings).keep(first)
    monkeypatch.setattr(Nights, "looked", lambda *_: datetime.now(UTC) + timedelta(seconds=2))
    firm.keeper(**settings).keep(second)
    assert (first.how["missing"], second.how["missing"]) == ({}, {"crm": "02:30"})
    assert "no new file of crm came by 02:30" in firm.box.mails[-1].get_content()
    run = SimpleNamespace(workspace=firm.workspace(), missing={"crm": "02:30", "shop": "02:30"})
    assert gates.missing_sources(run) == [  # type: ignore[arg-type]  # as much of a run as it asks for
        "the essential source crm brought no new file by 02:30: see whether its export runs"
    ]


LOOKS = ("2026-11-20 02:31", "2026-11-21 02:45", "2026-11-21 22:00", "2026-11-22 02:31")


@pytest.mark.parametrize(
    ("looks", "found"),
    [
        (LOOKS[:2], LOOKS[1]),  # the night before, after it had waited
        (LOOKS[:3], LOOKS[1]),  # a run by hand in the evening takes no new file away from the night
        (LOOKS, LOOKS[1]),  # the night is made up for
        (LOOKS[:1], LOOKS[0]),  # a night was missed
        (LOOKS[3:], None),  # this is the first
        ((), None),
    ],
)
def test_since_when_a_file_is_new(tmp_path: Path, looks: tuple[str, ...], found: str | None) -> None:
    """Since the first look that was due to the night before."""
    nights = Nights(tmp_path)
    for look in looks:
        nights.save(Night.begin(moment(look), shadow=False).but(looked=moment(look).isoformat()))
    assert nights.looked(BEGAN - timedelta(days=1), BEGAN) == (moment(found) if found else None)
