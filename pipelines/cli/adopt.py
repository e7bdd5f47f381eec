"""`goldseam adopt`."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.quarantine import UserOption
from pipelines.cli.run import WorkspaceOption


def adopt(
    file: Annotated[Path, typer.Argument(help="CSV, workbook or Parquet table.", dir_okay=False, exists=True)],
    user: UserOption,
    workspace: WorkspaceOption = Path(),
    columns: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD=COLUMN", help="Where source, record_id or golden_id stand under other headers."),
    ] = None,
    source: Annotated[str | None, typer.Option(help="The source of every line, where no column says it.")] = None,
) -> None:
    """Take over golden ids that the firm has: each record, source and record_id, with its golden_id.

    The ids are kept as they are written, and the next run goes on with them. For records that are not published yet.

    Examples:

      goldseam adopt crosswalk.csv -w my-firm

      goldseam adopt old-ids.xlsx -w my-firm --source crm --columns record_id=customer --columns "golden_id=Master no"
    """
    from connectors import workspace as workspaces
    from connectors.store.state import Store
    from pipelines.adopt import COLUMNS
    from pipelines.adopt import adopt as take_over
    from pipelines.context import counted

    named = dict(text.partition("=")[::2] for text in columns or ())
    if wrong := sorted(named.keys() - {*COLUMNS}):
        raise typer.BadParameter(f"{wrong[0]!r} is none of {', '.join(COLUMNS)}", param_hint="--columns")
    settings = workspaces.read(workspace)
    with Store.open(settings.database_url) as store:
        done = take_over(settings, store, file, user=user, columns=named, source=source)
    for note in done.notes:
        typer.echo(f"{note}.")
    of = f"{counted(done.records, 'record')} of {counted(done.customers, 'customer')}"
    typer.echo(
        f"{of} adopted; the next run goes on with their golden ids." if done.records else "Nothing new to adopt."
    )
