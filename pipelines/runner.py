"""One run from start to finish, without Prefect: `goldseam run --plain`. `nightly.py` calls the same pieces.

Until publish moves the version pointer a run writes only to its own folder, so a run that fails, is held or is
killed leaves everything as it was.
"""

import json
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.store import lock, retention
from connectors.store.runs import RunFolder
from connectors.workspace import Workspace
from pipelines import check, gates, inputs, rejected
from pipelines.context import Run, RunFailed, StageResult, no_progress
from pipelines.stages import STAGES, Stage
from rules.schema import Mistakes

EXIT = {"published": 0, "unchanged": 0, "failed": 1, "held": 3}
NO_CHANGES = {"created": 0, "merged": 0, "split": 0, "changed": 0, "retired": 0}


@dataclass
class Summary:
    """What `goldseam run --json` prints, and what a person is shown."""

    run_id: str
    status: str = "failed"
    stages: list[StageResult] = field(default_factory=list)
    quarantined: dict[str, int] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)
    """Rows of data that could not be read as records, by reason."""
    golden: int = 0
    changes: dict[str, int] = field(default_factory=lambda: dict(NO_CHANGES))
    reasons: list[str] = field(default_factory=list)
    """Why a run failed or is held."""
    warnings: list[str] = field(default_factory=list)
    """What somebody must see to, though the run went on: a source that failed."""
    stage: str = ""
    """The stage that the run is in."""

    def as_json(self) -> dict[str, Any]:
        stages = [
            {"name": s.name, "rows_in": s.rows_in, "rows_out": s.rows_out, "seconds": round(s.seconds, 3)}
            for s in self.stages
        ]
        return {
            "run_id": self.run_id,
            "status": self.status,
            "stages": stages,
            "quarantined": self.quarantined,
            "rejected": self.rejected,
            "golden": self.golden,
            "changes": self.changes,
            **({"reasons": self.reasons} if self.reasons else {}),
            **({"warnings": self.warnings} if self.warnings else {}),
        }


class Watcher:
    """Somebody who watches a run; the command line draws bars, tests and `--json` do not."""

    def begin(self, stage: Stage) -> Callable[[float, float], None]:  # noqa: ARG002 - for those who draw
        return no_progress

    def end(self, result: StageResult) -> None:
        """A stage is done."""


def run(workspace: Workspace, watcher: Watcher | None = None, now: datetime | None = None) -> Summary:
    """One whole run. Raises lock.Busy where another run of this workspace is under way."""
    watcher = watcher or Watcher()
    with opened(workspace, now or datetime.now(UTC)) as (this, summary):
        for stage in STAGES:
            if not step(this, stage, summary, watcher):
                break
        finish(this, summary, watcher)
    return summary


@contextmanager
def opened(workspace: Workspace, now: datetime) -> Iterator[tuple[Run, Summary]]:
    """A run that has the workspace to itself; whatever goes wrong is on record when it ends.

    Raises lock.Busy, RunFailed (a stage broke) and schema.Mistakes (settings or rules that cannot be used).
    """
    # SQLAlchemy is slow to import, and `--help` must not wait for it
    from connectors.store.state import Store
    from pipelines import yesterday
    from pipelines.publish import repair

    check.demand(workspace)
    with lock.held(workspace.var / "run.lock"), Store.open(workspace.database_url) as store:
        yesterday.demand(workspace, store)
        repair(workspace, store)
        store.abandon_runs()
        this = Run(
            workspace=workspace,
            folder=RunFolder.open(workspace.var / "runs", _new_id(now)),
            store=store,
            started=now,
            before=yesterday.folder(workspace, store),
        )
        summary = Summary(this.id)
        if store.last_published() and this.before is None:
            summary.warnings.append("The folder of the last published run is gone: every source is worked on anew.")
        store.begin_run(this.id, now)
        try:
            yield this, summary
        except BaseException as error:
            told = _failed(this, summary, error)
            if isinstance(error, Mistakes):
                raise
            raise RunFailed(told, summary) from error


