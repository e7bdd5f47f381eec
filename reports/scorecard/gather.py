"""From a run's folder to the scorecard's context."""

import shlex
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import pyarrow as pa

from connectors.store.runs import RunFolder
from reports.format import number, plural
from reports.scorecard import changes, intake, joining, quality
from reports.scorecard.actions import Findings, actions
from reports.scorecard.context import Heat, Outcome, Scorecard, Totals
from reports.scorecard.tables import STAGES, Tables
from rules import schema, scorecard
from rules.scorecard import Settings

SCORES: Final = pa.schema([
    ("by", pa.string()), ("group", pa.string()), ("dimension", pa.string()), ("value", pa.float64()),
    ("checked", pa.float64()), ("failed", pa.float64()), ("target", pa.float64()),
])  # fmt: skip
"""Kept in the run folder as `report/scores`, so that the next run can say what became better."""


def gather(
    folder: RunFolder,
    firm: schema.Firm,
    sources: Mapping[str, schema.Source],
    started: datetime,
    *,
    how: Settings,
    before: RunFolder | None = None,
    outcome: Outcome | None = None,
    notes: tuple[str, ...] = (),
    workspace: str = "WORKSPACE",
) -> Scorecard:
    """All that the page shows, of as far as the run got; `outcome` None: judged by the tables it left.

    `workspace`: its folder, as the commands on the page name it.
    """
    tables = Tables.open(folder, before)
    scorecard.ask(tables.con, how, started.date())
    figures = intake.totals(tables)
    departments = {name: source.department or "" for name, source in sources.items()}
    found = Findings(
        sources=intake.sources(tables, departments),
        reasons=intake.reasons(tables),
        quarantined=figures.quarantined,
        rules=quality.rules(tables),
        operators=quality.operators(tables),
        clusters=joining.biggest(tables),
        duplicate_free=frozenset(name for name, source in sources.items() if source.duplicate_free),
    )
    return Scorecard(
        firm=firm.firm,
        run_id=folder.id,
        started=started.strftime("%-d %B %Y, %H:%M %Z").strip(),
        previous=before.id if before else "",
        outcome=outcome or _outcome(tables),
        totals=figures,
        headline=headline(figures),
        flow=joining.streams(tables),
        actions=actions(tables, found, how, workspace),
        sources=found.sources,
        rejects=intake.rejects(tables, data=True),
        left_out=intake.rejects(tables, data=False),
        reasons=found.reasons,
        heats=quality.heats(tables, how, quality.earlier(before)),
        own_targets=bool(firm.report.targets),
        operators=found.operators,
        fills=quality.fills(tables),
        sizes=joining.sizes(tables),
        overlap=joining.overlap(tables),
        clusters=found.clusters,
        relations=joining.relations(tables),
        changes=changes.changes(tables),
        rules=found.rules,
        missing=tables.missing,
        notes=notes,
        workspace=shlex.quote(workspace),
    )


def _outcome(tables: Tables) -> Outcome:
    reached = [stage for stage in STAGES if stage not in tables.missing]
    if "survive" in reached:
        return Outcome("", "", "survive")
    last = reached[-1] if reached else ""
    reason = f"The run stopped after the stage {last}" if last else "The run stopped before it read anything"
    return Outcome("stopped", reason, last)


def headline(totals: Totals) -> str:
    """The run in one sentence."""
    came = f"{plural(totals.records, 'record')} came in"
    if not totals.records:
        return "No customer record came in."
    if not totals.golden:
        aside = f", {plural(totals.quarantined, 'was', 'were')} set aside" if totals.quarantined else ""
        return f"{came}{aside}; the run did not get as far as customers."
    return f"{came}. They are {plural(totals.golden, 'customer')}, {number(totals.joined)} of them pieced together."


def scores(heats: tuple[Heat, ...]) -> pa.Table:
    """The scores of the page as a table of SCORES, totals included."""
    lines = [(heat.by, row) for heat in heats for row in (*heat.rows, heat.total) if row is not None]
    cells = [
        {
            "by": by, "group": row.name, "dimension": cell.dimension, "value": cell.value, "checked": cell.checked,
            "failed": cell.failed, "target": cell.target,
        }
        for by, row in lines
        for cell in row.cells
    ]  # fmt: skip
    return pa.Table.from_pylist(cells, schema=SCORES)
