"""`goldseam nightly`."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.run import WorkspaceOption

if TYPE_CHECKING:
    from connectors.workspace import Workspace
    from pipelines.nights.schedule import Schedule

NIGHTS = 30
"""That are listed for a person."""

CronOption = Annotated[
    str | None, typer.Option("--cron", help='When: minute, hour, day of month, month, day of week, as "30 2 * * *".')
]
ZoneOption = Annotated[
    str | None, typer.Option("--timezone", help="Of the schedule, as Europe/Athens; else that of the firm's country.")
]
ShadowOption = Annotated[
    bool | None, typer.Option("--shadow/--publish", help="Everything but publishing, for the first weeks.")
]


def nightly(
    workspace: WorkspaceOption = Path(),
    cron: CronOption = None,
    timezone: ZoneOption = None,
    shadow: ShadowOption = None,
    once: Annotated[
        bool, typer.Option("--once", help="One night, now, without Prefect; for other schedulers.")
    ] = False,
    listed: Annotated[bool, typer.Option("--list", help="What became of the last nights, and nothing else.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --list: as JSON.")] = False,
) -> None:
    """A run every night, until it is stopped: as a service, see deploy/ of a workspace.

    Waits for late files, tries sources again, tells people by mail and chat of nights that are late, held or failed,
    and lets a monitor know that it lives: `nightly:` in goldseam.yml. A night never begins in the hour that daylight
    saving skips or repeats. Prefect's server is the one that PREFECT_API_URL names, else one of its own.

    Exit codes (with --once those of run): 0 stopped or published, 1 failed, 2 wrong usage or configuration, 3 held.

    Examples:

      goldseam nightly -w my-firm --cron "30 2 * * *" --timezone Europe/Athens

      goldseam nightly -w my-firm --once --shadow

      goldseam nightly -w my-firm --list
    """
    from connectors import workspace as workspaces
    from pipelines import check
    from pipelines.nights import times
    from pipelines.nights.check import demand_secrets
    from pipelines.nights.schedule import NoSchedule

    if listed:
        return _list(workspaces.read(workspace), timezone, as_json)
    settings = check.read(workspace)
    demand_secrets(settings)
    said: list[str] = []
    schedule = None
    try:
        if not once or cron or settings.firm.nightly.cron or settings.firm.nightly.wait_for:
            schedule, said = times.schedule(settings.firm, cron, timezone, datetime.now(UTC).date())
    except NoSchedule as error:
        raise typer.BadParameter(str(error)) from error
    for sentence in said:
        typer.echo(sentence, err=True)
    quiet = settings.firm.nightly.shadow if shadow is None else shadow
    if schedule is None or once:
        return _once(settings, schedule, quiet)
    return _serve(settings, schedule, quiet)


def _once(settings: "Workspace", schedule: "Schedule | None", shadow: bool) -> None:
    """One night, now; ends the command with the exit code of its run."""
    from functools import partial

    from pipelines import runner
    from pipelines.nights.night import Keeper
    from pipelines.nights.say import say

    told = partial(say, zone=schedule.zone if schedule else None)
    summary = Keeper(settings, schedule, shadow, told).keep(partial(runner.run, settings))
    raise typer.Exit(summary.exit_code)


def _serve(settings: "Workspace", schedule: "Schedule", shadow: bool) -> None:
    """Serve the nights until somebody stops the process, with a watch beside it."""
    from functools import partial

    from connectors.store import lock
    from pipelines.nights.say import say
    from pipelines.nights.serving import Watch

    with lock.held(settings.var / "nightly.lock", "the nights of this workspace are served already"):
        now, told = datetime.now(UTC), partial(say, zone=schedule.zone)
        told(f"the next night begins {schedule.after(now):%Y-%m-%d %H:%M %Z}")
        over = Watch(settings, schedule, now, told).start()
        try:
            from pipelines.nightly import serve

            serve(settings, schedule, shadow)
        finally:
            over.set()


def _list(settings: "Workspace", timezone: str | None, as_json: bool) -> None:
    """The last nights, the latest first, in the time of the schedule; where nobody said which, in this machine's."""
    from dataclasses import asdict

    from pipelines.nights import times, words
    from pipelines.nights.record import Nights
    from pipelines.nights.schedule import NoSchedule

    nights = Nights(settings.var).all()
    if as_json:
        return typer.echo(json.dumps([asdict(night) for night in nights], ensure_ascii=False, indent=1))
    try:
        zone = times.zone(settings.firm, timezone, datetime.now(UTC).date())[0]
    except NoSchedule:
        zone = None
    for night in nights[:NIGHTS]:
        typer.echo(words.line(night, zone))
    return None if nights else typer.echo("No night has been yet.")
