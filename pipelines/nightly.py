"""The nightly flow, and its table of contents: land, standardise, validate, match, identify, survive, publish, report.

The only file that imports Prefect. Each stage is one coarse task; what it does, and every rule of a run (the
lock, the gates, when there is nothing to do), is in the plain functions that `goldseam run --plain` calls too; what a
night is beyond its run is in `pipelines/nights/`.
"""

import atexit
import multiprocessing
import os
import sys
import warnings
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Unpack

# Set before the import: no telemetry leaves the machine.
os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
# What goes wrong is told once, by the command line, without the words of a library that may hold a customer's.
os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
os.environ.setdefault("PREFECT_LOGGING_ROOT_LEVEL", "CRITICAL")

from prefect import flow, task
from prefect.artifacts import create_link_artifact, create_table_artifact
from prefect.client.schemas.objects import State
from prefect.schedules import Cron
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Completed
from prefect.types.entrypoint import EntrypointType

from connectors import workspace as workspaces
from connectors.workspace import Workspace
from pipelines import failure, runner
from pipelines.context import How, Run, RunFailed
from pipelines.failure import TookTooLong
from pipelines.nights import figures, server, times, words
from pipelines.nights.night import Keeper
from pipelines.nights.say import say
from pipelines.nights.schedule import Schedule
from pipelines.stages import STAGES, Stage
from pipelines.summary import Summary, Watcher
from rules.schema import Mistakes


@atexit.register
def _end_quietly() -> None:
    """Prefect keeps objects of DuckDB to the very end, whose binding would then fill the error stream with counts."""
    sys.stderr.flush()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


STOPPED = 30.0
"""Seconds that a night has to end itself when its service is stopped; what it leaves the next run goes on with."""


@task(task_run_name="{name}", persist_result=False)
def stage(name: str, this: Run, step: Stage, summary: Summary, watcher: Watcher) -> bool:  # noqa: ARG001 - names the task
    """One stage; False: the run is over. Prefect puts the words of an exception on record: they are ours."""
    try:
        return runner.step(this, step, summary, watcher)
    except Mistakes:
        raise
    except (Exception, TookTooLong) as error:
        raise failure.StageBroke(failure.reason(error)) from error


def walk(settings: Workspace, watcher: Watcher, **how: Unpack[How]) -> Summary:
    """The run itself, within a flow: the eight stages in order."""
    try:
        with runner.opened(settings, datetime.now(UTC), **how) as (this, summary):
            _through(STAGES, this, summary, watcher)
            runner.finish(this, summary, watcher)
    except RunFailed as failed:
        show(settings, failed.summary)
        raise
    show(settings, summary)
    return summary


def _through(stages: Sequence[Stage], this: Run, summary: Summary, watcher: Watcher) -> None:
    for step in stages:
        if not stage(step.name, this, step, summary, watcher):
            break


def show(settings: Workspace, summary: Summary) -> None:
    """The summary as Prefect's artifacts; a run is not failed for a server that did not take them."""
    with suppress(Exception):
        for subject, rows in figures.tables(summary).items():
            create_table_artifact(rows, key=f"goldseam-{subject}", description=f"Run {summary.run_id}: {subject}")
        page = words.page(settings, summary.run_id)
        create_link_artifact(page, link_text="Scorecard", key="goldseam-scorecard")


@flow(name="goldseam-run", flow_run_name="{workspace}", persist_result=False, validate_parameters=False)
def nightly(workspace: str, watcher: Watcher | None = None, dry: bool = False, full: bool = False) -> Summary:
    """One run of a workspace as a Prefect flow: `goldseam run` with the server that is set."""
    return walk(workspaces.read(Path(workspace)), watcher or Watcher(), dry=dry, full=full)


def rest(this: Run, summary: Summary, watcher: Watcher) -> None:
    """What follows landing, as a flow of a Prefect server of our own; should that not start, without a flow."""

    @flow(name=nightly.name, flow_run_name="{workspace}", persist_result=False)
    def follow(workspace: str) -> None:  # noqa: ARG001 - names the flow run
        _through(STAGES[1:], this, summary, watcher)
        show(this.workspace, summary)

    try:
        url = server.lasting(this.workspace.var)
    except server.NoServer as error:
        summary.warnings.append(f"{error}. The run went on without Prefect")
        runner.walk(this, summary, watcher)
        return
    with temporary_settings({PREFECT_API_URL: url}):
        follow(str(this.workspace.root))


@flow(name="goldseam-nightly", flow_run_name="{workspace}", persist_result=False)
def night(workspace: str, cron: str, timezone: str, shadow: bool = False) -> State[Any]:
    """One night of a workspace: its run, and all that is around it."""
    settings = workspaces.read(Path(workspace))
    schedule = Schedule(cron, times.named(timezone))
    keeper = Keeper(settings, schedule, shadow, partial(say, zone=schedule.zone))
    summary = keeper.keep(partial(walk, settings))
    return Completed(name=summary.status.capitalize(), message=words.status(keeper.night))


def server_set() -> str | None:
    """The address of the user's Prefect server; None: one of our own serves."""
    return PREFECT_API_URL.value() or None


def serve(settings: Workspace, schedule: Schedule, shadow: bool) -> None:
    """Serve the nights until the process is ended, with the Prefect server that is set, else with one of our own.

    Raises server.NoServer where it does not answer; where it stops answering the process is ended.

    Nights never overlap: one process at a time, and a run holds the workspace by a lock of the operating system. A
    limit on the server is not set: a run that was killed might keep its place there, and turn away the nights after it.
    """
    root = settings.root.resolve()
    given = nullcontext(url) if (url := server_set()) else server.started(settings.var)
    warnings.filterwarnings("ignore", "coroutine 'Runner.astop' was never awaited")  # Prefect's, of stopping by SIGTERM
    with given as url, temporary_settings({PREFECT_API_URL: url}):
        name = words.deployment(root)
        told = partial(say, zone=schedule.zone)
        server.watch(url, told)
        told(f"serving goldseam-nightly/{name} with the Prefect server at {url}")
        try:
            night.serve(
                name=name,
                description=f"The nights of {settings.firm.firm}",
                schedule=Cron(schedule.cron, timezone=schedule.zone.key),
                parameters={
                    "workspace": str(root), "cron": schedule.cron, "timezone": schedule.zone.key, "shadow": shadow,
                },
                limit=1,
                entrypoint_type=EntrypointType.MODULE_PATH,
                print_starting_message=False,
            )  # fmt: skip
        finally:
            _stop_nights()


def _stop_nights() -> None:
    """A night that is under way is stopped and put on record as such, while the server is still there to hear of it."""
    under_way = multiprocessing.active_children()
    for child in under_way:
        child.terminate()
    for child in under_way:
        child.join(STOPPED)
        child.kill()
