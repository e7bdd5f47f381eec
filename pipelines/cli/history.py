"""`goldseam history`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.run import WorkspaceOption


def history(
    name: Annotated[str, typer.Argument(help="A golden id, also one that was superseded, or a record, SOURCE:ID.")],
    workspace: WorkspaceOption = Path(),
    at: Annotated[
        str | None, typer.Option(help="A day (2026-01-31, to its end) or a time: what the customer looked like then.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """A customer's life: created, joined, split, changed, retired, with day, run and why; or what it looked like once.

    Examples:

      goldseam history GQ4JX7K2M9VTA -w my-firm

      goldseam history crm:17 -w my-firm --at 2026-01-31
    """
    from pipelines import history as past
    from reports import life

    if at is None:
        found = past.history(workspace, name)
        typer.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=1) if as_json else life.text(found))
        return
    then = past.at(workspace, name, at)
    typer.echo(json.dumps(then.as_json(), ensure_ascii=False, indent=1) if as_json else life.then(then))
