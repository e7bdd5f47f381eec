"""`goldseam quarantine`: what could not be identified, and what is done about it."""

import getpass
import json
import os
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli.run import WorkspaceOption
from rules.record_key import key_of

if TYPE_CHECKING:
    import pyarrow as pa

    from connectors.store.state import Store


def _whoever() -> str:
    """The user's name; a user whom the system does not know (in a container) is named by number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


app = typer.Typer(
    help="""Records that could not be identified: kept whole, with every reason, until somebody settles them.

    Rows that could not be read as records stand beside them (state `rejected`): correct those in their file.

    Example: goldseam quarantine list -w my-firm
    """,
    no_args_is_help=True,
)


class State(StrEnum):
    """What became of a quarantined record; `rejected` is a row that never was one."""

    OPEN = "open"
    CORRECTED = "corrected"
    RELEASED = "released"
    RETURNED = "returned"
    REJECTED = "rejected"


StateOption = Annotated[State | None, typer.Option(help="Only these; none: all.", show_choices=True)]
SourceOption = Annotated[str | None, typer.Option(help="Only this source.")]
KeyArgument = Annotated[str, typer.Argument(help="The record, SOURCE:ID.")]
UserOption = Annotated[str, typer.Option(help="Who does this.", default_factory=_whoever)]
ReasonOption = Annotated[str, typer.Option(help="Why.")]


def _store(workspace: Path) -> "Store":
    from connectors import workspace as workspaces
    from connectors.store.state import Store

    return Store.open(workspaces.read(workspace).database_url)


def _found(
    workspace: Path, state: State | None, source: str | None, run: str | None = None
) -> "tuple[pa.Table, pa.Table]":
    """Quarantined records, and the rejected rows of the last run; without a state both, with one its own.

    `run`: the records that this run would set aside, and no rows.
    """
    from connectors import workspace as workspaces
    from pipelines import quarantine, rejected

    if run:
        items = quarantine.of_run(workspaces.read(workspace), run, source)
        return items, rejected.latest(workspaces.read(workspace), source).slice(0, 0)
    with _store(workspace) as store:
        items = quarantine.list_items(store, None if state is State.REJECTED else state, source)
    rows = rejected.latest(workspaces.read(workspace), source)
    if state is State.REJECTED:
        return items.slice(0, 0), rows
    return items, rows if state is None else rows.slice(0, 0)


PLACE = {"file": "", "sheet": "sheet ", "line": "line "}


@app.command("list")
def show(
    workspace: WorkspaceOption = Path(),
    state: StateOption = None,
    source: SourceOption = None,
    run: Annotated[str | None, typer.Option(help="What this run would set aside, though it is held or dry.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON, with their cells.")] = False,
) -> None:
    """Quarantined records with their reasons; then the rows that could not be read as records, with reason and remedy.

    Examples:

      goldseam quarantine list -w my-firm --state open

      goldseam quarantine list -w my-firm --state rejected --json
    """
    from pipelines import quarantine
    from pipelines.context import counted

    items, rejects = _found(workspace, state, source, run)
    if as_json:
        typer.echo(json.dumps(quarantine.as_json(items, rejects), ensure_ascii=False, indent=1))
        return
    for item in items.to_pylist():
        _tell(key_of(item), item["state"], item, item["reasons"])
    for row in rejects.to_pylist():
        _tell(row["source"], quarantine.REJECTED, row, filter(None, (row["reason"], row["remedy"])))
    if state is not State.REJECTED:
        typer.echo(f"{items.num_rows} in quarantine." if items.num_rows else "Nothing is in quarantine.")
    if rejects.num_rows:
        typer.echo(f"{counted(rejects.num_rows, 'row')} rejected: correct the file, and run again.")
    elif state is State.REJECTED:
        typer.echo("No row was rejected.")


def _tell(what: str, state: str, row: dict[str, Any], lines: Iterable[str]) -> None:
    """A record or row with its place, and what is to be said of it below."""
    place = ", ".join(f"{word}{row[k]}" for k, word in PLACE.items() if row[k] is not None)
    typer.echo(f"{what}  [{state}]  {place}")
    for line in lines:
        typer.echo(f"    {line}")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="A .csv or .xlsx file to write.", dir_okay=False)],
    workspace: WorkspaceOption = Path(),
    state: StateOption = None,
    source: SourceOption = None,
) -> None:
    """Write quarantined records and rejected rows to a sheet, to be put right at the source.

    Each has its cells under the source's own columns: with those corrected, and the columns before them deleted, the
    sheet of one source is a file that the source can read.

    Examples:

      goldseam quarantine export to-correct.xlsx -w my-firm --source crm

      goldseam quarantine export to-correct.csv -w my-firm --source orders --state rejected
    """
    from pipelines import quarantine
    from pipelines.context import counted

    items, rejects = _found(workspace, state, source)
    count = quarantine.export(items, file, rejects)
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
