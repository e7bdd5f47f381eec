"""`goldseam decide`: what people know, and no data may overrule."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.quarantine import ReasonOption, UserOption
from pipelines.cli.run import WorkspaceOption

if TYPE_CHECKING:
    from connectors.store.state import Store
    from connectors.workspace import Workspace

app = typer.Typer(
    help="""What people decide about customers: it always wins, until a person takes it back.

    Decisions are about records, SOURCE:ID, and stay with them through every run. One that contradicts earlier ones is
    refused, and they are named. Nothing is ever deleted: a decision is undone by another.

    Whoever decides here decides alone, also where the desk would ask a second reader for the same answer
    (desk.second_reader_above), and is asked no known cases: leave the command to people whom you would let do that.

    Example: goldseam decide same crm:17 shop:4 -w my-firm --reason "rang her"
    """,
    no_args_is_help=True,
)

LeftArgument = Annotated[str, typer.Argument(metavar="RECORD", help="A record, SOURCE:ID.")]
RightArgument = Annotated[str, typer.Argument(metavar="RECORD", help="Another record, SOURCE:ID.")]


@contextmanager
def _opened(root: Path) -> "Iterator[tuple[Workspace, Store]]":
    from connectors import workspace as workspaces
    from connectors.store.state import Store

    settings = workspaces.read(root)
    with Store.open(settings.database_url) as store:
        yield settings, store


def _about_two(kind: str, left: str, right: str, user: str, root: Path, reason: str) -> None:
    from pipelines import decide

    with _opened(root) as (settings, store):
        number = decide.about_two(settings, store, kind, left, right, user, reason)
    typer.echo(f"#{number}  {left} {kind} {right}: from the next run on.")


@app.command()
def same(
    left: LeftArgument, right: RightArgument, user: UserOption, workspace: WorkspaceOption = Path(),
    reason: ReasonOption = "",
) -> None:  # fmt: skip
    """Two records are one customer.

    Said of a record that is gone and of one that has come, the new one goes on under the old golden id.

    Example: goldseam decide same crm:17 shop:4 -w my-firm --reason "rang her"
    """
    _about_two("same", left, right, user, workspace, reason)


@app.command()
def different(
    left: LeftArgument, right: RightArgument, user: UserOption, workspace: WorkspaceOption = Path(),
    reason: ReasonOption = "",
) -> None:  # fmt: skip
    """Two records are two customers.

    Example: goldseam decide different crm:17 crm:18 -w my-firm --reason "father and son"
    """
    _about_two("different", left, right, user, workspace, reason)


@app.command()
def related(
    left: LeftArgument, right: RightArgument, user: UserOption, workspace: WorkspaceOption = Path(),
    reason: ReasonOption = "",
) -> None:  # fmt: skip
    """Two records are two customers who belong together: one household, one firm.

    Example: goldseam decide related crm:17 crm:18 -w my-firm
    """
    _about_two("related", left, right, user, workspace, reason)


@app.command()
def split(
    left: LeftArgument, right: RightArgument, user: UserOption, workspace: WorkspaceOption = Path(),
    reason: ReasonOption = "",
) -> None:  # fmt: skip
    """One customer is two: part it between these two records; the others go with the one that they are more like.

    Example: goldseam decide split crm:17 shop:9 -w my-firm --reason "two shops of one name"
    """
    _about_two("split", left, right, user, workspace, reason)


@app.command()
def value(
    record: LeftArgument,
    setting: Annotated[str, typer.Argument(metavar="FIELD=VALUE", help="A field of golden.csv, and what it is.")],
    user: UserOption,
    workspace: WorkspaceOption = Path(),
    reason: ReasonOption = "",
) -> None:
    """Set a field of the customer that a record belongs to, whatever the sources say.

    Example: goldseam decide value crm:17 surname=Ferri -w my-firm --reason "as on her passport"
    """
    from pipelines import decide

    field, sign, text = setting.partition("=")
    if not sign:
        raise typer.BadParameter(f"{setting!r} is not FIELD=VALUE")
    with _opened(workspace) as (settings, store):
        number = decide.value(settings, store, record, field.strip(), text.strip(), user, reason)
    typer.echo(f"#{number}  {record} {field} = {text}: from the next run on.")


@app.command()
def undo(
    number: Annotated[int, typer.Argument(help="The decision's number, as `goldseam decide list` shows it.")],
    user: UserOption,
    workspace: WorkspaceOption = Path(),
    reason: ReasonOption = "",
) -> None:
    """Take a decision back. Undoing an undoing makes the decision anew.

    Example: goldseam decide undo 12 -w my-firm --reason "wrong customer"
    """
    from pipelines import decide

    with _opened(workspace) as (_, store):
        made = decide.undo(store, number, user, reason)
    typer.echo(f"#{made}  undoes #{number}: from the next run on.")


@app.command("list")
def show(
    workspace: WorkspaceOption = Path(),
    everything: Annotated[bool, typer.Option("--all", help="Undone ones and undoings, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
) -> None:
    """The decisions in force, oldest first.

    Example: goldseam decide list -w my-firm
    """
    from pipelines import decide

    with _opened(workspace) as (_, store):
        rows = decide.made(store, everything=everything)
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        typer.echo(decide.told(row))
    if not rows:
        typer.echo("Nothing is decided.")
