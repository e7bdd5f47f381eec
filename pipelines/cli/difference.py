"""What a run changes, for a person at a terminal."""

import shlex
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from pipelines.context import counted
from pipelines.summary import Summary

WORDS: Final = {
    "created": "new", "merged": "merged into others", "split": "split off", "changed": "changed",
    "retired": "retired", "returned": "returned",
}  # fmt: skip
FIELDS: Final = 8
"""Fields that are told; the summary's JSON has all."""


def tell(console: Console, summary: Summary, workspace: Path) -> None:
    """The same; and of a run that waits, how it is published."""
    told = summary.difference
    changes(console, summary)
    if summary.dry:
        page = workspace / "var" / "runs" / summary.run_id / "report" / "scorecard.html"
        console.print(Text(f"\nIts scorecard     {page}") if page.exists() else "", soft_wrap=True)
    if summary.status == "held" and told:
        where = shlex.quote(str(workspace))
        console.print(Text(f"\nPublish it as it is: goldseam publish {summary.run_id} -w {where}"), soft_wrap=True)


def changes(console: Console, summary: Summary) -> None:
    """Counts, fields and surprises of a run that came so far."""
    told = summary.difference
    if told:
        _counts(console, told)
    if told.get("surprises"):
        console.print("\nLargest surprises (much hangs on them, and they are rare)")
        for surprise in told["surprises"]:
            named = f"{surprise['golden_id']}: " if surprise["golden_id"] else ""
            console.print(Text(f"  {surprise['rank']:>7.1f}  {named}{surprise['why']}"), soft_wrap=True)


def _counts(console: Console, told: dict[str, Any]) -> None:
    counts = [f"{told[name]:,} {word}" for name, word in WORDS.items() if told[name]]
    console.print(f"\nCustomers         {', '.join(counts) or 'as they are'}")
    if not told["since"]:
        console.print("  There is nothing published to compare with: gates that compare did not judge.")
    fields = [f"{name} {counted(number, 'time')}" for name, number in told["fields"].items()]
    more = f" and {counted(len(fields) - FIELDS, 'other field')}" if len(fields) > FIELDS else ""
    if fields:
        console.print(Text(f"  changed fields: {', '.join(fields[:FIELDS])}{more}"), soft_wrap=True)
