"""`goldseam blocking`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from rules.matching.blocks.table import Appraised


def blocking(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Tables, as for dedupe; none: see -w.", dir_okay=False)
    ] = None,
    workspace: Annotated[
        Path | None, typer.Option("--workspace", "-w", help="The last run of this workspace.", file_okay=False)
    ] = None,
    id_column: Annotated[str | None, typer.Option("--id", help="The column that names a record.")] = None,
    rules: Annotated[Path | None, typer.Option("--rules", help="A matching file.", dir_okay=False, exists=True)] = None,
    meaning: Annotated[
        list[str] | None, typer.Option("--as", help='What a column means: "Nome=given_name", or "Nome=ignore".')
    ] = None,
    country: Annotated[str | None, typer.Option(help="Where most of the records are: GR, IT, TR…")] = None,
    link: Annotated[bool, typer.Option("--link", help="Count pairs across files only.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the table as JSON, and nothing else.")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Write the table as CSV, too.", dir_okay=False)] = None,
) -> None:
    """Show by which values records are brought together to be compared: pairs, largest block, estimated recall.

    Nothing is compared yet. Rules of your own go into a matching file, under `blocking`: lists of columns.
    Of a workspace they are those that `goldseam fit` would choose now; until then a run keeps the rules of its model.

    Examples:

      goldseam blocking customers.xlsx

      goldseam blocking -w my-firm --out blocking.csv
    """
    import json

    from pipelines import blocking as shown

    if bool(files) == bool(workspace):
        raise typer.BadParameter("name files, or a workspace with -w", param_hint="FILES")
    if workspace:
        found = shown.of_workspace(workspace)
    else:
        from pipelines.cli.dedupe import pair_of

        overrides = dict(map(pair_of, meaning or ()))
        found = shown.of_files(
            files or [], id_column=id_column, rules=rules, overrides=overrides, country=country, link=link
        )
    if out:
        shown.write(found, out)
    if as_json:
        typer.echo(json.dumps(shown.summary(found), ensure_ascii=False, indent=2))
    else:
        _show(found)


def _show(found: "list[Appraised]") -> None:
    from rich.console import Console

    console = Console(highlight=False)
    if not found:
        console.print("There is no record: nothing would be compared.")
    for part in found:
        _part(console, part)


def _part(console: "Console", part: "Appraised") -> None:
    from rich.markup import escape
    from rich.table import Table

    from reports.format import noun

    table = Table(box=None, pad_edge=False, header_style="bold yellow", title_justify="left")
    table.add_column("rule", overflow="fold")
    for name in ("pairs", "new", "largest", "finds", "adds"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", style="dim", overflow="fold")
    for c, new in zip(part.considered, part.new, strict=True):
        largest = f"{c.largest:,}" if c.used else ""
        shares = ("" if s is None else f"{s:.1%}" for s in (c.recall, c.adds))
        cells = (escape(c.text), f"{c.pairs:,}", "" if new is None else f"{new:,}", largest, *shares, escape(c.reason))
        table.add_row(*cells, style=None if c.used else "dim")
    console.print(f"\n[bold]{part.records:,}[/bold] {part.party} {noun(part.records, 'record')}\n")
    if not part.considered:
        console.print("No two of them share anything that could bring them together.")
        return
    console.print(table)
    told = "" if part.recall is None else f", which find about {part.recall:.1%} of the matches (estimated)"
    console.print(f"\nTo compare: [bold]{part.pairs:,}[/bold] pairs{told}.\n")
