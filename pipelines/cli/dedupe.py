"""`goldseam dedupe`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pipelines.dedupe import Result


def dedupe(
    files: Annotated[list[Path], typer.Argument(help="CSV, Excel, ODS or Parquet tables.", dir_okay=False)],
    out: Annotated[Path, typer.Option("--out", help="Folder for the results.", file_okay=False)],
    link: Annotated[bool, typer.Option("--link", help="Match across files only; no file holds anyone twice.")] = False,
    id_column: Annotated[
        str | None, typer.Option("--id", help="The column that names a record; none: row numbers.")
    ] = None,
    rules: Annotated[Path | None, typer.Option("--rules", help="A matching file.", dir_okay=False, exists=True)] = None,
    labels: Annotated[
        Path | None, typer.Option("--labels", help="Known pairs, CSV.", dir_okay=False, exists=True)
    ] = None,
    meaning: Annotated[
        list[str] | None, typer.Option("--as", help='What a column means: "Nome=given_name", or "Nome=ignore".')
    ] = None,
    country: Annotated[str | None, typer.Option(help="Where most of the records are: GR, IT, TR…")] = None,
    merge_only: Annotated[bool, typer.Option("--merge-only", help="Join only what is nearly certain.")] = False,
) -> None:
    """Find the duplicates in any table. No configuration: columns are recognised, and you can overrule them.

    Writes clusters.csv (every record once), golden.csv (one row a customer), pairs.parquet and report.html.

    Examples:

      goldseam dedupe customers.xlsx --out result

      goldseam dedupe crm.csv shop.csv --link --id id --out result

      goldseam dedupe list.csv --as "Ονομα=full_name" --country GR --out result
    """
    from pipelines.cli.watch import Bar
    from pipelines.dedupe import Request
    from pipelines.dedupe import dedupe as run

    if link and len(files) < 2:
        raise typer.BadParameter("--link needs two files or more", param_hint="--link")
    request = Request(files, out, link, id_column, rules, labels, merge_only, country, dict(map(_pair, meaning or ())))
    with Bar() as bar:
        result = run(request, bar.tell)
    _show(result)


def _pair(text: str) -> tuple[str, str]:
    column, sign, target = text.rpartition("=")
    if not sign:
        raise typer.BadParameter(f'{text!r} is not "COLUMN=MEANING"', param_hint="--as")
    return column, target


def _show(result: "Result") -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    for read in result.reads:
        table = Table(box=None, pad_edge=False, header_style="bold yellow", title=read.name, title_justify="left")
        for name in ("column", "taken for", "sure", "why"):
            table.add_column(name)
        for m in read.meanings:
            table.add_row(m.column, m.target, f"{m.confidence:.0%}", m.why)
        console.print(table)
    console.print('[dim]Wrong? Say --as "COLUMN=MEANING" and run again.[/dim]\n')
    for note in (*(n for r in result.reads for n in r.notes), *result.matched.notes):
        console.print(f"  {note}", style="dim", markup=False)
    console.print(f"[bold]{result.records:,}[/bold] records are [bold]{result.customers:,}[/bold] customers.\n")
    for path in result.files:
        console.print(f"  {path}")
