"""`goldseam dedupe`: the duplicates in any table, without configuration and without a workspace.

Same input, same output, byte for byte: nothing here reads a clock, and clusters are numbered by their first record.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from pipelines import labelled
from pipelines.dedupe import page, reading, settings, writing
from pipelines.dedupe.reading import Read
from pipelines.features import features
from rules.matching import engine
from rules.matching.engine import Matched
from rules.vocabulary import STANDARD_TABLES

STEPS = 5
Progress: TypeAlias = Callable[[str, float, float], None]
"""Told what is being done now, and how many steps of how many are behind."""


@dataclass(frozen=True)
class Request:
    """What was asked for."""

    files: Sequence[Path]
    out: Path
    link: bool = False
    id_column: str | None = None
    rules: Path | None = None
    labels: Path | None = None
    merge_only: bool = False
    country: str | None = None
    overrides: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """What was found; the files are in `out`."""

    reads: tuple[Read, ...]
    matched: Matched
    clusters: pa.Table
    """clusters.csv: source, record_id, cluster_id."""
    files: tuple[Path, ...]
    thresholds: tuple[float, float, float]
    """Probabilities: joined from, joined unseen from, shown to people from."""

    @property
    def records(self) -> int:
        return len(self.clusters)

    @property
    def customers(self) -> int:
        return len(pc.unique(self.clusters["cluster_id"]))


def dedupe(request: Request, progress: Progress | None = None) -> Result:
    """Find duplicates and write the four files.

    Raises SourceFailed (a file that cannot be read), schema.Mistakes (the matching file, the labels, an override).
    """
    tell = progress or (lambda *_: None)
    reads, tables, matched = find(request, tell)
    tell("choosing values", 2, STEPS)
    clusters = writing.clusters(reads, matched)
    golden = writing.golden(reads, tables, clusters, matched)
    tell("writing", 3, STEPS)
    request.out.mkdir(parents=True, exist_ok=True)
    files = writing.write(request.out, clusters, golden, matched)
    report = request.out / "report.html"
    report.write_text(page.html(reads, matched, clusters, request), "utf-8")
    tell("done", STEPS, STEPS)
    thresholds = page.thresholds(matched, merge_only=request.merge_only)
    return Result(reads, matched, clusters, (*files, report), thresholds)


def find(request: Request, tell: Progress) -> tuple[tuple[Read, ...], dict[str, pa.Table], Matched]:
    """The files as read, their standard tables, and what matching found; nothing is written. Raises as `dedupe`."""
    settings.read(request.rules)
    tell("reading", 0, STEPS)
    reads = reading.read(request.files, request.id_column, request.overrides, request.country)
    tell("matching", 1, STEPS)
    tables = {t: _together([r.tables[t] for r in reads]) for t in STANDARD_TABLES}
    matching = settings.read(request.rules, tables["records"])
    if request.merge_only:
        matching = matching.model_copy(update={"merge_only": True})
    labels = labelled.read(request.labels)
    doubtful = labelled.doubts(request.labels, tables["records"]["source"], tables["records"]["record_id"])
    matched = engine.match(
        features(tables["records"], tables["points"], tables["addresses"], tables["flags"]),
        config=matching,
        link=request.link,
        labels=labels,
        progress=lambda done, total: tell("matching", 1 + done / max(total, 1), STEPS),
    )
    if matched.models:
        reads = reading.told(reads, {f.name for model in matched.models.values() for f in model.fields})
    return reads, tables, replace(matched, notes=(*doubtful, *matched.notes))


def _together(tables: Sequence[pa.Table]) -> pa.Table:
    return pa.concat_tables(tables, promote_options="default")
