"""What a run came to, for a person at a terminal."""

import shlex
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from pipelines.cli import difference
from pipelines.context import counted
from pipelines.runner import Summary

STATUS = {
    "published": ("Published", "green"),
    "unchanged": ("Nothing has changed since the last published run; nothing was published", "green"),
    "held": ("Held: not published. What was published before stands", "yellow"),
    "failed": ("Failed: not published. What was published before stands", "red"),
}

REASONS = 5
"""Reasons for which something was set aside that are told; the list has all."""


def summary(summary: Summary, workspace: Path, *, stages: bool = True) -> None:
    """The stages in a table (unless they were told one by one), what they found, and where the result lies."""
    console = Console(highlight=False)
    if stages:
        console.print(_stages(summary))
    word, colour = _status(summary)
    console.print(Text(f"{word}.", f"bold {colour}"))
    if summary.resumed:
        told = f"Gone on after the stage {summary.resumed['after']} of {summary.resumed['run_id']}, which was cut off."
        console.print(Text(told, "dim"))
    for reason in summary.reasons:
        console.print(Text(f"  {reason}", colour), soft_wrap=True)
    if summary.warnings and summary.status != "failed":
        console.print(Text("To see to:", "bold yellow"))
        for warning in summary.warnings:
            console.print(Text(f"  {warning}", "yellow"), soft_wrap=True)
    for stage in summary.stages:
        for note in stage.notes:
            console.print(Text(f"  {stage.name}: {note}", "dim"), soft_wrap=True)
    _found(console, summary, workspace)
    difference.tell(console, summary, workspace)
    _where(console, workspace)


def _status(summary: Summary) -> tuple[str, str]:
    if not summary.dry or summary.status == "failed":
        return STATUS[summary.status]
    would = {"held": "would be held", "published": "would be published"}.get(summary.would_be, "would change nothing")
    return f"Dry run: nothing was published; the run {would}", "yellow" if summary.would_be == "held" else "green"


def _stages(summary: Summary) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold yellow", title_justify="left")
    table.add_column("stage")
    for name in ("rows in", "rows out", "seconds"):
        table.add_column(name, justify="right")
    for stage in summary.stages:
        table.add_row(stage.name, f"{stage.rows_in:,}", f"{stage.rows_out:,}", f"{stage.seconds:.1f}")
    return table


def _found(console: Console, summary: Summary, workspace: Path) -> None:
    if summary.golden:
        waits = summary.status == "held"
        console.print(f"\nGolden customers  [bold]{summary.golden:,}[/bold]{', once published' if waits else ''}")
    if summary.golden and not waits:
        changes = ", ".join(f"{count:,} {word}" for word, count in summary.changes.items() if count)
        console.print(f"Changes           {changes or 'none'}")
    _aside(console, "Quarantined", "record", summary.quarantined)
    _aside(console, "Rejected", "row", summary.rejected)
    if summary.quarantined or summary.rejected:
        console.print(Text(f"  goldseam quarantine list -w {shlex.quote(str(workspace))} shows them"), soft_wrap=True)


def _aside(console: Console, what: str, one: str, reasons: dict[str, int]) -> None:
    """What was set aside, by reason."""
    if not reasons:
        return
    console.print(f"{what:<18}{counted(sum(reasons.values()), one)}, kept whole:")
    for reason, count in sorted(reasons.items(), key=lambda item: -item[1])[:REASONS]:
        console.print(Text(f"  {count:>6,}  {reason}"))
    if len(reasons) > REASONS:
        console.print(f"          and {counted(len(reasons) - REASONS, 'other reason')}")


def _where(console: Console, workspace: Path) -> None:
    latest = workspace / "published" / "latest"
    console.print()
    for what, path in (
        ("Golden table", latest / "golden.csv"),
        ("Who is who", latest / "crosswalk.csv"),
        ("Scorecard", workspace / "scorecard.html"),
    ):
        if path.exists():
            console.print(Text.assemble(f"{what:<18}", (str(path), "bold")), soft_wrap=True)


def measured(measured: Any) -> None:
    """How well the demo did against its truth."""
    text = (
        f"pair precision [bold]{measured.precision:.3f}[/bold]   recall [bold]{measured.recall:.3f}[/bold]   "
        f"F1 [bold]{measured.f1:.3f}[/bold]\nmeasured against truth/, which the pipeline never reads"
    )
    Console(highlight=False).print(Panel(text, title="Against the truth", border_style="yellow", expand=False))
