"""`goldseam quarantine`: what could not be identified, and what is done about it."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.run import WorkspaceOption

if TYPE_CHECKING:
    from connectors.store.state import Store

app = typer.Typer(
    help="Records that could not be identified: kept whole, with every reason, until somebody settles them.",
    no_args_is_help=True,
)
StateOption = Annotated[str | None, typer.Option(help="open, corrected or released; none: all.")]
SourceOption = Annotated[str | None, typer.Option(help="Only this source.")]
KeyArgument = Annotated[str, typer.Argument(help="The record, SOURCE:ID.")]
UserOption = Annotated[str, typer.Option(help="Who does this.", default_factory=getpass.getuser)]
ReasonOption = Annotated[str, typer.Option(help="Why.")]


def _store(workspace: Path) -> "Store":
    from connectors import workspace as workspaces
    from connectors.store.state import Store

    return Store.open(workspaces.read(workspace).database_url)


@app.command("list")
def show(workspace: WorkspaceOption = Path(), state: StateOption = None, source: SourceOption = None) -> None:
    """Quarantined records with their reasons. Example: goldseam quarantine list -w my-firm --state open"""
    from pipelines import quarantine

    with _store(workspace) as store:
        items = quarantine.list_items(store, state, source).to_pylist()
    for item in items:
        place = ", ".join(str(item[k]) for k in ("file", "sheet", "line") if item[k] is not None)
        typer.echo(f"{item['source']}:{item['record_id']}  [{item['state']}]  {place}")
        for reason in item["reasons"]:
            typer.echo(f"    {reason}")
    typer.echo(f"{len(items)} in quarantine." if items else "Nothing is in quarantine.")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="A .csv or .xlsx file to write.", dir_okay=False)],
    workspace: WorkspaceOption = Path(),
    state: StateOption = None,
    source: SourceOption = None,
) -> None:
    """Write quarantined records to a sheet, to be put right at the source."""
    from pipelines import quarantine

    with _store(workspace) as store:
        count = quarantine.export(quarantine.list_items(store, state, source), file)
    typer.echo(f"{count} records written to {file}")


@app.command()
def correct(
    key: KeyArgument,
    values: Annotated[
        list[str], typer.Argument(metavar="COLUMN=VALUE...", help="Cells of the row, by its own columns.")
    ],
    user: UserOption,
    workspace: WorkspaceOption = Path(),
    reason: ReasonOption = "",
) -> None:
    """Correct cells of a quarantined row; the raw row stays as it is. Takes effect with the next run."""
    from pipelines import quarantine

    cells = dict(_cell(value) for value in values)
    with _store(workspace) as store:
        quarantine.correct(store, key, cells, user, reason)
    typer.echo(f"{key} is corrected from the next run on.")


@app.command()
def release(key: KeyArgument, user: UserOption, workspace: WorkspaceOption = Path(), reason: ReasonOption = "") -> None:
    """Let a quarantined record pass as it is, for as long as its content stays the same."""
    from pipelines import quarantine

    with _store(workspace) as store:
        quarantine.release(store, key, user, reason)
    typer.echo(f"{key} passes from the next run on.")


def _cell(text: str) -> tuple[str, str]:
    column, sign, value = text.partition("=")
    if not sign or not column:
        raise typer.BadParameter(f"{text!r} is not COLUMN=VALUE")
    return column, value
