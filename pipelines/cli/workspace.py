"""`goldseam init` and `goldseam check`."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.run import WorkspaceOption


def init(folder: Annotated[Path, typer.Argument(help="Where to make the workspace; it must not exist yet.")]) -> None:
    """Make a workspace for your own sources: settings with comments, one example source, an inbox.

    Example: goldseam init my-firm
    """
    from pipelines.init import FolderInUse, write

    try:
        written = write(folder)
    except FolderInUse as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
    for path in written:
        typer.echo(f"  {path}")
    inbox, sources = folder / "inbox", folder / "sources"
    typer.echo(f"\nPut your files into {inbox}, declare each with: goldseam read FILE --save {sources}/NAME.yml")
    typer.echo(f"Then: goldseam check -w {folder}")


def check(workspace: WorkspaceOption = Path()) -> None:
    """Look through the configuration and the sources without running: every mistake at once, with its remedy.

    Example: goldseam check -w my-firm
    """
    from pipelines.check import check as look

    problems, sources = look(workspace)
    for problem in problems:
        typer.echo(str(problem), err=True)
    if problems:
        typer.echo(f"\n{len(problems)} to correct.", err=True)
        raise typer.Exit(2)
    typer.echo(f"{sources} sources, nothing to correct. Next: goldseam run -w {workspace}")
