"""When nights begin, and that it is never in an hour that daylight saving skips or repeats.

A time in a skipped hour never comes; one in a repeated hour comes twice. Either is found before anything is served,
by holding the schedule against every change of the zone's clock in the next ten years (IANA data, by zoneinfo).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

YEARS: Final = 10
"""How far ahead is looked."""
FIELDS: Final = 5
EARLY: Final = timedelta(minutes=1)
"""By how much a night may seem to begin before its time: clocks are not read at one moment."""


class NoSchedule(Exception):
    """A schedule that cannot be kept; the message says why and what to write instead."""


@dataclass(frozen=True)
class Shift:
    """One change of a zone's clock: the wall-clock times from `begins` to before `ends` come never, or twice."""

    begins: datetime
    ends: datetime
    repeated: bool

    def __str__(self) -> str:
        what = "repeats" if self.repeated else "skips"
        return f"on {self.begins:%Y-%m-%d} the clock {what} {self.begins:%H:%M} to {self.ends:%H:%M}"


@dataclass(frozen=True)
class Schedule:
    """When nights begin, as cron has it, in a zone."""

    cron: str
    zone: ZoneInfo

    def __post_init__(self) -> None:
        """Raises NoSchedule."""
        try:
            CronSim(self.cron, datetime(2000, 1, 1))
            if len(self.cron.split()) != FIELDS:
                raise CronSimError("five fields")
        except CronSimError as error:
            raise NoSchedule(
                f"{self.cron!r} is no schedule. Write minute, hour, day of month, month and day of week, "
                'as "30 2 * * *" for half past two every night'
            ) from error

    def after(self, moment: datetime) -> datetime:
        """The first beginning after a moment (with time zone)."""
        return next(CronSim(self.cron, moment.astimezone(self.zone)))

    def due(self, moment: datetime) -> datetime:
        """The last beginning at or before a moment; one that is less than a minute ahead counts: clocks differ."""
        return next(CronSim(self.cron, moment.astimezone(self.zone) + EARLY, reverse=True))

    def until(self, began: datetime, clock: str) -> datetime:
        """The first moment from `began` on at which clocks show a time of day (HH:MM)."""
        local = began.astimezone(self.zone)
        then = datetime.combine(local.date(), time.fromisoformat(clock), self.zone)
        return then if then >= local else then + timedelta(days=1)

    def struck(self, start: date, years: int = YEARS) -> list[tuple[datetime, Shift]]:
        """Every beginning (wall clock) that falls into a skipped or repeated hour."""
        return [(begin, s) for s in shifts(self.zone, start, years) for begin in self._within(s)]

    def _within(self, shift: Shift) -> Iterator[datetime]:
        for begin in CronSim(self.cron, shift.begins - timedelta(minutes=1)):
            if begin >= shift.ends:
                return
            yield begin

    def moved(self, start: date) -> "Schedule":
        """The schedule itself, or that of the nearest hour that is never skipped or repeated.

        Raises NoSchedule where it names no single hour that could be moved.
        """
        hit = self.struck(start)
        if not hit:
            return self
        minute, hour, *rest = self.cron.split()
        if hour.isdigit():
            for other in sorted(range(24), key=lambda h: (abs(h - int(hour)), -h)):
                moved = Schedule(" ".join([minute, str(other), *rest]), self.zone)
                if not moved.struck(start):
                    return moved
        raise NoSchedule(
            f"{self.why(hit)}. Name an hour outside of it, or keep to a clock without such: --timezone UTC"
        )

    def why(self, hit: list[tuple[datetime, Shift]]) -> str:
        """What is wrong with a schedule, with the first dates."""
        dates = "; ".join(dict.fromkeys(str(shift) for _, shift in hit[:3]))
        return f'"{self.cron}" falls into the hour that daylight saving moves in {self.zone.key}: {dates}'


@cache
def shifts(zone: ZoneInfo, start: date, years: int = YEARS) -> tuple[Shift, ...]:
    """Every change of a zone's clock from a day on."""
    moment = datetime.combine(start, time(), UTC)
    found = []
    for _ in range(366 * years):
        later = moment + timedelta(days=1)
        if _offset(zone, moment) != _offset(zone, later):
            found.append(_between(zone, moment, later))
        moment = later
    return tuple(found)


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _between(zone: ZoneInfo, low: datetime, high: datetime) -> Shift:
    """The change between two moments a day apart, found by halving to the second."""
    before, after = _offset(zone, low), _offset(zone, high)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=int((high - low).total_seconds() / 2))
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    old, new = ((high + offset).replace(tzinfo=None) for offset in (before, after))
    return Shift(min(old, new), max(old, new), repeated=after < before)


def alike(zones: Iterable[ZoneInfo], start: date) -> bool:
    """Whether zones show the same time for ten years to come."""
    noon = datetime.combine(start, time(12), UTC)
    told = {(_offset(zone, noon), *((s.begins, s.ends) for s in shifts(zone, start))) for zone in zones}
    return len(told) == 1
