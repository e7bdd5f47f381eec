"""`goldseam fit`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from pipelines.cli.run import WorkspaceOption

if TYPE_CHECKING:
    from pipelines.fit import Difference
    from pipelines.fitting import Change, Reliability

KINDS: Final = {"joined": "joined with another", "split": "split", "regrouped": "both: joined and split"}


def fit(
    workspace: WorkspaceOption = Path(),
    labels: Annotated[
        Path | None,
        typer.Option("--labels", help="Judged pairs, CSV (goldseam label writes it).", dir_okay=False, exists=True),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Use the new model without asking.")] = False,
    listed: Annotated[
        bool, typer.Option("--list", help="List the models that were in use, and do nothing else.")
    ] = False,
    number: Annotated[int | None, typer.Option("--use", help="Take up an earlier model again, by its number.")] = None,
) -> None:
    """Learn the matching model anew from the last run's records, and see what it would change before it is used.

    The first run learns a model; later runs use it as it is. Fit again when sources have been added, or when people
    have judged pairs: decisions of stewards and judgements in a file (--labels) teach the model. Decisions hold in
    every run; judgements in a file only teach: a pair judged different there may stay joined (`dedupe --labels` obeys).

    Examples:

      goldseam fit -w my-firm

      goldseam fit -w my-firm --labels labels.csv

      goldseam fit -w my-firm --list
    """
    from pipelines import fit as fitting

    if listed:
        _versions(workspace)
        return
    if number is not None:
        new = fitting.use_again(workspace, number)
        typer.echo(f"Model {number} is in use again, as number {new}. Next: goldseam run -w {workspace}")
        return
    found = fitting.fit(workspace, labels)
    _show(found)
    if not (yes or asks()):
        typer.echo(f"Nothing is changed. To use it from the next run on: goldseam fit -w {workspace} --yes")
    elif yes or typer.confirm("Use it from the next run on?"):
        new = fitting.use(workspace, found.model)
        typer.echo(f"It is in use, as number {new}. Next: goldseam run -w {workspace}")


def asks() -> bool:
    """Whether there is somebody to ask."""
    return sys.stdin.isatty()


def _show(found: "Difference") -> None:
    from pipelines.fitting import by_kind
    from reports.format import plural

    for note in found.notes:
        typer.echo(f"  {note}")
    typer.echo(f"Learnt from {plural(found.pairs, 'pair')} of {plural(found.records, 'record')} that share something.")
    for kind, measured in found.reliability.items():
        _reliability(kind, measured)
    _thresholds(found)
    typer.echo(f"\nCustomers: {found.before:,} now, {found.after:,} with the new model.")
    kinds = by_kind(found.changes)
    for kind, words in KINDS.items():
        typer.echo(f"  {kinds.get(kind, 0):,} of today's would be {words}")
    if found.changes:
        typer.echo("\nThe largest changes:")
    for change in found.changes:
        if change.why:
            _change(change)
    typer.echo("")


def _thresholds(found: "Difference") -> None:
    from reports.thresholds import JOINED, SHOWN, UNSEEN

    joined = "merge" if found.merge_only else "best"
    typer.echo("\nProbabilities from which pairs are joined or shown, now and with the new model:")
    for kind, (old, new) in found.thresholds.items():
        told = (
            f"{words} {getattr(old, n):.3f} → {getattr(new, n):.3f}" if old else f"{words} {getattr(new, n):.3f}"
            for words, n in ((JOINED, joined), (UNSEEN, "merge"), (SHOWN, "review"))
        )
        typer.echo(f"  {kind:<13} {', '.join(told)}")


def _reliability(kind: str, found: "Reliability") -> None:
    from pipelines.context import counted

    typer.echo(
        f"\n{counted(found.judgements, 'judgement')} of {kind} pairs, each predicted by a model that never saw it:"
    )
    typer.echo(
        f"  on the right side of the threshold: {found.right_before:,} now, {found.right_after:,} with the new model"
    )
    typer.echo(f"  mean loss: {found.loss_before:.3f} now, {found.loss_after:.3f} with the new model (less is better)")
    for low, high, n, same, said in found.bins:
        typer.echo(f"  predicted {low:.2f} to {high:.2f}: {n:>5,} pairs, mean {said:.2f}, judged the same {same:.2f}")


def _change(change: "Change") -> None:
    from pipelines.context import counted

    records = ", ".join(":".join(key) for key in change.records[:6])
    more = f" and {len(change.records) - 6} more" if len(change.records) > 6 else ""
    of = counted(len(change.records), "record")
    typer.echo(f"  {change.kind}: {change.before} → {counted(change.after, 'customer')}, {of}: {records}{more}")
    if change.pair:
        typer.echo(f"    {':'.join(change.pair[0])} and {':'.join(change.pair[1])}: {change.why}")


def _versions(workspace: Path) -> None:
    from pipelines import fit as fitting
    from pipelines.context import counted

    for v in fitting.versions(workspace):
        again = f", the same as {v.same_as}" if v.same_as else ""
        learned = f", learned from {counted(v.judgements, 'judgement')}" if v.judgements else ""
        typer.echo(f"{v.number:>4}  {v.time[:16]}  run {v.run_id}{learned}{again}{'  (in use)' if v.in_use else ''}")
