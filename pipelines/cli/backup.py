"""`goldseam backup` and `goldseam restore`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.run import WorkspaceOption

if TYPE_CHECKING:
    from pipelines.backup import Told


def backup(
    to: Annotated[Path, typer.Option("--to", help="The file to write, as backup.zip.", dir_okay=False)],
    workspace: WorkspaceOption = Path(),
    force: Annotated[bool, typer.Option("--force", help="Replace a file of that name.")] = False,
) -> None:
    """Write a workspace into one file: what was published and decided, settings, rules, and what the next run needs.

    Runs, stewards and readers go on meanwhile. The files of your sources are not in it, nor secrets or passwords.

    Example: goldseam backup -w my-firm --to my-firm-2026-03-01.zip
    """
    from connectors import workspace as workspaces
    from pipelines import backup

    told = backup.backup(workspaces.read(workspace), to, force=force)
    typer.echo(f"{to} ({to.stat().st_size / 1e6:,.1f} MB): {_holds(told)}.")
    if told.left_out:
        typer.echo(f"Not in it: {', '.join(told.left_out)}. Keep a copy of your own.")


def restore(
    file: Annotated[Path, typer.Argument(help="The backup.", exists=True, dir_okay=False)],
    workspace: WorkspaceOption = Path(),
    yes: Annotated[bool, typer.Option("--yes", help="Restore it though newer things would be lost.")] = False,
) -> None:
    """Bring a workspace back to what it was when a backup was made: all of it, or nothing.

    What was made on SQLite can be restored on PostgreSQL, and the other way round: GOLDSEAM_DATABASE_URL says where.
    Where publications, decisions or settings would be lost, they are named, and nothing is done without --yes.

    Examples:

      goldseam restore my-firm-2026-03-01.zip -w my-firm

      GOLDSEAM_DATABASE_URL=postgresql://goldseam@db/goldseam goldseam restore backup.zip -w my-firm
    """
    from pipelines import backup

    told = backup.restore(file, workspace, yes=yes)
    typer.echo(f"Restored into {workspace}: {_holds(told)}.")
    if told.left_out:
        typer.echo(f"Not in the backup, where they were there: {', '.join(told.left_out)}. Lay your own copy beside.")
    if told.put_aside:
        typer.echo(f"Files that were others lie in {told.put_aside}.")
    if told.state.rows.get("users"):
        typer.echo("Passwords are in no backup: give each user of the desk a new one.")


def _holds(told: "Told") -> str:
    from pipelines.context import counted

    decisions = counted(told.state.rows.get("decisions", 0), "decision")
    return f"publication {told.state.version}, {decisions}, {counted(told.files, 'file')}"
