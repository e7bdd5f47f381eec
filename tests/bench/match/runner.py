"""One process for each run, watched: it may take so much memory and so long, and what it took is told.

Memory is the largest sum of resident memory over the process and its children, looked at ten times a second until
the process prints TIMED: what it does after that (writing what is to be judged) is nobody's cost.
"""

import json
import shutil
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psutil

EVERY: Final = 0.1
"""Seconds between two looks."""
TIMED: Final = "TIMED"


@dataclass(frozen=True)
class Limits:
    """What one run may take."""

    gigabytes: float = 16.0
    seconds: float = 600.0


@dataclass(frozen=True)
class Outcome:
    """`failed` says why there is no result, and is empty where there is one; `phases`: wall and cpu seconds of each."""

    failed: str
    seconds: float
    cpu: float
    megabytes: float
    phases: dict[str, dict[str, float]]


class _Watched:
    """A process, its memory and its time so far."""

    def __init__(self, command: list[str], log: Path, limits: Limits) -> None:
        self.limits, self.log, self.began = limits, log, time.perf_counter()
        self.peak, self.cpu, self.stopped = 0, 0.0, ""
        self.timed = threading.Event()
        with log.open("w", encoding="utf-8") as errors:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        self.tree = psutil.Process(self.process.pid)
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            if line.strip() == TIMED:
                self.timed.set()

    def wait(self) -> int:
        """Until it ends or is ended; -> its return code."""
        while self.process.poll() is None:
            if not self.timed.is_set():
                self._look()
            time.sleep(EVERY)
        self.reader.join()
        return self.process.returncode

    def _look(self) -> None:
        memory, cpu = 0, 0.0
        for process in self._processes():
            try:
                memory += process.memory_info().rss
                cpu += sum(process.cpu_times()[:2])
            except psutil.Error:
                continue  # it has just ended
        self.peak, self.cpu = max(self.peak, memory), max(self.cpu, cpu)
        if memory > self.limits.gigabytes * 1e9:
            self._stop(f"more than {self.limits.gigabytes:g} GB")
        elif time.perf_counter() - self.began > self.limits.seconds:
            self._stop(f"more than {self.limits.seconds:g} s")

    def _processes(self) -> list[psutil.Process]:
        try:
            return [self.tree, *self.tree.children(recursive=True)]
        except psutil.Error:
            return []

    def _stop(self, why: str) -> None:
        self.stopped = why
        for process in reversed(self._processes()):
            process.kill()


def run(command: list[str], job: dict[str, Any], out: Path, limits: Limits) -> Outcome:
    """Run `command` with the path of a job's file behind it; the job's `out` is the folder `out`, made anew."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    path = out / "job.json"
    path.write_text(json.dumps({**job, "out": str(out)}, indent=1), "utf-8")
    watched = _Watched([*command, str(path)], out / "log.txt", limits)
    code = watched.wait()
    seconds = time.perf_counter() - watched.began
    failed = watched.stopped or ("" if code == 0 else _last_line(out / "log.txt") or f"return code {code}")
    figures = out / "figures.json"
    phases = json.loads(figures.read_text("utf-8"))["phases"] if not failed and figures.exists() else {}
    return Outcome(failed, seconds, watched.cpu, watched.peak / 1e6, phases)


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text("utf-8", errors="replace").splitlines() if line.strip()]
    return lines[-1].strip()[:200] if lines else ""
