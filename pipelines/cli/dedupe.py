"""`goldseam dedupe`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from pipelines.dedupe import Result
    from pipelines.dedupe.reading import Read

FILES: Final = {
    "report.html": "look here first: who was joined, and why",
    "clusters.csv": "each record and its cluster_id: equal ids are one customer",
    "golden.csv": "one row a customer, with the best value of each column",
    "pairs.parquet": "every pair that was compared, for programs",
}
MOST: Final = 30
"""Columns that are shown in full; the rest is in the report."""


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
    merge_only: Annotated[
        bool, typer.Option("--merge-only", help="Join only what may be joined unseen, as it is nearly certain.")
    ] = False,
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
    known = (country or "").strip().upper() or None
    if known and not (len(known) == 2 and known.isascii() and known.isalpha()):
        raise typer.BadParameter(f"{country!r} is no code of two letters, as GR or IT", param_hint="--country")
    request = Request(files, out, link, id_column, rules, labels, merge_only, known, dict(map(pair_of, meaning or ())))
    with Bar() as bar:
        result = run(request, bar.tell)
    _show(result)


def pair_of(text: str) -> tuple[str, str]:
    """COLUMN=MEANING as a pair."""
    column, sign, target = text.rpartition("=")
    if not sign:
        raise typer.BadParameter(f'{text!r} is not "COLUMN=MEANING"', param_hint="--as")
    return column, target


def _show(result: "Result") -> None:
    from rich.console import Console

    from reports.format import noun
    from reports.thresholds import sentence

    console = Console(highlight=False)
    for read in result.reads:
        _columns(console, read)
    console.print('Taken wrongly? Say [yellow]--as "COLUMN=MEANING"[/yellow] (or [yellow]=ignore[/yellow]), and again.')
    console.print()
    notes = list(dict.fromkeys((*(n for r in result.reads for n in r.notes), *result.matched.notes)))
    for note in notes:
        console.print(f"  ! {note}", style="dim", markup=False)
    if notes:
        console.print()
    extra = result.records - result.customers
    said = f": {extra:,} {noun(extra, 'was', 'were')} there already" if extra else ", no two of them the same"
    records, customers = noun(result.records, "record is", "records are"), noun(result.customers, "customer")
    console.print(f"[bold]{result.records:,}[/bold] {records} [bold]{result.customers:,}[/bold] {customers}{said}.")
    console.print(f"{sentence(*result.thresholds)}\n", style="dim", markup=False)
    console.print(f"Written to {result.files[0].parent}:", soft_wrap=True, markup=False)
    for name, what in FILES.items():
        console.print(f"  {name:<14} [dim]{what}[/dim]")


def _columns(console: "Console", read: "Read") -> None:
    """What the columns of a file were taken for: those that are used one a line, the others in one sentence."""
    from rich.markup import escape
    from rich.table import Table

    from pipelines.dedupe.reading import UNNEEDED

    used = [m for m in read.meanings if m.target not in ("ignore", "note") and m.why != UNNEEDED]
    console.print(f"\n[bold]{escape(read.name)}[/bold]  {len(read.raw):,} records, {len(read.meanings)} columns\n")
    table = Table(box=None, pad_edge=False, header_style="bold yellow")
    table.add_column("column", overflow="fold", max_width=28)
    table.add_column("taken for", overflow="fold", max_width=26, style="yellow")
    table.add_column("sure", justify="right", no_wrap=True)
    table.add_column("because", style="dim")
    for m in used[:MOST]:
        table.add_row(escape(m.column), escape(m.target), f"{m.confidence:.0%}", escape(m.why))
    console.print(table)
    if len(used) > MOST:
        console.print(f"[dim]and {len(used) - MOST} more: see report.html[/dim]")
    if ignored := [m.column for m in read.meanings if m not in used]:
        console.print(f"\nNot compared: [dim]{escape(_listed(ignored))}[/dim]")
    console.print()


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join(names[:MOST]) + more
