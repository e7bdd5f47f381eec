"""`make bench`: seconds, CPU seconds and peak memory a stage, on generated firms of 100,000 and 1,000,000 records.

Each size runs in a process of its own, with `--plain`, on a workspace of four sources. Memory is the largest sum
of resident memory over the process and its children, looked at 20 times a second. The figures to reach are issue
marks, printed beside; nothing is asserted, since a busy machine would make a test of them lie.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

from pipelines import runner
from pipelines.context import StageResult
from pipelines.stages import Stage

TO_REACH = {100_000: (45, None), 1_000_000: (360, 5.0)}


class Meter(runner.Watcher):
    """Measures each stage of a run."""

    def __init__(self) -> None:
        self.rows: list[dict[str, object]] = []
        self.peak = self.overall = 0
        self.began = (0.0, 0.0)
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        me = psutil.Process()
        while True:
            total = 0
            for process in (me, *me.children(recursive=True)):
                try:
                    total += process.memory_info().rss
                except psutil.Error:  # a child that has just ended
                    continue
            self.peak, self.overall = max(self.peak, total), max(self.overall, total)
            time.sleep(0.05)

    def begin(self, stage: Stage):  # noqa: ANN201, ARG002
        self.peak, self.began = 0, (time.perf_counter(), cpu())
        return lambda done, total: None  # noqa: ARG005

    def end(self, result: StageResult) -> None:
        seconds, used = time.perf_counter() - self.began[0], cpu() - self.began[1]
        row = {"stage": result.name, "seconds": seconds, "cpu": used, "gb": self.peak / 1e9, "rows": result.rows_out}
        self.rows.append(row)
        print(
            f"  {result.name:<12}{seconds:>8.1f} s{used:>8.1f} CPU s{self.peak / 1e9:>7.2f} GB{result.rows_out:>12,} rows",
            flush=True,
        )


def cpu() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def measure(root: Path) -> None:
    """Run a workspace and print what each stage cost; the last line is JSON."""
    from connectors import workspace as workspaces

    meter, began, used = Meter(), time.perf_counter(), cpu()
    summary = runner.run(workspaces.read(root), meter)
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
    from tests.bench.generate import generate

    with tempfile.TemporaryDirectory() as folder:
        out = (keep or Path(folder)) / f"firm-{rows}"
        began = time.perf_counter()
        if not out.exists():
            generate(out, rows, seed=1)
        print(f"\n{rows:,} records (generated in {time.perf_counter() - began:.0f} s)", flush=True)
        command = [sys.executable, "-m", "tests.bench.run", "--workspace", str(out)]
        last = ""
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout or ():
                last = line
                if not line.startswith("{"):
                    print(line, end="", flush=True)
        whole = json.loads(last)["whole"]
        seconds, memory = TO_REACH.get(rows, (None, None))
        mark = f"  (to reach: {seconds} s{f', {memory} GB' if memory else ''})" if seconds else ""
        print(f"  {'whole run':<12}{whole['seconds']:>8.1f} s{whole['cpu']:>8.1f} CPU s{whole['gb']:>7.2f} GB{mark}")


if __name__ == "__main__":
    main()
