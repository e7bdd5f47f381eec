"""`make bench-match`: Goldseam beside its peers, on sets with truth: how right, how fast, how large.

Each run of a tool on a set has a process of its own, under 16 GB and 10 minutes. Nothing is asserted: this measures.
Tables are printed as they come; figures.json and bench-match.md are written anew after each set.
"""

import argparse
import json
import os
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any, Final, TypeAlias

from rich.console import Console

from tests.bench.match import errors, judge, preparing, runner, sets, table
from tests.bench.match.sets import NotAtHandError, Places, Ready, Spec
from tests.bench.match.tools import TOOLS, Tool, labelled

CACHE: Final = Path(".bench")
Figures: TypeAlias = dict[str, dict[str, Any]]


def main() -> None:
    asked = _arguments()
    console = Console(width=None if os.environ.get("COLUMNS") else max(150, Console().width))
    places = Places(asked.cache, asked.shared)
    asked.out.mkdir(parents=True, exist_ok=True)
    limits = runner.Limits(asked.gigabytes, asked.seconds)
    earlier, figures = _earlier(asked.out) if asked.keep else {}, {}
    for spec in asked.sets:
        try:
            with console.status(f"{spec.name}: making it ready"):
                ready = spec.make(spec.name, places)
        except NotAtHandError as error:
            console.print(f"\n[bold]{spec.name}[/]: skipped, {error}")
            continue
        figures[spec.name] = earlier.get(spec.name, {}) | _measured(spec, ready, asked, limits, console)
        table.show(spec.name, figures[spec.name], console)
        table.write(earlier | figures, asked.out)
    table.summary(figures, console)
    console.print(f"\n{asked.out / 'bench-match.md'} and {asked.out / 'figures.json'}")


def _earlier(out: Path) -> Figures:
    """The figures of the run before; those of tools and sets that are not run now."""
    path = out / "figures.json"
    found: Figures = json.loads(path.read_text("utf-8"))["sets"] if path.exists() else {}
    return found


def _measured(
    spec: Spec, ready: Ready, asked: argparse.Namespace, limits: runner.Limits, console: Console
) -> dict[str, Any]:
    """Figures of every tool on one set."""
    truth, found = judge.Truth(ready.truth), {}
    for tool in (t for t in asked.tools if t.wanted(spec)):
        with console.status(f"{spec.name}: {tool.says}"):
            found[tool.name] = {"says": tool.says, **_one(tool, spec, ready, truth, asked, limits)}
    return found


def _one(
    tool: Tool, spec: Spec, ready: Ready, truth: judge.Truth, asked: argparse.Namespace, limits: runner.Limits
) -> dict[str, Any]:
    """Figures of one tool on one set; `failed` says why there are none."""
    out = asked.out / "runs" / f"{spec.name}-{tool.name}"
    try:
        job = {
            "files": [str(f.resolve()) for f in ready.files], "id": sets.ID, "link": ready.link,
            "threads": asked.threads, "memory": limits.gigabytes, "curve": _curve(spec), **tool.job(spec),
        }  # fmt: skip
        job |= _beforehand(tool, spec, ready, truth, asked, job, limits)
        done = runner.run(tool.command(asked.cache / "peers"), job, out.resolve(), limits)
        costs = {"seconds": done.seconds, "cpu": done.cpu, "megabytes": done.megabytes, "phases": done.phases}
        if done.failed:
            return {"failed": done.failed, **costs}
        if tool.peer is None:
            errors.write(out, ready, truth, asked.out / f"{spec.name}-{tool.name}-errors.csv")
        return {**costs, **judge.judge(out, truth, probabilities=tool.probabilities)}
    except (CalledProcessError, FileNotFoundError, RuntimeError, ValueError) as error:
        return {"failed": str(error)[:200]}


def _curve(spec: Spec) -> tuple[float, ...]:
    """Thresholds at which our clusters are tried again; of a million records only some, for it takes a while."""
    return (0.2, 0.5, 0.8, 0.95, 0.99) if spec.large else judge.CURVE


def _beforehand(
    tool: Tool, spec: Spec, ready: Ready, truth: judge.Truth, asked: argparse.Namespace, job: dict[str, Any],
    limits: runner.Limits,
) -> dict[str, Any]:  # fmt: skip
    """What the job of some tools says further. Raises FileNotFoundError, RuntimeError where that cannot be had."""
    first = asked.out.resolve() / "runs" / f"{spec.name}-goldseam"
    if tool.name == "goldseam" and labelled(spec):
        return {"ask": preparing.LABELS, "truth": str(ready.truth.resolve())}
    if tool.name == "goldseam_asked":
        return {"labels": str(first / "asked.csv")}
    if tool.name == "goldseam_labels":
        out = asked.out.resolve() / f"{spec.name}-labels.csv"
        return {"labels": str(preparing.labels(first / "pairs.parquet", truth, ready.files[0].stem, out))}
    if tool.name == "goldseam_given":
        path = preparing.features(ready, job, asked.cache.resolve(), limits)
        return {"features": str(path), "rules": str(preparing.GIVEN)}
    return {}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.match", description=__doc__)
    parser.add_argument("--sets", help=f"of {', '.join(s.name for s in sets.SETS)}; all but the largest unless named")
    parser.add_argument("--large", action="store_true", help="the largest as well")
    parser.add_argument("--without", default="", help=f"tools to leave out, of {', '.join(t.name for t in TOOLS)}")
    parser.add_argument("--keep", action="store_true", help="beside the figures that the run before left of the others")
    parser.add_argument("--out", type=Path, default=CACHE / "match", help="where figures and pages go")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where sets and the peers' environments are kept")
    parser.add_argument("--shared", type=Path, default=sets.default_shared(), help="folder of the sets that are given")
    parser.add_argument("--gigabytes", type=float, default=16.0)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    named = {s.name: s for s in sets.SETS}
    wanted = asked.sets.split(",") if asked.sets else [n for n, s in named.items() if asked.large or not s.large]
    if unknown := [n for n in wanted if n not in named]:
        parser.error(f"no set {unknown[0]!r}; known: {', '.join(named)}")
    left_out = tuple(w for w in asked.without.split(",") if w)
    asked.sets = [named[n] for n in wanted]
    asked.tools = [t for t in TOOLS if t.name not in left_out and t.peer not in left_out]
    return asked


if __name__ == "__main__":
    main()
