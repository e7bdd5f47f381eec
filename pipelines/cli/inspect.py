"""`goldseam report` and `goldseam why`."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.run import WorkspaceOption


def report(
    workspace: WorkspaceOption = Path(),
    run: Annotated[str | None, typer.Option(help="A run id; none: the run that is published.")] = None,
) -> None:
    """Write the scorecard of a run again, and say where it is.

    Example: goldseam report -w my-firm
    """
    from pipelines.again import scorecard

    typer.echo(scorecard(workspace, run))


def why(
    left: Annotated[str | None, typer.Argument(help="A record, SOURCE:ID, or a golden id.")] = None,
    right: Annotated[
        str | None, typer.Argument(help="Another record or golden id; none: how the customer came about.")
    ] = None,
    workspace: WorkspaceOption = Path(),
) -> None:
    """Why two records were, or were not, merged, or how one customer came about: in words and in bits of evidence.

    Each +1 bit doubles the odds that two records are one customer, each −1 bit halves them.

    Examples:

      goldseam why -w my-firm crm:17 shop:4

      goldseam why -w my-firm crm:17
    """
    if left is None:
        remedy = f"goldseam why -w {workspace} SOURCE:ID SOURCE:ID"
        raise typer.BadParameter(f"name a record or a golden id, or two: {remedy}", param_hint="LEFT")
    from pipelines.why import why as explain

    typer.echo(explain(workspace, left, right))
