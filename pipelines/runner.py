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
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, Unpack

from connectors.store import lock, retention
from connectors.store.runs import RunFolder
from connectors.workspace import Workspace
from pipelines import check, gates, inputs, rejected, resume
from pipelines.context import How, Run, RunFailed, StageResult
from pipelines.stages import STAGES, Stage
from pipelines.summary import EXIT as EXIT
from pipelines.summary import NO_CHANGES
from pipelines.summary import Summary as Summary
from pipelines.summary import Watcher as Watcher
from rules.schema import Mistakes

if TYPE_CHECKING:
    from connectors.store.state import Store


def run(
    workspace: Workspace, watcher: Watcher | None = None, now: datetime | None = None, rest: "Walk | None" = None,
    **how: Unpack[How],
) -> Summary:  # fmt: skip
    """One whole run. Raises lock.Busy where another run of this workspace is under way.

    `rest`: who walks through the stages after landing, where there is anything to do; none: `walk`.
    """
    watcher = watcher or Watcher()
    with opened(workspace, now or datetime.now(UTC), **how) as (this, summary):
        if step(this, STAGES[0], summary, watcher):
            (rest or walk)(this, summary, watcher)
        finish(this, summary, watcher)
    return summary


def walk(this: Run, summary: Summary, watcher: Watcher) -> None:
    """The stages after landing, in order, as far as the run goes."""
    for stage in STAGES[1:]:
        if not step(this, stage, summary, watcher):
            break


Walk: TypeAlias = Callable[[Run, Summary, Watcher], None]


@contextmanager
def alone(workspace: Workspace) -> Iterator[tuple[Workspace, "Store"]]:
    """The workspace and its state database, while this process has both to itself.

    What a crash left behind is put in order; a restore that was cut off may bring other settings.

    Raises lock.Busy and schema.Mistakes (settings or rules that cannot be used).
    """
    # SQLAlchemy is slow to import, and `--help` must not wait for it
    from connectors.store.state import Store
    from pipelines import backup, yesterday
    from pipelines.publish import repair

    check.demand(workspace)
    with (
        lock.held(workspace.var / "run.lock"),
        Store.open(workspace.database_url) as store,
        lock.database(store.engine),
    ):
        workspace = backup.settle(workspace, store)
        yesterday.demand(workspace, store)
        repair(workspace, store)
        store.abandon_runs()
        _finish_published(workspace, store)
        yield workspace, store


@contextmanager
def opened(workspace: Workspace, now: datetime, **how: Unpack[How]) -> Iterator[tuple[Run, Summary]]:
    """A run that has the workspace to itself; whatever goes wrong is on record when it ends.

    Raises lock.Busy, RunFailed (a stage broke) and schema.Mistakes (settings or rules that cannot be used).
    """
    from connectors.store.base import instant
    from pipelines import yesterday

    with alone(workspace) as (workspace, store):
        this = Run(
            workspace=workspace,
            folder=RunFolder.open(workspace.var / "runs", new_id(now)),
            store=store,
            started=now,
            before=yesterday.folder(workspace, store),
            **how,
        )
        summary = Summary(this.id, started=instant(now), dry=this.dry)
        if store.last_published() and this.before is None:
            summary.warnings.append("The folder of the last published run is gone: every source is worked on anew.")
        this.cut = None if this.full else resume.cut_off(this)
        if not this.dry:
            store.begin_run(this.id, now)
        try:
            yield this, summary
        except BaseException as error:
            told = failed(this, summary, error)
            if isinstance(error, Mistakes):
                raise
            raise RunFailed(told, summary) from error


def _finish_published(workspace: Workspace, store: "Store") -> None:
    """A run that was cut off after its publication still has its scorecard to write, and its end to put on record."""
    from connectors.store.base import instant
    from pipelines import difference

    if found := resume.unfinished(workspace, store):
        this, told = found
        summary = Summary(this.id, stages=told, rejected=rejected.by_reason(this.folder), started=instant(this.started))
        summary.difference = difference.kept(this.folder)
        for result in told:
            summary.warnings += result.warnings
            _take_note(summary, result)
        if told[-1].name != STAGES[-1].name:
            step(this, STAGES[-1], summary, Watcher())
        finish(this, summary, Watcher())


