"""`goldseam dedupe`: the duplicates in any table, without configuration and without a workspace.

Same input, same output, byte for byte: nothing here reads a clock, and clusters are numbered by their first record.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from pipelines.dedupe import page, reading, writing
from pipelines.dedupe.reading import Read
from pipelines.match import features
from rules import schema
from rules.matching import config, engine
from rules.matching.engine import Matched
from rules.vocabulary import STANDARD_TABLES, Judgement

STEPS = 5
LABELS: Final = ("left_source", "left_id", "right_source", "right_id", "judgement")
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

    @property
    def records(self) -> int:
        return len(self.clusters)

    @property
    def customers(self) -> int:
        return len(pc.unique(self.clusters["cluster_id"]))


def dedupe(request: Request, progress: Progress | None = None) -> Result:
    """Find duplicates and write the four files.

    Raises SourceFailed (a file that cannot be read), schema.Mistakes (the matching file, an override).
    """
    tell = progress or (lambda *_: None)
    matching = _matching(request.rules)
    if request.merge_only:
        matching = matching.model_copy(update={"merge_only": True})
    tell("reading", 0, STEPS)
    reads = reading.read(request.files, request.id_column, request.overrides, request.country)
    tell("matching", 1, STEPS)
    tables = {t: _together([r.tables[t] for r in reads]) for t in STANDARD_TABLES}
    matched = engine.match(
        features(tables["records"], tables["points"], tables["addresses"], tables["flags"]),
        config=matching,
        link=request.link,
        labels=_labels(request.labels),
        progress=lambda done, total: tell("matching", 1 + done / max(total, 1), STEPS),
    )
    if matched.models:
        reads = reading.told(reads, {f.name for model in matched.models.values() for f in model.fields})
    tell("choosing values", 2, STEPS)
    clusters = writing.clusters(reads, matched)
    golden = writing.golden(reads, tables, clusters, matched)
    tell("writing", 3, STEPS)
    request.out.mkdir(parents=True, exist_ok=True)
    files = writing.write(request.out, clusters, golden, matched)
    report = request.out / "report.html"
    report.write_text(page.html(reads, matched, clusters, request), "utf-8")
    tell("done", STEPS, STEPS)
    return Result(reads, matched, clusters, (*files, report))


def _matching(path: Path | None) -> config.Matching:
    return config.read(path.read_text("utf-8"), str(path)) if path else config.Matching()


def _labels(path: Path | None) -> pa.Table | None:
    """left_source, left_id, right_source, right_id, judgement. Raises schema.Mistakes where the file lacks one."""
    if path is None:
        return None
    options = arrow_csv.ConvertOptions(column_types=dict.fromkeys(LABELS, pa.string()), strings_can_be_null=False)
    try:
        found = arrow_csv.read_csv(path, convert_options=options)
    except pa.ArrowInvalid as error:
        problem = schema.Problem(str(path), 0, "", f"this is no CSV table: {error}", f"Columns: {', '.join(LABELS)}")
        raise schema.Mistakes([problem]) from error
    if missing := [c for c in LABELS if c not in found.column_names]:
        remedy = f"A file of labels has the columns {', '.join(LABELS)}"
        raise schema.Mistakes([schema.Problem(str(path), 1, "", f"there is no column {missing[0]!r}", remedy)])
    odd = sorted(set(found["judgement"].to_pylist()) - set(Judgement))
    if odd:
        remedy = f"Known: {', '.join(Judgement)}"
        raise schema.Mistakes([schema.Problem(str(path), 0, "judgement", f"{odd[0]!r} is no judgement", remedy)])
    return found.select(list(LABELS))


def _together(tables: Sequence[pa.Table]) -> pa.Table:
    return pa.concat_tables(tables, promote_options="default")
