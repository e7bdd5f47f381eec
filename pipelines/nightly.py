"""The nightly flow, and its table of contents: land, standardise, validate, match, identify, survive, publish, report.

The only file that imports Prefect. Each stage is one coarse task; what it does, and every rule of a run (the
lock, the gates, when there is nothing to do), is in the plain functions that `goldseam run --plain` calls too.
"""

import os
from datetime import UTC, datetime
from pathlib import Path

# Set before the import: no telemetry leaves the machine, and a slow machine may take its time to start the server.
os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "120")
# What goes wrong is told once, by the command line, without the words of a library that may hold a customer's.
os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")

from prefect import flow, task

from connectors import workspace as workspaces
from pipelines import failure, runner
from pipelines.context import Run
from pipelines.runner import Summary, Watcher
from pipelines.stages import STAGES, Stage
from rules.schema import Mistakes


@task(task_run_name="{name}", persist_result=False)
def stage(name: str, this: Run, step: Stage, summary: Summary, watcher: Watcher) -> bool:  # noqa: ARG001 - names the task
    """One stage; False: the run is over. Prefect puts the words of an exception on record: they are ours."""
    try:
        return runner.step(this, step, summary, watcher)
    except Mistakes:
        raise
    except Exception as error:
        raise failure.StageBroke(failure.reason(error)) from error


@flow(name="goldseam-nightly", flow_run_name="{workspace}", persist_result=False, validate_parameters=False)
def nightly(workspace: str, watcher: Watcher | None = None) -> Summary:
    """One run of a workspace as a Prefect flow."""
    watcher = watcher or Watcher()
    settings = workspaces.read(Path(workspace))
    with runner.opened(settings, datetime.now(UTC)) as (this, summary):
        for step in STAGES:
            if not stage(step.name, this, step, summary, watcher):
                break
        runner.finish(this, summary, watcher)
    return summary
