"""What a run came to: as JSON for programs, as tables for a person at a terminal."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypedDict

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from reports.format import number, plural, seconds

CHANGES: Final = ("created", "merged", "split", "changed", "retired")
STATUS: Final = {
    "published": ("Published", "green"),
    "unchanged": ("Nothing changed since the last published run; nothing was published", "green"),
    "held": ("Held: not published; what was published before stands", "yellow"),
    "failed": ("Failed: not published; what was published before stands", "red"),
}
REASONS: Final = 5


class Stage(TypedDict):
    """One line of the stage table."""

    name: str
    rows_in: int
    rows_out: int
    seconds: float


class Summary(TypedDict, total=False):
    """A run's summary; the first six keys are the contract of `goldseam run --json`."""

    run_id: str
    status: str
    stages: Sequence[Stage]
    quarantined: Mapping[str, int]
    golden: int
    changes: Mapping[str, int]
    notes: Sequence[str]
    reasons: Sequence[str]


def as_json(summary: Summary) -> str:
    """The contract's JSON: its keys in its order, every kind of change named, reasons only where there are any."""
    stages = [
        {"name": s["name"], "rows_in": s["rows_in"], "rows_out": s["rows_out"], "seconds": round(s["seconds"], 3)}
        for s in summary.get("stages", ())
    ]
    changes = summary.get("changes", {})
    whole: dict[str, Any] = {
        "run_id": summary["run_id"],
        "status": summary["status"],
        "stages": stages,
        "quarantined": dict(summary.get("quarantined", {})),
        "golden": summary.get("golden", 0),
        "changes": {change: changes.get(change, 0) for change in CHANGES},
    }
    if reasons := summary.get("reasons"):
        whole["reasons"] = list(reasons)
    return json.dumps(whole, ensure_ascii=False, indent=1)


def tables(summary: Summary) -> RenderableType:
    """What `goldseam run` shows when it is done."""
    word, colour = STATUS.get(summary["status"], (summary["status"], "yellow"))
    parts: list[RenderableType] = [_stages(summary.get("stages", ())), Text(f"{word}.", f"bold {colour}")]
    parts += [Text(f"  {reason}", colour) for reason in summary.get("reasons", ())]
    if summary.get("golden"):
        parts.append(_found(summary))
    parts += _quarantined(summary.get("quarantined", {}))
    parts += [Text(f"  {note}", "dim") for note in summary.get("notes", ())]
    return Group(*parts)


def text(summary: Summary, width: int = 100) -> str:
    """The same without colour, for logs."""
    console = Console(width=width, no_color=True, highlight=False, legacy_windows=False)
    with console.capture() as captured:
        console.print(tables(summary))
    return captured.get()


def _stages(stages: Sequence[Stage]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold yellow")
    table.add_column("stage")
    for name in ("rows in", "rows out", "time"):
        table.add_column(name, justify="right")
    for stage in stages:
        table.add_row(stage["name"], number(stage["rows_in"]), number(stage["rows_out"]), seconds(stage["seconds"]))
    return table


def _found(summary: Summary) -> Text:
    changes = summary.get("changes", {})
    parts = [f"{number(changes[change])} {change}" for change in CHANGES if changes.get(change)]
    return Text(f"{plural(summary['golden'], 'golden customer')}: {', '.join(parts) or 'as before'}")


def _quarantined(reasons: Mapping[str, int]) -> list[RenderableType]:
    if not reasons:
        return []
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    lines: list[RenderableType] = [Text("In quarantine, kept whole, by reason (`goldseam quarantine list`):")]
    lines += [Text(f"{number(count):>8}  {reason}") for reason, count in ordered[:REASONS]]
    if len(ordered) > REASONS:
        lines.append(Text(f"{'':8}  and {plural(len(ordered) - REASONS, 'other reason')}"))
    return lines
