"""`goldseam fit`."""

from typing import Annotated

import typer

from pipelines.cli.run import WorkspaceOption


def fit(
    workspace: WorkspaceOption,
    yes: Annotated[bool, typer.Option("--yes", help="Use the new model without asking.")] = False,
) -> None:
    """Learn the matching model anew from the last run's records, and see what it would change before it is used.

    The first run learns a model; later runs use it as it is. Fit again when sources have been added.

    Example: goldseam fit -w my-firm
    """
    from pipelines import fit as fitting

    found = fitting.fit(workspace)
    for note in found.notes:
        typer.echo(f"  {note}")
    typer.echo(f"Learnt from {found.pairs:,} candidate pairs of {found.records:,} records.")
    typer.echo(f"Customers: {found.before:,} now, {found.after:,} with the new model.")
    typer.echo(f"{found.joined:,} of them would be joined with another, {found.split:,} would be split.")
    if yes or typer.confirm("Use it from the next run on?"):
        fitting.use(workspace, found.model)
        typer.echo(f"It is in use. Next: goldseam run -w {workspace}")
