"""When the nights of a workspace begin: by which schedule, in which time zone."""

from datetime import date
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipelines.nights.schedule import NoSchedule, Schedule, alike
from rules.schema import Firm

UTC: Final = ZoneInfo("UTC")


def schedule(firm: Firm, cron: str | None, timezone: str | None, today: date) -> tuple[Schedule, list[str]]:
    """When the nights of a workspace begin, and what is to be said about it. Raises NoSchedule.

    The settings, over which the arguments win; moved out of the hour that daylight saving skips or repeats.
    """
    asked = cron or firm.nightly.cron
    if not asked:
        raise NoSchedule('say when, as --cron "30 2 * * *", or `cron:` under `nightly:` in goldseam.yml')
    chosen, why = zone(firm, timezone, today)
    wanted = Schedule(asked, chosen)
    kept = wanted.moved(today)
    said = [f"Times are those of {chosen.key}, {why}."]
    if kept != wanted:
        said.append(f'{wanted.why(wanted.struck(today))}. The nights begin at "{kept.cron}" instead.')
    return kept, said


def zone(firm: Firm, asked: str | None, today: date) -> tuple[ZoneInfo, str]:
    """The zone of a firm's nights, and why it is this one.

    What was asked for, else what the settings say, else that of the firm's country where its clocks agree, else UTC.
    Raises NoSchedule where there is no such zone, and where a country has several.
    """
    if said := asked or firm.nightly.timezone:
        return named(said), "as you say"
    if not firm.country:
        return UTC, "since goldseam.yml names neither a timezone nor a country"
    found = of_country(firm.country)
    if not found:
        return UTC, f"since no time zone of {firm.country} is known"
    if not alike(map(ZoneInfo, found), today):
        raise NoSchedule(
            f"{firm.country} has several time zones. Say which is yours, as --timezone {found[0]}, or `timezone:` "
            f"under `nightly:` in goldseam.yml: {', '.join(found)}"
        )
    return ZoneInfo(found[0]), f"the time of {firm.country}"


def of_country(country: str) -> list[str]:
    """The zones of a country (ISO 3166), in the order of the table `zone.tab` of the IANA data."""
    lines = (files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return [row[2] for row in rows if row[0] == country]


def named(name: str) -> ZoneInfo:
    """The zone of a name. Raises NoSchedule where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise NoSchedule(
            f"there is no time zone {name!r}. Write its name in the IANA data, as Europe/Athens or UTC"
        ) from error
