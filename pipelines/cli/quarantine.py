"""`goldseam quarantine`: what could not be identified, and what is done about it."""

import getpass
import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.run import WorkspaceOption

if TYPE_CHECKING:
    from connectors.store.state import Store


def _whoever() -> str:
    """The user's name; a user whom the system does not know (in a container) is named by number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


app = typer.Typer(
    help="""Records that could not be identified: kept whole, with every reason, until somebody settles them.

    Example: goldseam quarantine list -w my-firm
    """,
    no_args_is_help=True,
)


class State(StrEnum):
    """What became of a quarantined record."""

    OPEN = "open"
    CORRECTED = "corrected"
    RELEASED = "released"


StateOption = Annotated[State | None, typer.Option(help="Only these; none: all.", show_choices=True)]
SourceOption = Annotated[str | None, typer.Option(help="Only this source.")]
KeyArgument = Annotated[str, typer.Argument(help="The record, SOURCE:ID.")]
UserOption = Annotated[str, typer.Option(help="Who does this.", default_factory=_whoever)]
ReasonOption = Annotated[str, typer.Option(help="Why.")]


def _store(workspace: Path) -> "Store":
    from connectors import workspace as workspaces
    from connectors.store.state import Store

    return Store.open(workspaces.read(workspace).database_url)


PLACE = {"file": "", "sheet": "sheet ", "line": "line "}


@app.command("list")
def show(workspace: WorkspaceOption = Path(), state: StateOption = None, source: SourceOption = None) -> None:
    """Quarantined records with their reasons.

    Example: goldseam quarantine list -w my-firm --state open
    """
    from pipelines import quarantine

    with _store(workspace) as store:
        items = quarantine.list_items(store, state, source).to_pylist()
    for item in items:
        place = ", ".join(f"{word}{item[k]}" for k, word in PLACE.items() if item[k] is not None)
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
    """Write quarantined records to a sheet, to be put right at the source.

    Example: goldseam quarantine export to-correct.xlsx -w my-firm --source crm
    """
    from pipelines import quarantine
    from pipelines.context import counted

    with _store(workspace) as store:
        count = quarantine.export(quarantine.list_items(store, state, source), file)
    typer.echo(f"{counted(count, 'record')} written to {file}")


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
    """Correct cells of a quarantined row; the raw row stays as it is. Takes effect with the next run.

    Example: goldseam quarantine correct crm:17 "last name=Ferri" mail=ferri@posta.example -w my-firm
    """
    from pipelines import quarantine

    cells = dict(_cell(value) for value in values)
    with _store(workspace) as store:
        quarantine.correct(store, key, cells, user, reason)
    typer.echo(f"{key} is corrected from the next run on.")


@app.command()
def release(key: KeyArgument, user: UserOption, workspace: WorkspaceOption = Path(), reason: ReasonOption = "") -> None:
    """Let a quarantined record pass as it is, for as long as its content stays the same.

    Example: goldseam quarantine release crm:17 -w my-firm --reason "a customer by word of mouth"
    """
    from pipelines import quarantine

    with _store(workspace) as store:
        quarantine.release(store, key, user, reason)
    typer.echo(f"{key} passes from the next run on.")


def _cell(text: str) -> tuple[str, str]:
    column, sign, value = text.partition("=")
    if not sign or not column:
        raise typer.BadParameter(f"{text!r} is not COLUMN=VALUE")
    return column, value