def failed(this: Run, summary: Summary, error: BaseException) -> str:
    """Put a broken run on record; -> what to tell a person."""
    from pipelines import failure

    summary.status = "failed"
    summary.reasons.append(f"{summary.stage}: {failure.reason(error)}".lstrip(": "))
    return failure.on_record(this, summary.stage, error, summary.as_json())


def step(this: Run, stage: Stage, summary: Summary, watcher: Watcher) -> bool:
    """One stage, with what must be asked before and after it. False: the run is over."""
    this.progress = watcher.begin(stage)
    summary.stage = stage.name
    began = time.perf_counter()
    if stage.name == "publish" and not (_may_publish(this, summary) and _agreed(this, summary, watcher)):
        watcher.end(StageResult(stage.name, this.prepared.new.crosswalk.num_rows, 0, time.perf_counter() - began))
        this.prepared = None
        return False
    earlier = resume.taken_over(this, stage.name)
    if this.cut and earlier:
        summary.resumed = {"run_id": this.cut.folder.id, "after": stage.name}
    result = earlier or replace(_result(this, stage), name=stage.name, seconds=time.perf_counter() - began)
    watcher.end(result)
    summary.stages.append(result)
    summary.warnings += result.warnings
    resume.note(this, summary.stages)
    if stage.name == "land":
        summary.rejected = rejected.by_reason(this.folder)
        return _something_to_do(this, summary, result)
    _take_note(summary, result)
    return True


def _may_publish(this: Run, summary: Summary) -> bool:
    """Tell what the run would change, and ask the gates; what they say is passed over where somebody said so."""
    from pipelines import difference
    from pipelines.publish import prepared

    ready = prepared(this)
    summary.difference = difference.tell(this, ready.found)
    summary.golden = len(ready.found.ids)
    held = gates.judge(this, ready.new, ready.found)
    if this.act:
        summary.passed_over = {"user": this.act.user, "time": this.act.time, "reason": this.act.reason, "gates": held}
        return True
    if held or this.dry:
        news = ready.found.news
        summary.would_be = "held" if held else "published" if news else "unchanged"
        summary.status, summary.reasons = "held" if held or news else "unchanged", held
        return False
    return True


def _agreed(this: Run, summary: Summary, watcher: Watcher) -> bool:
    """Of a run that worked everything out anew, whoever watches sees the difference before it is published."""
    if not this.full or watcher.agrees(summary):
        return True
    summary.status, summary.reasons = "held", ["Nobody said that it should be published"]
    return False


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
    if landed.rows_out and not this.changed and _as_it_was(this):
        from pipelines import yesterday

        summary.status = "held" if (held := gates.reasons(this)) else "unchanged"
        summary.reasons = held
        summary.golden = this.store.golden_count()
        summary.quarantined = yesterday.quarantined(this.store)
        return False
    return True


def _as_it_was(this: Run) -> bool:
    """Whether all that decides the result, besides the rows, is as it was: rules, settings, decisions, and the day."""
    from pipelines import touched, validate, yesterday

    if this.base is None:
        return False
    looked = yesterday.looked(this, this.base)
    return inputs.same(this, looked) and not touched.due(this, looked) and not validate.come_true(this, looked)


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
    if not this.dry:
        _lay_out(this, summary)
    (this.folder.root / "summary.json").write_text(json.dumps(summary.as_json(), indent=1), "utf-8")
    if not this.dry and summary.status in ("published", "unchanged"):
        from pipelines import yesterday

        yesterday.remember_keys(this)
    keep = [r for r in (this.store.last_published(), this.id) if r]
    retention.prune(this.workspace.var / "runs", this.workspace.firm.keep_runs, keep)
    if not this.dry:
        this.store.finish_run(this.id, summary.status, summary.as_json())


def _lay_out(this: Run, summary: Summary) -> None:
    """The run's scorecard, into the workspace; where it stands open in another program, the run's own copy is named."""
    page = scorecard(this.folder)
    try:
        if page.exists():
            shutil.copyfile(page, this.workspace.root / "scorecard.html")
    except OSError as error:
        summary.warnings.append(f"scorecard.html could not be replaced ({error.strerror}); the new one is {page}.")


def new_id(now: datetime) -> str:
    """Sorts by time; the tail keeps two runs of one second apart."""
    return f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


def scorecard(folder: RunFolder) -> Path:
    return folder.root / "report" / "scorecard.html"