def _failed(this: Run, summary: Summary, error: BaseException) -> str:
    """Put a broken run on record; -> what to tell a person."""
    from pipelines import failure

    summary.status = "failed"
    summary.reasons.append(f"{summary.stage}: {failure.reason(error)}".lstrip(": "))
    return failure.on_record(this, summary.stage, error, summary.as_json())


def step(this: Run, stage: Stage, summary: Summary, watcher: Watcher) -> bool:
    """One stage, with what must be asked before and after it. False: the run is over."""
    if stage.name == "publish" and (held := gates.reasons(this)):
        summary.status, summary.reasons = "held", held
        return False
    this.progress = watcher.begin(stage)
    summary.stage = stage.name
    began = time.perf_counter()
    result = replace(_result(this, stage), name=stage.name, seconds=time.perf_counter() - began)
    watcher.end(result)
    summary.stages.append(result)
    summary.warnings += result.warnings
    this.folder.save()
    if stage.name == "land":
        summary.rejected = rejected.by_reason(this.folder)
        return _something_to_do(this, summary, result)
    _take_note(summary, result)
    return True


def _result(this: Run, stage: Stage) -> StageResult:
    """What a stage did. A scorecard that cannot be drawn takes nothing back of what was published."""
    try:
        return stage(this)
    except Exception as error:
        if stage.name != "report":
            raise
        from pipelines import failure

        told = f"The scorecard could not be written. {failure.reason(error)}{failure.keep(this, error)}"
        return StageResult(stage.name, 0, 0, warnings=(told,))


def _something_to_do(this: Run, summary: Summary, landed: StageResult) -> bool:
    """After landing: stop where every source failed, and where nothing changed since the last published run."""
    states = this.folder.read("land", "sources").to_pylist()
    if all(row["state"] == "failed" for row in states):
        summary.reasons = [f"{row['source']}: {row['reason']}. {row['remedy']}" for row in states]
        return False
    inputs.write(this)
    if this.before and landed.rows_out and not this.changed and inputs.same(this, this.before):
        from pipelines import yesterday

        summary.status = "held" if (held := gates.reasons(this)) else "unchanged"
        summary.reasons = held
        summary.golden = this.store.golden_count()
        summary.quarantined = yesterday.quarantined(this.store)
        return False
    return True


def _take_note(summary: Summary, result: StageResult) -> None:
    if result.name == "validate":
        summary.quarantined = dict(result.counts)
    if result.name == "publish":
        summary.golden = result.rows_out
        summary.changes = {key: result.counts.get(key, 0) for key in NO_CHANGES}
        summary.status = "published" if any(result.counts.values()) else "unchanged"


def finish(this: Run, summary: Summary, watcher: Watcher) -> None:
    """Put the run on record, lay its scorecard where people find it, remove what need not be kept."""
    if summary.status == "held" and summary.stages[-1].name != "report":
        step(this, STAGES[-1], summary, watcher)
    _lay_out(this, summary)
    this.store.finish_run(this.id, summary.status, summary.as_json())
    (this.folder.root / "summary.json").write_text(json.dumps(summary.as_json(), indent=1), "utf-8")
    if summary.status in ("published", "unchanged"):
        from pipelines import yesterday

        yesterday.remember_keys(this)
        keep = [r for r in (this.store.last_published(), this.id) if r]
        retention.prune(this.workspace.var / "runs", this.workspace.firm.keep_runs, keep)


def _lay_out(this: Run, summary: Summary) -> None:
    """The run's scorecard, into the workspace; where it stands open in another program, the run's own copy is named."""
    page = scorecard(this.folder)
    try:
        if page.exists():
            shutil.copyfile(page, this.workspace.root / "scorecard.html")
    except OSError as error:
        summary.warnings.append(f"scorecard.html could not be replaced ({error.strerror}); the new one is {page}.")


def _new_id(now: datetime) -> str:
    """Sorts by time; the tail keeps two runs of one second apart."""
    return f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


def scorecard(folder: RunFolder) -> Path:
    return folder.root / "report" / "scorecard.html"
