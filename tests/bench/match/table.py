"""The figures for people: a table of each set as it comes, and a page of all of them; and for machines: JSON."""

import json
from pathlib import Path
from typing import Any, Final

import yaml
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

HEAD: Final = (
    "", "pairs", "blocking\nrecall", "pairs\nP R F1", "best F1\n(at)", "clusters\nP R F1", "best F1\n(at)",
    "CPU s\n(matching)", "wall s\n(matching)", "MB",
)  # fmt: skip
TO_REACH: Final[dict[str, dict[str, Any]]] = yaml.safe_load(Path(__file__).with_name("to_reach.yml").read_text("utf-8"))
OURS: Final = "goldseam"


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
    mark = TO_REACH.get(name, {}).get("f1")
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
    return f"{found['f1']:.4f} ({found['threshold']:.4g})"


def _cost(one: dict[str, Any], kind: str) -> str:
    """Seconds of all phases, in brackets those of matching alone; of a run that failed, all that it took."""
    phases = one.get("phases")
    if phases:
        return f"{spent(one, kind):.1f} ({phases['match'][kind]:.1f})"
    key = "cpu" if kind == "cpu" else "seconds"
    return f"{one[key]:.1f}" if key in one else ""


def spent(one: dict[str, Any], kind: str, phase: str | None = None) -> float:
    """Seconds, `cpu` or `wall`, of one phase or of all."""
    return float(sum(p[kind] for name, p in one["phases"].items() if phase in (None, name)))


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


def ratios(found: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Of each peer: its F1 less ours, and its costs as multiples of ours (matching alone as well)."""
    ours = found.get(OURS)
    if not ours or "failed" in ours:
        return {}
    out = {}
    for name, one in found.items():
        if name.startswith(OURS) or "failed" in one:
            continue
        out[name] = {
            "f1_less_ours": one["clusters"]["f1"] - ours["clusters"]["f1"],
            "best_f1_less_our_default": one["clusters"]["best"]["f1"] - ours["clusters"]["f1"],
            **{f"{kind}_of_ours": spent(one, kind) / spent(ours, kind) for kind in ("cpu", "wall")},
            **{
                f"matching_{kind}_of_ours": spent(one, kind, "match") / spent(ours, kind, "match")
                for kind in ("cpu", "wall")
            },
            "megabytes_of_ours": one["megabytes"] / ours["megabytes"],
        }
    return out


def marks(name: str, found: dict[str, Any]) -> list[tuple[str, float, float, bool]]:
    """What is to be reached on a set: (what, to reach, reached, whether it is)."""
    goal, out = TO_REACH.get(name, {}), []
    for key, tool in (("f1", OURS), ("labels", f"{OURS}_labels")):
        one = found.get(tool)
        if key in goal and one and "failed" not in one:
            reached = one["clusters"]["f1"]
            out.append((f"{name}, cluster F1{', 200 labels' if key == 'labels' else ''}", goal[key], reached,
                        reached >= goal[key]))  # fmt: skip
    one, peer = found.get(f"{OURS}_given"), found.get("splink")
    if "given" in goal and one and "failed" not in one:
        limit = goal["given"]
        figures = {"CPU s": (limit["cpu"], spent(one, "cpu", "match")),
                   "GB": (limit["gigabytes"], one["megabytes"] / 1000)}  # fmt: skip
        if peer and "failed" not in peer:
            figures["share of Splink's wall"] = (
                limit["wall"],
                spent(one, "wall", "match") / spent(peer, "wall", "match"),
            )
        out += [(f"{name}, given rules, {what}", to, got, got <= to) for what, (to, got) in figures.items()]
    return out


def default_is_best(found: dict[str, Any]) -> bool | None:
    """Whether our default threshold is the best one to within .01 F1; None where that was not measured."""
    one = found.get(OURS)
    if not one or "failed" in one:
        return None
    return bool(one["clusters"]["best"]["f1"] - one["clusters"]["f1"] <= 0.01)


def summary(figures: dict[str, Any], console: Console) -> None:
    """Print what is to be reached beside what was, and where the default threshold is not the best."""
    table = Table("", "to reach", "reached", "", title="To reach", title_justify="left", title_style="bold")
    for name, found in figures.items():
        for what, to, got, done in marks(name, found):
            table.add_row(what, f"{to:g}", f"{got:.4f}", "yes" if done else "no")
    console.print("", table, sep="\n")
    for name, found in figures.items():
        if default_is_best(found) is False:
            console.print(f"{name}: another threshold is better by more than .01 F1")


def write(figures: dict[str, Any], out: Path) -> None:
    """figures.json and bench-match.md."""
    compared = {name: ratios(found) for name, found in figures.items()}
    whole = {"sets": figures, "ratios": compared, "to_reach": TO_REACH}
    (out / "figures.json").write_text(json.dumps(whole, indent=1) + "\n", "utf-8")
    (out / "bench-match.md").write_text(page(figures), "utf-8")


def page(figures: dict[str, Any]) -> str:
    """Everything as Markdown."""
    out = ["# Matching, side by side", ""]
    for name, found in figures.items():
        out += [f"## {_title(name, found)}", "", _line(HEAD), _line(["---"] * len(HEAD)), *map(_line, rows(found)), ""]
        out += [f"- {said}" for said in remarks(found)] + [""]
    return "\n".join(out)


def _line(cells: Any) -> str:
    return f"| {' | '.join(cell.replace(chr(10), ' ') for cell in cells)} |"
