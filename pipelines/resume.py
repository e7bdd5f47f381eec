"""A run that was cut off (killed, a full disk, a database that went away) is taken up after its last whole stage.

After each stage a run writes `progress.json`: which stages are whole, what they told, and the ground they stand on.
The next run on the same ground takes over what is the same: of `land` each source whose content is what it was,
of the later stages everything, if the sources are. Golden ids that were minted are then minted already.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import ArrowException

from connectors.store.runs import RunFolder
from connectors.workspace import Workspace
from pipelines import inputs
from pipelines.context import Run, StageResult
from rules import fingerprint

if TYPE_CHECKING:
    from connectors.store.state import Store  # SQLAlchemy is slow to import

FILE: Final = "progress.json"
NEVER: Final = ("publish", "report")
"""Stages that are always done anew."""


@dataclass(frozen=True)
class Cut:
    """A run that was cut off: what its whole stages left, and told."""

    folder: RunFolder
    ground: str
    stages: dict[str, StageResult]
    changed: frozenset[str] = field(default_factory=frozenset)
    before: str | None = None

    @classmethod
    def read(cls, folder: RunFolder) -> "Cut | None":
        """None where a run ended before its first stage, or lies there no more."""
        path = folder.root / FILE
        if not path.exists():
            return None
        told = json.loads(path.read_text("utf-8"))
        stages = [_told(row) for row in told["stages"]]
        return cls(folder, told["ground"], {s.name: s for s in stages}, frozenset(told["changed"]), told["before"])

    @cached_property
    def sources(self) -> dict[str, dict[str, Any]]:
        """What became of each source (vocabulary.SOURCES)."""
        return {row["source"]: row for row in self.folder.read("land", "sources").to_pylist()}


def landed_alike(one: RunFolder, other: RunFolder) -> bool:
    """Whether two runs landed the same: the same files, or empty ones."""
    mine, theirs = (f.stage("land") for f in (one, other))
    mine.pop("sources/all", None)
    theirs.pop("sources/all", None)
    return mine.keys() == theirs.keys() and all(
        part == theirs[name] or part.count == theirs[name].count == 0 for name, part in mine.items()
    )


def _told(row: dict[str, Any]) -> StageResult:
    return StageResult(**{**row, "notes": tuple(row["notes"]), "warnings": tuple(row["warnings"])})


def ground(run: Run) -> str:
    """A digest of all that decides a run's result besides the sources: settings, rules, program, decisions, model,
    the publication it builds on, and the day.
    """
    day, anywhere = run.started, run.started + timedelta(hours=14)
    seen = (
        inputs.seen(run),
        fingerprint.packages("connectors", "pipelines", "rules"),
        run.store.model(),
        run.store.version(),
        run.before.id if run.before else None,
        (f"{day:%Y-%m-%d}", f"{anywhere:%Y-%m-%d}"),
    )
    return hashlib.sha256(repr(seen).encode()).hexdigest()


def note(run: Run, stages: list[StageResult]) -> None:
    """Put on record how far a run got. Where the ground gave way under it, nobody is to build on it."""
    run.folder.save()
    stands = ground(run)
    run.ground = run.ground or stands
    told = {
        "ground": stands if stands == run.ground else "",
        "before": run.before.id if run.before else None,
        "changed": sorted(run.changed),
        "stages": [asdict(stage) for stage in stages],
    }
    path = run.folder.root / FILE
    path.with_suffix(".tmp").write_text(json.dumps(told, indent=1, ensure_ascii=False), "utf-8")
    path.with_suffix(".tmp").replace(path)


def cut_off(run: Run) -> Cut | None:
    """Of the runs since the last published one, that which got furthest on the ground of this one."""
    stands, last = ground(run), run.store.last_published()
    found = []
    for row in run.store.runs().to_pylist():
        if row["run_id"] == last:
            break
        cut = Cut.read(RunFolder.open(run.folder.runs, row["run_id"]))
        if cut and cut.ground == stands and _readable(cut.folder):
            found.append(cut)
    return max(found, key=lambda cut: len(cut.stages), default=None)


def _readable(folder: RunFolder) -> bool:
    """Whether every file is there and whole: when a machine loses its power, some are not."""
    try:
        return folder.whole() and all(pq.read_metadata(path).num_rows >= 0 for path in folder.files())
    except (OSError, ArrowException):
        return False


def landed(run: Run, source: str, digest: str | None) -> tuple[dict[str, Any], list[str]] | None:
    """A source of which the run that was cut off landed the same content: its row of `sources`, and what was said."""
    row = run.cut.sources.get(source) if run.cut else None
    if run.cut is None or row is None or row["state"] != "landed" or row["fingerprint"] != digest:
        return None
    run.folder.take_over("land", source, run.cut.folder)
    if source in run.cut.changed:
        run.changed.add(source)
    said = [n.removeprefix(f"{source}: ") for n in run.cut.stages["land"].notes if n.startswith(f"{source}: ")]
    return {**row, "landed_at": run.started.isoformat(timespec="seconds")}, said


def taken_over(run: Run, stage: str) -> StageResult | None:
    """What a stage of the run that was cut off left, as this run's; None where it must be done."""
    cut: Cut | None = run.cut
    if cut is None or stage == "land":
        return None
    if stage not in cut.stages or stage in NEVER or not landed_alike(cut.folder, run.folder):
        run.cut = None  # and nothing after it either
        return None
    earlier = cut.folder
    run.folder.take_over(stage, None, earlier)
    for path in (earlier.root / stage).rglob("*"):
        if path.is_file() and path.suffix not in (".parquet", ".tmp"):
            run.folder.copy(path, earlier)
    told = cut.stages[stage]
    return replace(told, seconds=0.0, notes=(*told.notes, f"as the run {earlier.id} left it, which was cut off"))


def unfinished(workspace: Workspace, store: "Store") -> tuple[Run, list[StageResult]] | None:
    """The last published run, where it was cut off between its publication and its end, and what its stages told."""
    last = store.last_published()
    row = next((row for row in store.runs().to_pylist() if row["run_id"] == last), None)
    if last is None or row is None or row["finished"]:
        return None
    runs = workspace.var / "runs"
    cut = Cut.read(RunFolder.open(runs, last))
    if cut is None or not cut.folder.whole():
        return None
    before = RunFolder.open(runs, cut.before) if cut.before else None
    started = datetime.fromisoformat(str(row["started"]))
    run = Run(workspace, cut.folder, store, started, before if before and before.whole() else None)
    told = list(cut.stages.values())
    return run, told if "publish" in cut.stages else [*told, _published(store, last)]


def _published(store: "Store", run_id: str) -> StageResult:
    """What publish would have told, had it come to that."""
    events = store.events()
    mine = events.filter(pc.equal(events["run_id"], run_id))
    counts = {row["values"]: row["counts"] for row in pc.value_counts(mine["event"]).to_pylist()}
    return StageResult("publish", store.crosswalk().num_rows, store.golden_count(), counts={**counts, "published": 1})
