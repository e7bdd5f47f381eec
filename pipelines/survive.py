"""Stage 6: one golden record of each cluster, every value with where it came from and what it beat.

Reads `validate` (the five standard tables), `identify` (clusters, households) and the decisions in force. Writes
`golden`, `contact_points`, `relations`, `provenance`, and `frequencies`: how often words are written, which a later
run takes over, so that one customer's name does not change because another customer came.
"""

from collections.abc import Iterator
from typing import Final

import pyarrow as pa

from connectors.store.runs import RunFolder
from pipelines.context import Run, StageResult
from rules import survivorship
from rules import vocabulary as words

STAGE: Final = "survive"
TABLES: Final = ("golden", "contact_points", "relations", "provenance")

OUTGROWN: Final = 2
"""Frequencies are counted anew when there are so many times more golden records than they were counted on."""

# What says nothing about the customer that another column does not say.
_UNREAD: Final = frozenset({"hash", "name_latin", "name_key", "org_key"})


def survive(run: Run) -> StageResult:
    """Golden records of this run's clusters. Raises schema.Mistakes where `rules/survivorship.yml` cannot be used."""
    config = _config(run)
    tables = {name: _read(run, name) for name in words.STANDARD_TABLES}
    clusters = run.folder.read("identify", "clusters", columns=["source", "record_id", "golden_id"])
    run.progress(1, 4)
    frequencies = _frequencies(run, tables, clusters, config)
    run.folder.write(STAGE, "frequencies", frequencies.table)
    run.progress(2, 4)
    made = survivorship.survive(
        tables,
        clusters,
        trust={name: source.trust for name, source in run.workspace.sources.items()},
        config=config,
        decisions=run.store.decisions(),
        households=_households(run),
        frequencies=frequencies,
        today=run.started.date().isoformat(),
    )
    run.progress(3, 4)
    for name in TABLES:
        run.folder.write(STAGE, name, made[name])
    run.progress(4, 4)
    counts = {name: made[name].num_rows for name in TABLES}
    return StageResult(STAGE, clusters.num_rows, counts["golden"], notes=tuple(_notes(made)), counts=counts)


def _config(run: Run) -> survivorship.Survivorship:
    own = run.workspace.rules_file("survivorship.yml")
    return survivorship.load(own.read_text("utf-8") if own else None)


def _read(run: Run, name: str) -> pa.Table:
    """A standard table of all sources, without the columns that do not survive."""
    files = run.folder.parts("validate", name)
    if not files:
        return words.STANDARD_TABLES[name].empty_table()
    table = run.folder.read("validate", name)
    return table.drop_columns([column for column in table.column_names if column in _UNREAD])


def _households(run: Run) -> pa.Table | None:
    return run.folder.read("identify", "households") if run.folder.parts("identify", "households") else None


def _refitted(run: Run, before: RunFolder) -> bool:
    """Whether the matching model is another than in an earlier run."""
    now, then = (folder.root / "match" / "model.json" for folder in (run.folder, before))
    return now.exists() and then.exists() and now.read_bytes() != then.read_bytes()


def _frequencies(
    run: Run, tables: dict[str, pa.Table], clusters: pa.Table, config: survivorship.Survivorship
) -> survivorship.Frequencies:
    """Those of the last published run, until a model was fitted anew or the customers have outgrown them."""
    if run.before is not None and run.before.parts(STAGE, "frequencies") and not _refitted(run, run.before):
        earlier = survivorship.Frequencies(run.before.read(STAGE, "frequencies"))
        if len(clusters["golden_id"].unique()) <= OUTGROWN * max(earlier.size, 1):
            return earlier
    return survivorship.spelling(tables, clusters, config)


def _notes(made: dict[str, pa.Table]) -> Iterator[str]:
    """What the person who watches should know."""
    rules = made["provenance"]["rule"].value_counts().to_pylist()
    by_rule = {row["values"]: row["counts"] for row in rules}
    if by_rule.get("only_suspect"):
        yield f"{by_rule['only_suspect']:,} surviving values are suspect: nobody says anything better"
    if by_rule.get("decided"):
        yield f"{by_rule['decided']:,} values stand as stewards decided"
    if by_rule.get("tie"):
        yield f"{by_rule['tie']:,} values were chosen between equals: no rule could tell them apart"
