"""`goldseam serve` and `goldseam user`: the stewards' desk and who may use it."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.cli.run import WorkspaceOption
from rules.roles import Role

if TYPE_CHECKING:
    from connectors.store.state import Store

users = typer.Typer(help="Who may use the desk.\n\nExample: goldseam user add maria --role steward -w my-firm",
                    no_args_is_help=True)  # fmt: skip


NameArgument = Annotated[str, typer.Argument(help="The name to sign in with.")]
LimitOption = Annotated[list[str] | None, typer.Option(help="Only customers of this one; again for more.")]


def serve(
    workspace: WorkspaceOption = Path(),
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8620,
    behind_proxy: Annotated[bool, typer.Option(help="A server in front speaks https.")] = False,
    proxy: Annotated[list[str] | None, typer.Option(help="Its address, where it is another machine's.")] = None,
) -> None:
    """Serve the stewards' desk, where people decide what the machine should not.

    Example: goldseam serve -w my-firm
    """
    from pipelines.desk.serve import HERE, NotSafe
    from pipelines.desk.serve import serve as run

    with _store(workspace) as store:
        if not store.users():
            typer.echo(
                f"Nobody may sign in yet. Add yourself: goldseam user add NAME --role admin -w {workspace}", err=True
            )
            raise typer.Exit(2)
    typer.echo(f"The desk is at http://{host}:{port}. Ctrl+C ends it.")
    try:
        run(workspace, host, port, behind_proxy=behind_proxy, proxies=proxy or HERE)
    except NotSafe as error:
        raise typer.BadParameter(str(error)) from error


@users.command()
def add(
    name: NameArgument,
    role: Annotated[Role, typer.Option(help="What they may.")],
    workspace: WorkspaceOption = Path(),
    email: Annotated[str, typer.Option(help="Where to write to them.")] = "",
    department: LimitOption = None,
    country: LimitOption = None,
) -> None:
    """Add somebody. The password is asked for, or taken from the environment variable GOLDSEAM_PASSWORD.

    Example: goldseam user add maria --role steward --department collections -w my-firm
    """
    with _store(workspace) as store:
        from connectors.store.desk.people import NoSuchUser

        try:
            store.add_user(name, role, email=email, password=_password(name), limits=_limits(department, country))
        except (NoSuchUser, ValueError) as error:
            raise typer.BadParameter(str(error)) from error
        store.note(name, "user added", f"role {role}")
    typer.echo(f"{name} may sign in as {role}.")


@users.command("list")
def list_users(workspace: WorkspaceOption = Path()) -> None:
    """Who may use the desk, and what."""
    with _store(workspace) as store:
        for user in store.users():
            limits = f"  {user['limits']}" if user["limits"] else ""
            typer.echo(f"{user['name']:<20} {user['role']:<8}{'' if user['active'] else ' (left)'}{limits}")


@users.command()
def change(
    name: NameArgument,
    workspace: WorkspaceOption = Path(),
    role: Annotated[Role | None, typer.Option(help="Another role.")] = None,
    password: Annotated[bool, typer.Option(help="Ask for a new password.")] = False,
    active: Annotated[bool | None, typer.Option("--active/--left", help="Whether they may sign in.")] = None,
    department: LimitOption = None,
    country: LimitOption = None,
    everything: Annotated[bool, typer.Option(help="Take the limits away.")] = False,
) -> None:
    """Change what somebody may. Whoever is signed in must sign in again.

    Example: goldseam user change maria --role lead -w my-firm
    """
    values: dict[str, object] = {}
    if role:
        values["role"] = role
    if active is not None:
        values["active"] = active
    if department or country or everything:
        values["limits"] = "" if everything else _limits(department, country)
    if password:
        values |= {"password": _password(name), "once": False}
    if not values:
        raise typer.BadParameter("say what to change: --role, --password, --active, --left, --department, --country")
    with _store(workspace) as store:
        from connectors.store.desk.people import LastAdmin, NoSuchUser

        try:
            store.change_user(name, **values)
        except (NoSuchUser, LastAdmin) as error:
            raise typer.BadParameter(str(error)) from error
        store.note(name, "user changed", " ".join(sorted(values)))
    typer.echo(f"{name} is changed.")


def _password(name: str) -> str:
    from connectors.store.desk import passwords

    told = os.environ.get("GOLDSEAM_PASSWORD")
    while True:
        text = told or typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        try:
            return passwords.digest(text, name)
        except passwords.TooWeak as error:
            if told:
                raise typer.BadParameter(f"the password cannot be used: {error}") from error
            typer.echo(f"That cannot be used: {error}.", err=True)


def _limits(departments: list[str] | None, countries: list[str] | None) -> str:
    from connectors.store.desk.people import limits_as_text

    return limits_as_text(departments or (), countries or ())


def _store(workspace: Path) -> "Store":
    from connectors import workspace as workspaces
    from connectors.store.state import Store

    return Store.open(workspaces.read(workspace).database_url)
