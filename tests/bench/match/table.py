"""The figures for people: a table of each set as it comes, and a page of all of them; and for machines: JSON."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from tests.bench.match.marks import OURS, Mark, goals, marks, ratios, spent

HEAD: Final = (
    "", "pairs", "blocking\nrecall", "pairs\nP R F1", "best F1\n(at)", "clusters\nP R F1", "best F1\n(at)",
    "CPU s\n(matching)", "wall s\n(matching)", "MB",
)  # fmt: skip
RELIABLE: Final = ("probability", "pairs", "mean probability", "same")


def show(name: str, found: dict[str, Any], console: Console) -> None:
    """Print the table of one set."""
    table = Table(title=_title(name, found), title_justify="left", title_style="bold", box=SIMPLE, pad_edge=False)
    for number, head in enumerate(HEAD):
        table.add_column(head, justify="left" if number == 0 else "right", no_wrap=True)
    for row in rows(found):
        table.add_row(*row)
    console.print("", table, *remarks(found), sep="\n", highlight=False, markup=False)


def _title(name: str, found: dict[str, Any]) -> str:
    of = next((f for f in found.values() if "records" in f), None)
    size = f": {of['records']:,} records, {of['true_pairs']:,} true pairs" if of else ""
    mark = goals(name).get("f1")
    return f"{name}{size}{f'; clusters to reach: F1 {mark:g}' if mark else ''}"


def rows(found: dict[str, Any]) -> list[list[str]]:
    """One row a tool, in the columns of HEAD."""
    return [
        [one["says"], *_right(one), _cost(one, "cpu"), _cost(one, "wall"), _megabytes(one)] for one in found.values()
    ]


def _right(one: dict[str, Any]) -> list[str]:
    if "failed" in one:
        return ["failed", *[""] * 5]
    pair, clusters = one["pair"], one["clusters"]
    return [
        f"{one['pairs']:,}", f"{one['blocking_recall']:.4f}", _quality(pair), _best(one["pair_best"]),
        _quality(clusters), _best(clusters["best"]),
    ]  # fmt: skip


def _quality(found: dict[str, float]) -> str:
    return " ".join(f"{found[k]:.4f}" for k in ("precision", "recall", "f1"))


def _best(found: dict[str, float]) -> str:
    return f"{found['f1']:.4f} ({found['threshold']:.5g})"


def _cost(one: dict[str, Any], kind: str) -> str:
    """Seconds of all phases, in brackets those of matching alone; of a run that failed, all that it took."""
    phases = one.get("phases")
    if phases:
        return f"{spent(one, kind):.1f} ({phases['match'][kind]:.1f})"
    key = "cpu" if kind == "cpu" else "seconds"
    return f"{one[key]:.1f}" if key in one else ""


def _megabytes(one: dict[str, Any]) -> str:
    return f"{one['megabytes']:,.0f}" if "megabytes" in one else ""


def remarks(found: dict[str, Any]) -> list[str]:
    """Below the table: can the probabilities be believed, and what do the two working thresholds yield."""
    out = []
    for one in found.values():
        said = [f"failed, {one['failed']}"] if "failed" in one else []
        if "calibration" in one:
            of = one["calibration"]
            said.append(f"calibration error {of['expected_error']:.3f}, at most {of['worst_error']:.3f} in a bin")
        if "merge" in one:
            merge, mixed = one["merge"], one["clusters"]["mixed_sure"]
            said.append(f"merge: precision {merge['precision']:.4f} at recall {merge['recall']:.4f}, {mixed:.2%} mixed")
            said.append(f"{one['review_per_1000']:.1f} pairs to review per 1,000 records")
        if said:
            out.append(f"{one['says']}: {'; '.join(said)}")
    return out


def summary(figures: dict[str, Any], console: Console) -> None:
    """Print what is to be reached beside what was."""
    table = Table("", "", "to reach", "reached", "", title="To reach", title_style="bold", box=SIMPLE)
    for name, found in figures.items():
        for mark in marks(name, found):
            table.add_row(name, mark.what, *_mark(mark))
    console.print("", table, sep="\n")


def _mark(mark: Mark) -> list[str]:
    goal = f"{'at most ' if mark.less else ''}{mark.goal:g}"
    return [goal, f"{mark.reached:.4f}" if mark.reached < 10 else f"{mark.reached:.1f}", "yes" if mark.done else "no"]


def write(figures: dict[str, Any], out: Path) -> None:
    """figures.json and bench-match.md."""
    compared = {name: ratios(found) for name, found in figures.items()}
    reached = {name: [{**asdict(m), "done": m.done} for m in marks(name, found)] for name, found in figures.items()}
    whole = {"sets": figures, "ratios": compared, "marks": reached}
    (out / "figures.json").write_text(json.dumps(whole, indent=1) + "\n", "utf-8")
    (out / "bench-match.md").write_text(page(figures), "utf-8")


def page(figures: dict[str, Any]) -> str:
    """Everything as Markdown."""
    out = ["# Matching, side by side", ""]
    for name, found in figures.items():
        out += [f"## {_title(name, found)}", "", *_lines(HEAD, rows(found)), ""]
        out += [f"- {said}" for said in remarks(found)]
        bins = found.get(OURS, {}).get("calibration", {}).get("bins", [])
        out += ["", "How reliable Goldseam's probabilities are:", "", *_lines(RELIABLE, map(_bin, bins)), ""]
    reached = [[name, mark.what, *_mark(mark)] for name, found in figures.items() for mark in marks(name, found)]
    return "\n".join([*out, "## To reach", "", *_lines(("set", "", "to reach", "reached", ""), reached), ""])


def _bin(one: dict[str, float]) -> list[str]:
    edges = f"{one['low']:g} to {one['high']:g}"
    return [edges, f"{one['pairs']:,}", f"{one['predicted']:.3f}", f"{one['observed']:.3f}"]


def _lines(head: Iterable[str], rows: Iterable[list[str]]) -> list[str]:
    """A Markdown table."""
    cells = [[cell.replace("\n", " ") for cell in row] for row in (list(head), *rows)]
    lines = [f"| {' | '.join(row)} |" for row in cells]
    return [lines[0], "|" + " --- |" * len(cells[0]), *lines[1:]]
