"""`goldseam publish` and `goldseam rollback`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.quarantine import ReasonOption, UserOption
from pipelines.cli.run import WorkspaceOption

JsonOption = Annotated[bool, typer.Option("--json", help="Print the summary as JSON, and nothing else.")]


def publish(
    run: Annotated[str, typer.Argument(help="The run, as its summary names it.")],
    user: UserOption,
    workspace: WorkspaceOption = Path(),
    reason: ReasonOption = "",
    as_json: JsonOption = False,
) -> None:
    """Publish a run that a gate held, or that was made with --dry-run, as it is.

    Who does it and why is put on record, with the gates that are passed over. Refused where another run was published
    since, or people decided something: then run again.

    Exit codes: 0 published, 1 failed, 2 there is no such run.

    Example: goldseam publish 20260102T033000Z-6066 -w my-firm --reason "the new source is meant to merge them"
    """
    from connectors import workspace as workspaces
    from pipelines.cli import show
    from pipelines.cli.watch import Bars
    from pipelines.publish_run import publish_run

    settings = workspaces.read(workspace)
    if as_json:
        _tell(publish_run(settings, run, user, reason).as_json())
        return
    with Bars() as bars:
        summary = publish_run(settings, run, user, reason, bars)
    show.summary(summary, workspace, stages=False)


def rollback(
    run: Annotated[str, typer.Argument(help="The published run to take back.")],
    user: UserOption,
    workspace: WorkspaceOption = Path(),
    reason: ReasonOption = "",
    later: Annotated[bool, typer.Option("--with-later", help="Take back the runs published after it too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Take a published run back: the golden table becomes what it was before, and every change of that is told.

    It is a publication of its own: nothing is deleted, readers see the one table or the other, followers of the change
    feed hear of it, and a rollback can be taken back as well. Customers that the run made are retired, those that it
    merged stand alone again under their own ids, and what it split is joined. What its sources held is forgotten: the
    next run reads it again, and is held while it would do the same (see `gates` in goldseam.yml). What people decided
    stands.

    Exit codes: 0 taken back, 1 failed, 2 it cannot be taken back.

    Examples:

      goldseam rollback 20260102T033000Z-6066 -w my-firm --reason "the file of sales was last year's"

      goldseam rollback 20260102T033000Z-6066 -w my-firm --with-later
    """
    from connectors import workspace as workspaces
    from pipelines.cli import show
    from pipelines.context import counted
    from pipelines.rollback import rollback as take_back

    summary = take_back(workspaces.read(workspace), run, user, reason, later=later)
    if as_json:
        _tell(summary.as_json())
        return
    show.summary(summary, workspace, stages=False)
    back = summary.rolled_back["runs"]
    typer.echo(f"\nTaken back: {counted(len(back), 'run')}, {', '.join(back)}")


def _tell(summary: dict[str, object]) -> None:
    typer.echo(json.dumps(summary, ensure_ascii=False, indent=1))
