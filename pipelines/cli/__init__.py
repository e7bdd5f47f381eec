"""The command line. Each command imports what it needs when it runs, so that `--help` answers in half a second."""

import sys

import typer

from pipelines.cli import (
    adopt,
    backup,
    blocking,
    decide,
    dedupe,
    fit,
    history,
    inspect,
    label,
    light,
    nightly,
    publish,
    quarantine,
    read,
    run,
    serve,
    workspace,
)  # fmt: skip

HELP = """Goldseam: from scattered customer records to one golden customer table, with every seam left visible.

[bold]Start here[/bold]

  goldseam demo                      a made-up firm, from end to end
  goldseam read FILE                 what any file is, a clean copy of it, its declaration
  goldseam dedupe FILE --out DIR     the duplicates of any table
  goldseam init my-firm              a workspace for your own sources
  goldseam check -w my-firm          every mistake in it at once
  goldseam run -w my-firm            golden table, crosswalk, scorecard
  goldseam serve -w my-firm          the desk at which people decide what a machine should not
  goldseam nightly -w my-firm        the same every night, and somebody told when it does not go well

A record is named SOURCE:ID everywhere. Exit codes: 0 published or nothing to publish, 1 failed, \
2 wrong usage or configuration, 3 held by a gate.
"""

app = typer.Typer(
    name="goldseam", help=HELP, rich_markup_mode="rich", no_args_is_help=True, add_completion=False,
    pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip
app.command()(run.demo)
app.command()(workspace.init)
app.command()(workspace.check)
app.command()(run.run)
app.command()(publish.publish)
app.command()(publish.rollback)
app.command()(nightly.nightly)
app.command()(read.read)
app.command()(dedupe.dedupe)
app.command()(blocking.blocking)
app.command()(fit.fit)
app.command()(label.label)
app.command()(inspect.report)
app.command()(inspect.why)
app.command()(history.history)
app.command()(adopt.adopt)
app.command()(backup.backup)
app.command()(backup.restore)
app.command()(serve.serve)
app.add_typer(serve.users, name="user")
app.add_typer(decide.app, name="decide")
app.add_typer(quarantine.app, name="quarantine")


def main() -> None:
    """The program `goldseam`: whatever a person can put right is said in a sentence, without a traceback."""
    if sys.argv[1:2] == ["read"]:
        light.without_pandas()
    try:
        app()
    except Exception as error:
        from pipelines.cli.errors import explain

        code = explain(error)
        if code is None:
            raise
        sys.exit(code)
