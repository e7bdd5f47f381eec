"""Stage 6: one golden record of each cluster, every value with where it came from and what it beat.

Reads `validate` (the five standard tables), `identify` (clusters, households) and the decisions in force. Writes
`golden`, `contact_points`, `relations`, `provenance`, and `frequencies`: how often words are written, which a later
run takes over, so that one customer's name does not change because another customer came.
"""

from collections.abc import Iterator
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from connectors.store.runs import RunFolder
from pipelines import touched as touching
from pipelines.context import Run, StageResult, counted
from rules import duck, identity, survivorship
from rules import vocabulary as words

STAGE: Final = "survive"
TABLES: Final = ("golden", "contact_points", "relations", "provenance")

OUTGROWN: Final = 2
"""Frequencies are counted anew when there are so many times more golden records than they were counted on."""

# What says nothing about the customer that another column does not say.
_UNREAD: Final = frozenset({"hash", "name_latin", "name_key", "org_key"})


def survive(run: Run) -> StageResult:
    """Golden records of this run's clusters. Raises schema.Mistakes where `rules/survivorship.yml` cannot be used.

    Only customers of whom something changed since the last published run survive anew (touched.py); the others are
    taken over from it.
    """
    config, rules = _config(run)
    clusters = run.folder.read("identify", "clusters", columns=["source", "record_id", "golden_id"])
    decisions = _standing(run, clusters)
    frequencies = _kept(run, clusters)
    touched = touching.customers(run, rules, clusters, decisions) if frequencies else None
    run.progress(1, 4)
    tables = _whole(run) if touched is None else touching.members(run, clusters, touched, _UNREAD)
    if frequencies is None:
        frequencies = survivorship.spelling(tables, clusters, config)
        run.folder.write(STAGE, "frequencies", frequencies.table)
    run.progress(2, 4)
    made = survivorship.survive(
        tables,
        clusters if touched is None else clusters.filter(pc.is_in(clusters["golden_id"], value_set=touched)),
        trust={name: source.trust for name, source in run.workspace.sources.items()},
        config=config,
        decisions=decisions,
        households=_households(run),
        frequencies=frequencies,
        today=run.started.date().isoformat(),
    )
    run.progress(3, 4)
    _write(run, made, clusters, touched)
    touching.write(run, rules, decisions)
    run.progress(4, 4)
    counts = {name: run.folder.parts(STAGE, name)["all"].count for name in TABLES}
    return StageResult(STAGE, clusters.num_rows, counts["golden"], notes=tuple(_notes(run, touched)), counts=counts)


def _write(run: Run, made: dict[str, pa.Table], clusters: pa.Table, touched: pa.Array | None) -> None:
    """The tables, or their changes. Relations are of two customers, and worked out for all."""
    if touched is None or run.before is None:
        for name in TABLES:
            run.folder.write(STAGE, name, made[name])
        return
    run.folder.write(STAGE, "relations", survivorship.relations(touching.contacts(run), clusters, _households(run)))
    gone = pa.table({"golden_id": touched})
    for name in (n for n in TABLES if n != "relations"):
        earlier = run.before.parts(STAGE, name)["all"]
        run.folder.amend(STAGE, name, made[name], gone, earlier, by=(("golden_id",),))


def _config(run: Run) -> tuple[survivorship.Survivorship, str]:
    """The rules, and the text that they were read from."""
    own = run.workspace.rules_file("survivorship.yml")
    text = own.read_text("utf-8") if own else None
    return survivorship.load(text), text or ""


def _standing(run: Run, clusters: pa.Table) -> pa.Table:
    decisions: pa.Table = run.store.decisions()
    if not len(decisions):
        return decisions
    return identity.standing(decisions, clusters, run.folder.read("identify", "crosswalk"))


def _whole(run: Run) -> dict[str, pa.Table]:
    """The standard tables of all sources, without the columns that do not survive."""
    found = {}
    for name, schema in words.STANDARD_TABLES.items():
        table = run.folder.read("validate", name) if run.folder.parts("validate", name) else schema.empty_table()
        found[name] = table.drop_columns([column for column in table.column_names if column in _UNREAD])
    return found


def _households(run: Run) -> pa.Table | None:
    return run.folder.read("identify", "households") if run.folder.parts("identify", "households") else None


def _refitted(run: Run, before: RunFolder) -> bool:
    """Whether the matching model is another than in an earlier run."""
    now, then = (folder.root / "match" / "model.json" for folder in (run.folder, before))
    return now.exists() and then.exists() and now.read_bytes() != then.read_bytes()


def _kept(run: Run, clusters: pa.Table) -> survivorship.Frequencies | None:
    """The frequencies of the last published run, until a model was fitted anew or the customers have outgrown them."""
    if run.before is None or not run.before.parts(STAGE, "frequencies") or _refitted(run, run.before):
        return None
    earlier = survivorship.Frequencies(run.before.read(STAGE, "frequencies"))
    if len(clusters["golden_id"].unique()) > OUTGROWN * max(earlier.size, 1):
        return None
    run.folder.keep(STAGE, "frequencies", found=run.before.parts(STAGE, "frequencies")["all"])
    return earlier


def _notes(run: Run, touched: pa.Array | None) -> Iterator[str]:
    """What the person who watches should know."""
    with duck.session() as con:
        run.folder.view(con, STAGE, "provenance")
        by_rule = dict(con.sql("select rule, count(*) from provenance group by rule").fetchall())
    if touched is not None:
        yield f"{counted(len(touched), 'customer')} survived anew; the others are as in the last published run"
    if by_rule.get("only_suspect"):
        are = counted(by_rule["only_suspect"], "surviving value is", "surviving values are")
        yield f"{are} suspect: nobody says anything better"
    if by_rule.get("decided"):
        yield f"{counted(by_rule['decided'], 'value stands', 'values stand')} as stewards decided"
    if by_rule.get("tie"):
        are = counted(by_rule["tie"], "value was", "values were")
        yield f"{are} chosen between equals: no rule could tell them apart"
