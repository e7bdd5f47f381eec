"""Stage 8: the scorecard, of as far as the run got."""

from pathlib import Path

from pipelines import gates
from pipelines.context import Run, StageResult
from reports import page
from reports.scorecard.context import Outcome
from reports.scorecard.gather import gather, scores
from rules import scorecard


def report(run: Run) -> StageResult:
    """Write `report/scorecard.html` in the run's folder, and the scores that the next run compares itself with.

    Raises schema.Mistakes where the workspace's `rules/scorecard.yml` cannot be used.
    """
    own = run.workspace.rules_file("scorecard.yml")
    how = scorecard.settings(own.read_text("utf-8") if own else None, run.workspace.firm.report.targets)
    before = run.before if run.before and run.before.id != run.id else None
    card = gather(
        run.folder, run.workspace.firm, run.workspace.sources, run.started,
        how=how, before=before, outcome=_outcome(run), workspace=str(run.workspace.root),
    )  # fmt: skip
    run.folder.write("report", "scores", scores(card.heats))
    path = file(run)
    path.write_text(page.render(card), encoding="utf-8")
    return StageResult("report", card.totals.records, card.totals.golden, counts={"actions": len(card.actions)})


def file(run: Run) -> Path:
    """Where a run's scorecard lies."""
    path = run.folder.root / "report" / "scorecard.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _outcome(run: Run) -> Outcome | None:
    """Published, unchanged or held; None: the run stopped on its way, and its tables tell where."""
    if not run.folder.parts("survive", "golden"):
        return None
    if run.store is not None and run.store.last_published() == run.id:
        return Outcome("published", "", "publish")
    if held := gates.reasons(run):
        return Outcome("held", f"Not published: {'; '.join(held).rstrip('.')}", "survive")
    return Outcome("unchanged", "", "publish")
