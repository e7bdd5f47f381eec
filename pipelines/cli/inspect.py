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
    left: Annotated[str, typer.Argument(help="A record, SOURCE:ID, or a golden id.")],
    right: Annotated[
        str | None, typer.Argument(help="Another record, SOURCE:ID; none: how the customer came about.")
    ] = None,
    workspace: WorkspaceOption = Path(),
) -> None:
    """Why two records were, or were not, merged, or how one customer came about: in words and in bits of evidence.

    Example: goldseam why -w my-firm crm:17 shop:4
    """
    from pipelines.why import why as explain

    typer.echo(explain(workspace, left, right))
