"""`goldseam init` and `goldseam check`."""

import re
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.run import WorkspaceOption


def init(
    folder: Annotated[Path, typer.Argument(help="Where to make the workspace; it must not exist yet.")],
    country: Annotated[str | None, typer.Option(help="Where most of your customers are: GR, IT, TR…")] = None,
) -> None:
    """Make a workspace for your own sources: settings with comments, one example source, an inbox.

    Example: goldseam init my-firm --country IT
    """
    from pipelines.init import FolderInUse, write
    from rules.schema import COUNTRY

    code = country.strip().upper() if country else None
    if code and not re.fullmatch(COUNTRY, code):
        raise typer.BadParameter("write its two letters, as GR", param_hint="--country")
    try:
        written = write(folder, code)
    except FolderInUse as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    for path in written:
        typer.echo(f"  {path}")
    inbox, sources = folder / "inbox", folder / "sources"
    typer.echo(f"\nThe customers in {inbox} are invented: delete {sources / 'customers.yml'} once yours are declared.")
    typer.echo(f"Put your files into {inbox}, declare each with: goldseam read FILE --save {sources}/NAME.yml")
    if not code:
        typer.echo(f"Say in {folder / 'goldseam.yml'} in which country most of your customers are.")
    typer.echo(f"Then: goldseam check -w {folder}")


def check(workspace: WorkspaceOption = Path()) -> None:
    """Look through the configuration and the sources without running: every mistake at once, with its remedy.

    Example: goldseam check -w my-firm
    """
    from pipelines.check import check as look
    from pipelines.check import doubts
    from pipelines.context import counted

    problems, sources = look(workspace)
    for problem in problems:
        typer.echo(str(problem), err=True)
    for doubt in doubts(workspace):
        typer.echo(f"  ! {doubt}", err=True)
    if problems:
        typer.echo(f"\n{len(problems)} to correct.", err=True)
        raise typer.Exit(2)
    typer.echo(f"{counted(sources, 'source')}, nothing to correct. Next: goldseam run -w {workspace}")
