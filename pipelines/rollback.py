"""`goldseam rollback RUN`: a published run is taken back, by a publication of its own.

The table becomes what it was before the run, in one step; events say so, followers of the feed hear of it, golden ids
keep their promise (connectors/store/takeback.py). The rollback is a run of its own, whose folder counts the files of
the run that stands again: the next run compares with those, and asks for files and rows since then once more. So
that it does not do the same again unseen, the gate `taken_back` holds it as long as it would.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from connectors.store.base import instant
from connectors.store.parts import Layer, Part
from connectors.store.publication import Act, Boundary, nowhere
from connectors.store.runs import RunFolder
from connectors.store.state import Store
from connectors.store.takeback import take_back
from connectors.workspace import Workspace
from pipelines import inputs, runner, yesterday
from pipelines.again import NoSuchRun
from pipelines.context import Run, RunFailed, StageResult, counted
from pipelines.publish import COUNTED, put_in_force
from pipelines.published_files import Provenance, Tables, provenance_of
from pipelines.runner import Summary, Watcher
from pipelines.stages import STAGES

REPORT: Final = STAGES[-1]


@dataclass(frozen=True)
class Plan:
    """`runs`: those taken back, the oldest first; `to`: the publication that stands again, and the run that made it."""

    runs: tuple[str, ...]
    to: int
    stands: str | None
    golden: int
    quarantined: dict[str, int]
    by_rollback: bool
    """Whether that run was a rollback itself."""


def rollback(
    workspace: Workspace, run_id: str, user: str, reason: str = "", *, later: bool = False,
    at: Boundary = nowhere, now: datetime | None = None,
) -> Summary:  # fmt: skip
    """Take a published run back; `later`: and those published after it. -> the summary of the rollback.

    Raises NoSuchRun (it cannot be taken back; the message says why), lock.Busy, RunFailed.
    """
    now = now or datetime.now(UTC)
    with runner.alone(workspace) as (workspace, store):
        plan = _plan(store, run_id, later)
        before = _folder(workspace, store, plan)
        this = Run(workspace, RunFolder.open(workspace.var / "runs", runner.new_id(now)), store, now, before)
        summary = Summary(this.id, started=instant(now), quarantined=plan.quarantined, golden=plan.golden)
        told = {"runs": list(plan.runs), "to": plan.to, "user": user, "reason": reason}
        summary.rolled_back = told
        store.begin_run(this.id, now, {**summary.as_json(), "status": "published"})
        try:
            _take_back(this, plan, Act(user, "rollback", instant(now), reason), at, summary)
            runner.step(this, REPORT, summary, Watcher())
            runner.finish(this, summary, Watcher())
        except BaseException as error:
            raise RunFailed(runner.failed(this, summary, error), summary) from error
    return summary


def _plan(store: Store, run_id: str, later: bool) -> Plan:
    rows = store.runs().to_pylist()
    wanted = next((row for row in rows if row["run_id"] == run_id), None)
    made = sorted((row for row in rows if row["version"] is not None), key=lambda row: row["version"])
    if wanted is None or wanted["version"] is None:
        known = ", ".join(row["run_id"] for row in made[:-6:-1]) or "none yet"
        what = "published nothing" if wanted else "is not on record"
        raise NoSuchRun(f"run {run_id} {what}, so there is nothing to take back. Published runs: {known}")
    back = [row for row in made if row["version"] >= wanted["version"]]
    if len(back) > 1 and not later:
        since = ", ".join(row["run_id"] for row in back[1:])
        message = f"{counted(len(back) - 1, 'run')} published since {run_id} would be taken back with it: {since}"
        raise NoSuchRun(f"{message}. If that is what you want, add --with-later; else take back the last one first")
    to = wanted["version"] - 1
    stands = next((row for row in made if row["version"] == to), None)
    told = json.loads((stands or {}).get("summary") or "{}")
    names = tuple(row["run_id"] for row in back)
    return Plan(
        names,
        to,
        stands["run_id"] if stands else None,
        told.get("golden", 0),
        told.get("quarantined", {}),
        bool(told.get("rolled_back")),
    )


def _folder(workspace: Workspace, store: Store, plan: Plan) -> RunFolder | None:
    """The folder of the run that stands again, without which what it had read would not be known."""
    if plan.stands is None:
        return None
    there = RunFolder.open(workspace.var / "runs", plan.stands)
    if plan.by_rollback and there.whole() and not there.parts("survive", "golden"):
        return None  # it had taken back the first publication: nothing was before that
    found = yesterday.folder(workspace, store, plan.stands, plan.to)
    if found is None:
        raise NoSuchRun(
            f"the folder of run {plan.stands}, which would stand again, is gone from {workspace.var / 'runs'} "
            "(`keep_runs` in goldseam.yml says how many are kept): what its sources held is not known any more, and "
            "the next run could not tell what is new. Correct the sources and run again instead"
        )
    return found


def _take_back(this: Run, plan: Plan, act: Act, at: Boundary, summary: Summary) -> None:
    """Publish the table as it was, and put on record what that changed."""
    summary.stage = "publish"
    _stand_for(this)
    found = take_back(this.store, plan.to, this.id, act.time, act)
    tables = Tables(found.golden, *_details(this.store, plan.to), _provenance(this, plan))
    put_in_force(this, found.publication, tables, at)
    counts = {row["values"]: row["counts"] for row in pc.value_counts(found.publication.events["event"]).to_pylist()}
    summary.changes = {name: counts.get(name, 0) for name in COUNTED}
    summary.status, summary.golden = "published", found.golden.num_rows
    summary.stages.append(StageResult("publish", tables.crosswalk.num_rows, found.golden.num_rows))
    summary.warnings += _another_model(this)


def _details(store: Store, to: int) -> tuple[pa.Table, pa.Table, pa.Table]:
    return store.detail("contact_points", version=to), store.detail("relations", version=to), store.crosswalk(to)


def _stand_for(this: Run) -> None:
    """The folder of the run that stands again, as this run's."""
    if this.before:
        this.folder.stand_for(this.before)
        for path in (this.before.root / inputs.FILE, *this.before.root.glob("*/*.json")):
            if path.exists():
                this.folder.copy(path, this.before)
    if newest := yesterday.folder(this.workspace, this.store):
        for name in newest.parts("land", "keys"):  # a key that was given is never given to another row
            this.folder.write("land", "keys", newest.read("land", "keys", name), name)
    this.folder.write("identify", "base", pa.table({"version": pa.array([this.store.version()], pa.int64())}))
    this.folder.save()


def _provenance(this: Run, plan: Plan) -> Provenance:
    """That of the publication that stands again; from its run where its files are gone."""
    published = this.workspace.root / "published" / (plan.stands or "") / "provenance.parquet"
    if plan.stands and published.exists():
        return Provenance([Part((Layer(published),))])
    return Provenance(provenance_of(this.folder))


def _another_model(this: Run) -> list[str]:
    """A model is taken up by people and stays until they take up another."""
    then = this.folder.root / "match" / "model.json"
    if not then.exists() or then.read_text("utf-8") == this.store.model():
        return []
    return ["The matching model stays as it is: goldseam fit --list shows the earlier ones, and how to go back to one"]
