"""`goldseam run` and `goldseam demo`."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pipelines.cli.watch import Bars
    from pipelines.runner import Summary

WorkspaceOption = Annotated[
    Path, typer.Option("--workspace", "-w", help="The folder that holds goldseam.yml.", file_okay=False)
]
PlainOption = Annotated[bool, typer.Option("--plain", help="Without Prefect: no server to start, the same stages.")]


def run(
    workspace: WorkspaceOption = Path(),
    plain: PlainOption = False,
    dry: Annotated[bool, typer.Option("--dry-run", help="Everything but publishing: say what would change.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Work out everything anew, not only what changed.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON, and nothing else.")] = False,
) -> None:
    """One run of a workspace: land, standardise, validate, match, identify, survive, publish, report.

    Nothing is published unless everything holds; what was published before stays until then.

    The summary says what changes: customers new, merged, split, changed by field and retired, and the largest
    surprises with why. What gates (`gates` in goldseam.yml) hold is kept: goldseam publish RUN publishes it after all.
    So it is with --dry-run, which leaves state and published files as they are.

    A run works on what changed since the last one; rules, a model or a program that changed are noticed. --full works
    on every record, whatever stayed as it was, and shows the difference before it publishes (at a terminal it asks).

    Exit codes: 0 published or nothing to publish (or a dry run), 1 failed, 2 wrong usage or configuration, 3 held by
    a gate.

    Examples:

      goldseam run -w my-firm

      goldseam run -w my-firm --dry-run

      goldseam run -w my-firm --plain --json > run.json
    """
    from pipelines.cli import show
    from pipelines.cli.watch import Bars

    bars = None if as_json else Bars()
    try:
        summary = _run(workspace, plain, bars, dry=dry, full=full)
    except Exception as error:
        if as_json:
            _tell(_broken(error))
        raise
    if bars is None:
        _tell(summary)
    else:
        show.summary(summary, workspace, stages=not bars.has_told)
    raise typer.Exit(summary.exit_code)


def _tell(summary: "Summary") -> None:
    typer.echo(json.dumps(summary.as_json(), ensure_ascii=False, indent=1))


def _broken(error: Exception) -> "Summary":
    """What `--json` says of a run that broke, or that could not begin (then it has no id)."""
    from pipelines.cli.errors import sentences
    from pipelines.context import RunFailed
    from pipelines.runner import Summary

    if isinstance(error, RunFailed):
        return error.summary  # type: ignore[no-any-return]  # context.py cannot import Summary
    return Summary("", reasons=sentences(error) or [type(error).__name__])


def _run(workspace: Path, plain: bool, bars: "Bars | None", *, dry: bool = False, full: bool = False) -> "Summary":
    """A run that somebody watches, or nobody."""
    from connectors.store import lock
    from pipelines import check, flow, runner

    settings = check.read(workspace)
    lock.demand(settings.var / "run.lock")  # before Prefect takes its seconds to start
    with bars or nullcontext():
        if plain:
            return runner.run(settings, bars, dry=dry, full=full)
        return flow.run(settings, bars, dry=dry, full=full)


def demo(
    out: Annotated[Path, typer.Option("--out", help="Where to write the demo workspace.")] = Path("demo"),
    customers: Annotated[int, typer.Option(help="True customers of the made-up firm.", min=50)] = 2000,
) -> None:
    """Write the workspace of a made-up firm and run the whole pipeline on it.

    2,000 customers in some 5,000 records over eight sources, in seven languages and three scripts.

    The truth is written beside it and never read by the pipeline; the summary at the end is measured against it.

    Example: goldseam demo --out /tmp/demo
    """
    from pipelines import demo as firm
    from pipelines.cli import show
    from pipelines.cli.watch import Bars
    from pipelines.runner import EXIT

    if out.exists() and not out.is_dir():
        raise typer.BadParameter(f"{out} is a file. Name a folder", param_hint="--out")
    typer.echo(f"Writing the demo firm into {out} …", err=True)
    firm.write(out, customers=customers)
    bars = Bars()
    summary = _run(out, plain=True, bars=bars)
    show.summary(summary, out, stages=not bars.has_told)
    if summary.status in ("published", "unchanged"):
        show.measured(firm.measure(out))
    raise typer.Exit(EXIT[summary.status])
