"""When nights begin: the cases of tests/spec/nights.yml, and every zone that has daylight saving."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
import yaml

from pipelines.nights import times
from pipelines.nights.schedule import NoSchedule, Schedule, Shift, shifts
from rules.schema import Firm

SPEC = yaml.safe_load((Path(__file__).parents[2] / "spec" / "nights.yml").read_text("utf-8"))
START = date(2026, 11, 22)


@pytest.mark.parametrize("case", SPEC["schedules"], ids=lambda c: f"{c['cron']} {c['zone']}")
def test_schedules(case: dict[str, Any]) -> None:
    """A schedule is kept, moved to the nearest hour that is never skipped or repeated, or refused with a remedy."""
    if "refused" in case:
        with pytest.raises(NoSchedule, match=case["refused"]):
            Schedule(case["cron"], ZoneInfo(case["zone"])).moved(START)
        return
    schedule = Schedule(case["cron"], ZoneInfo(case["zone"]))
    assert schedule.moved(START).cron == case["moved"]
    assert bool(schedule.struck(START)) == (case["moved"] != case["cron"])
    assert case.get("says", "") in schedule.why(schedule.struck(START))


@pytest.mark.parametrize("case", SPEC["zones"], ids=lambda c: f"{c.get('country')} {c.get('timezone')}")
def test_zones(case: dict[str, Any]) -> None:
    """The zone that was asked for, that of the settings, that of the country where it has one, else UTC, and why."""
    firm = Firm.model_validate({"country": case.get("country"), "nightly": {"timezone": case.get("timezone")}})
    if "refused" in case:
        with pytest.raises(NoSchedule, match=case["refused"]):
            times.zone(firm, case.get("asked"), START)
        return
    zone, why = times.zone(firm, case.get("asked"), START)
    assert zone.key == case["zone"]
    assert case.get("says", "") in why


@cache
def changing() -> dict[tuple[Shift, ...], str]:
    """One zone for each way in which clocks change somewhere in the next two years."""
    fortnights = [datetime(2027, 1, 1, tzinfo=UTC) + timedelta(days=14 * n) for n in range(27)]
    zones = map(ZoneInfo, sorted(available_timezones()))
    moving = [zone for zone in zones if len({moment.astimezone(zone).utcoffset() for moment in fortnights}) > 1]
    return {shifts(zone, START, years=2): zone.key for zone in moving}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "zone" in metafunc.fixturenames:
        metafunc.parametrize("zone", sorted(changing().values()))


def test_a_time_is_struck_exactly_if_the_clock_never_or_twice_shows_it(zone: str) -> None:
    """Every quarter of an hour of every day on which the clock changes, against what zoneinfo says of it."""
    place = ZoneInfo(zone)
    struck = {begin for begin, _ in Schedule("*/15 * * * *", place).struck(START, years=2)}
    days = {shift.begins.date() for shift in shifts(place, START, years=2)}
    for day in days | {day + timedelta(days=1) for day in days}:
        for quarter in range(96):
            wall = datetime(day.year, day.month, day.day) + timedelta(minutes=15 * quarter)
            assert (wall in struck) == (_shown(wall, place) != 1), f"{wall} in {zone}"


def _shown(wall: datetime, zone: ZoneInfo) -> int:
    """How often a clock shows a time: zoneinfo takes either reading of it to UTC; back again it may be another."""
    readings = {wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return len([moment for moment in readings if moment.astimezone(zone).replace(tzinfo=None) == wall])


def test_a_moved_schedule_begins_once_a_day(zone: str) -> None:
    """Whatever half hour one chooses, in every zone: one beginning on each day of the two years that follow."""
    place = ZoneInfo(zone)
    moved = {Schedule(f"30 {hour} * * *", place).moved(START).cron for hour in range(24)}
    days = {shift.begins.date() for shift in shifts(place, START, years=2)}
    for cron in moved:
        for day in days:
            noon = datetime(day.year, day.month, day.day, 12, tzinfo=place) - timedelta(days=1)
            first = Schedule(cron, place).after(noon)
            assert Schedule(cron, place).after(first).date() - first.date() == timedelta(days=1)


def test_prefect_begins_the_nights_at_the_same_moments(zone: str) -> None:
    """Prefect reads cron with a library of its own: four nights around every change of the clock are the same."""
    from prefect.server.schemas.schedules import CronSchedule

    place = ZoneInfo(zone)
    for hour in (1, 2, 3):
        schedule = Schedule(f"30 {hour} * * *", place).moved(START)
        for day in {shift.begins.date() for shift in shifts(place, START, years=2)}:
            moment = datetime(day.year, day.month, day.day, 12, tzinfo=place) - timedelta(days=1)
            found = asyncio.run(CronSchedule(cron=schedule.cron, timezone=zone).get_dates(4, moment.astimezone(UTC)))
            for begin in found:
                moment = schedule.after(moment)
                assert begin == moment


def test_a_night_is_before_after_and_until_in_the_zone_of_its_schedule() -> None:
    """The last beginning, the next one, the first moment from it on at which clocks show a time, over midnight too."""
    schedule = Schedule("30 22 * * *", ZoneInfo("Europe/Athens"))
    now = datetime(2026, 11, 22, 21, tzinfo=UTC)
    began = schedule.due(now)
    assert began == datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
    assert schedule.after(now) == datetime(2026, 11, 23, 20, 30, tzinfo=UTC)
    assert schedule.until(began, "23:00") == datetime(2026, 11, 22, 21, tzinfo=UTC)
    assert schedule.until(began, "05:30") == datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
    assert schedule.due(began) == schedule.due(began - timedelta(seconds=59)) == began
    assert schedule.due(began - timedelta(minutes=1)) == began - timedelta(days=1)


def test_a_firm_is_told_its_clock_and_that_its_schedule_was_moved() -> None:
    """The command's words win over the settings, and what becomes of them is said with the dates."""
    firm = Firm.model_validate({"country": "GR", "nightly": {"cron": "0 1 * * *"}})
    kept, said = times.schedule(firm, None, None, START)
    assert (kept.cron, kept.zone.key) == ("0 1 * * *", "Europe/Athens")
    assert said == ["Times are those of Europe/Athens, the time of GR."]
    moved, said = times.schedule(firm, "30 3 * * *", None, START)
    assert moved.cron == "30 4 * * *"
    assert said[1].endswith('The nights begin at "30 4 * * *" instead.')
    with pytest.raises(NoSchedule, match="say when"):
        times.schedule(Firm(), None, None, START)
