"""`goldseam publish RUN`: a run that a gate held, or that ran dry, is published after all.

Only while it still says what a run today would say: on the publication in force, under the decisions in force.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

from connectors.store.base import instant
from connectors.store.publication import Act, Conflict
from connectors.store.runs import RunFolder
from connectors.store.state import Store
from connectors.workspace import Workspace
from pipelines import failure, inputs, rejected, resume, runner, yesterday
from pipelines.again import NoSuchRun
from pipelines.context import Run, RunFailed
from pipelines.runner import Summary, Watcher
from pipelines.stages import STAGES

PUBLISH, REPORT = STAGES[-2:]


def publish_run(
    workspace: Workspace, run_id: str, user: str, reason: str = "", watcher: Watcher | None = None,
    now: datetime | None = None,
) -> Summary:  # fmt: skip
    """Publish a run that waits. -> its summary, which says who did it and which gates were passed over.

    Raises NoSuchRun (there is nothing to publish), publication.Conflict (something else is in force by now),
    lock.Busy, RunFailed.
    """
    watcher, now = watcher or Watcher(), now or datetime.now(UTC)
    with runner.alone(workspace) as (workspace, store):
        this = _waiting(workspace, store, run_id)
        _demand_current(this)
        this.act = Act(user, "publish", instant(now), reason)
        summary = _so_far(this)
        store.take_up(run_id, this.started)
        try:
            for stage in (PUBLISH, REPORT):
                runner.step(this, stage, summary, watcher)
            runner.finish(this, summary, watcher)
        except BaseException as error:
            raise RunFailed(_still_held(this, summary, error), summary) from error
    return summary


def _waiting(workspace: Workspace, store: Store, run_id: str) -> Run:
    """A run whose tables are whole and not published."""
    folder = workspace.var / "runs" / run_id
    row = next((row for row in store.runs().to_pylist() if row["run_id"] == run_id), None)
    told = folder / "summary.json"
    if not told.exists():
        raise NoSuchRun(f"there is no run {run_id} in {workspace.root} that came to its end. {_others(workspace.root)}")
    if row and row["version"] is not None:
        raise NoSuchRun(f"run {run_id} is published already, as publication {row['version']}")
    found = RunFolder.open(folder.parent, run_id)
    said = json.loads(told.read_text("utf-8"))
    if said["status"] != "held" or not found.parts("survive", "golden"):
        message = f"run {run_id} ended as {said['status']} and left nothing to publish"
        raise NoSuchRun(f"{message}. Run again: goldseam run -w {workspace.root}")
    started = datetime.fromisoformat(row["started"] if row else said["started"])
    return Run(workspace, found, store, started, yesterday.folder(workspace, store))


def _others(root: Path) -> str:
    waiting = []
    for path in sorted(root.glob("var/runs/*/summary.json"), reverse=True):
        said = json.loads(path.read_text("utf-8"))
        if said["status"] == "held" and said["stages"][-1]["name"] == REPORT.name:
            waiting.append(said["run_id"])
    return f"Runs that wait: {', '.join(waiting[:5])}" if waiting else f"Run it first: goldseam run -w {root}"


def _demand_current(run: Run) -> None:
    """Raises Conflict where a run of today would come to something else."""
    base, now = int(run.folder.read("identify", "base")["version"][0].as_py()), run.store.version()
    remedy = f"Run again: goldseam run -w {run.workspace.root}"
    if base != now:
        message = f"run {run.id} was worked out against publication {base}, and {now} is in force"
        raise Conflict(f"{message}: it would undo what came since. {remedy}")
    if inputs.seen(run)["decisions"] != json.loads((run.folder.root / inputs.FILE).read_text("utf-8"))["decisions"]:
        raise Conflict(f"people decided or corrected something since run {run.id}: it does not heed that. {remedy}")


def _so_far(run: Run) -> Summary:
    """The summary of the run, as it stood before it was held."""
    cut = resume.Cut.read(run.folder)
    stages = [s for s in cut.stages.values() if s.name not in resume.NEVER] if cut else []
    summary = Summary(run.id, stages=stages, rejected=rejected.by_reason(run.folder), started=instant(run.started))
    for result in stages:
        summary.warnings += result.warnings
        if result.name == "validate":
            summary.quarantined = dict(result.counts)
    return summary


def _still_held(run: Run, summary: Summary, error: BaseException) -> str:
    """What to tell of a publication that broke; the run waits as before."""
    summary.status = "held"
    told = failure.on_record(run, summary.stage, error, summary.as_json())
    if run.store.last_published() != run.id:
        run.store.finish_run(run.id, "held", summary.as_json())
    return told
