"""`make bench`: seconds, CPU seconds and peak memory a stage, on generated firms of 100,000 and 1,000,000 records.

Each size runs in a process of its own, with `--plain`, on a workspace of four sources: a first run, and a night on
which one row in a hundred has changed (`change.py`). Memory is the largest sum of resident memory over the process and
its children, looked at 20 times a second. The figures to reach are issue marks, printed beside; nothing is asserted,
since a busy machine would make a test of them lie.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from pipelines import runner
from pipelines.context import StageResult
from pipelines.stages import Stage

TO_REACH = {100_000: (45, None), 1_000_000: (360, 5.0)}
NIGHT = {1_000_000: (60, None)}
CHANGED = 0.01  # of the rows, from the first run to the night


class Meter(runner.Watcher):
    """Measures each stage of a run."""

    def __init__(self) -> None:
        self.rows: list[dict[str, object]] = []
        self.peak = self.overall = 0
        self.began = (0.0, 0.0)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._look)
        self.thread.start()

    def stop(self) -> None:
        self.over.set()
        self.thread.join()

    def _look(self) -> None:
        me = psutil.Process()
        while not self.over.wait(0.05):
            total = sum(_resident(process) for process in (me, *me.children(recursive=True)))
            self.peak, self.overall = max(self.peak, total), max(self.overall, total)

    def begin(self, stage: Stage) -> Callable[[float, float], None]:
        self.peak, self.began = 0, (time.perf_counter(), cpu())
        return super().begin(stage)

    def end(self, result: StageResult) -> None:
        seconds, used, memory = time.perf_counter() - self.began[0], cpu() - self.began[1], self.peak / 1e9
        self.rows.append({"stage": result.name, "seconds": seconds, "cpu": used, "gb": memory, "rows": result.rows_out})
        figures = f"{seconds:>8.1f} s{used:>8.1f} CPU s{memory:>7.2f} GB{result.rows_out:>12,} rows"
        print(f"  {result.name:<12}{figures}", flush=True)


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:  # a child that has just ended
        return 0


def cpu() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def measure(root: Path) -> None:
    """Run a workspace and print what each stage cost; the last line is JSON."""
    from connectors import workspace as workspaces

    meter, began, used = Meter(), time.perf_counter(), cpu()
    try:
        summary = runner.run(workspaces.read(root), meter)
    finally:
        meter.stop()
    whole = {"seconds": time.perf_counter() - began, "cpu": cpu() - used, "gb": meter.overall / 1e9}
    print(json.dumps({"status": summary.status, "golden": summary.golden, "whole": whole, "stages": meter.rows}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--workspace", type=Path, help="measure this workspace, in this process")
    parser.add_argument("--keep", type=Path, help="where to keep what is generated")
    arguments = parser.parse_args()
    if arguments.workspace:
        measure(arguments.workspace)
        return
    for rows in arguments.rows:
        _size(rows, arguments.keep)


def _size(rows: int, keep: Path | None) -> None:
    from tests.bench.change import change
    from tests.bench.generate import generate

    with tempfile.TemporaryDirectory() as folder:
        out = (keep or Path(folder)) / f"firm-{rows}"
        began = time.perf_counter()
        if not out.exists():
            generate(out, rows, seed=1)
        print(f"\n{rows:,} records (generated in {time.perf_counter() - began:.0f} s)", flush=True)
        first = _run(out, *TO_REACH.get(rows, (None, None)))
        changed = round(rows * CHANGED)
        change(out, changed, seed=int(began))
        print(f"\n{rows:,} records, {changed:,} of them changed", flush=True)
        night = _run(out, *NIGHT.get(rows, (None, None)))
        print(f"  night / first run: {night / first:.2f}")


def _run(workspace: Path, seconds: float | None, memory: float | None) -> float:
    """Measure one run in a process of its own; -> its seconds."""
    command = [sys.executable, "-m", "tests.bench.run", "--workspace", str(workspace)]
    last = ""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            last = line
            if not line.startswith("{"):
                print(line, end="", flush=True)
    whole = json.loads(last)["whole"]
    mark = f"  (to reach: {seconds} s{f', {memory} GB' if memory else ''})" if seconds else ""
    print(f"  {'whole run':<12}{whole['seconds']:>8.1f} s{whole['cpu']:>8.1f} CPU s{whole['gb']:>7.2f} GB{mark}")
    return float(whole["seconds"])


if __name__ == "__main__":
    main()
