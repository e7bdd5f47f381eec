"""The fuzzer: damages seeds, has a worker judge each, makes what is found small and keeps it."""

import hashlib
import json
import os
import random
import select
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.fuzz import mutate, seeds

FOUND: Final = Path(__file__).parent / "found"
SLOW: Final = 10.0
"""CPU seconds that no small file may take."""
PATIENCE: Final = 40.0
"""Seconds on the wall after which a worker is stopped: a busy machine is not a slow reader."""
MUCH: Final = 1500
"""MB that no small file may take."""
Verdict = dict[str, Any]


class Judge:
    """A worker, started anew whenever it died or had to be stopped."""

    def __init__(self) -> None:
        self.place = TemporaryDirectory(prefix="goldseam-fuzz-")
        self.folder = Path(self.place.name)
        self.worker: subprocess.Popen[str] | None = None

    def ask(self, data: bytes, seed: seeds.Seed) -> Verdict:
        path = self.folder / f"file.{seed.ending}"
        path.write_bytes(data)
        old = time.time() - 3600
        os.utime(path, (old, old))  # nobody is still writing it
        worker = self.worker or self._start()
        assert worker.stdin
        assert worker.stdout
        worker.stdin.write(json.dumps({"path": str(path), "settings": seed.settings}) + "\n")
        worker.stdin.flush()
        ready, _, _ = select.select([worker.stdout], [], [], PATIENCE)
        line = worker.stdout.readline() if ready else ""
        if line:
            return self._weighed(json.loads(line))
        self.stop()
        said = f"hung: no answer within {PATIENCE:.0f} s" if not ready else f"the process ended ({worker.returncode})"
        return {"state": "crashed", "said": said, "wrong": [said]}

    def _weighed(self, verdict: Verdict) -> Verdict:
        if verdict["cpu"] > SLOW:
            verdict["wrong"].append(f"slow: more than {SLOW:.0f} CPU seconds")
        if verdict["mb"] > MUCH:
            verdict["wrong"].append(f"memory: more than {MUCH} MB")
            self.stop()  # the next file begins at nothing
        return verdict

    def _start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.fuzz.worker"]
        self.worker = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        return self.worker

    def close(self) -> None:
        self.stop()
        self.place.cleanup()

    def stop(self) -> None:
        if self.worker:
            self.worker.kill()
            self.worker.wait()
        self.worker = None


@dataclass
class Tally:
    """What a run of the fuzzer saw."""

    files: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    refusals: Counter[tuple[str, str]] = field(default_factory=Counter)
    findings: dict[tuple[str, str], Path] = field(default_factory=dict)


def run(minutes: float, seed: int, readers: Sequence[str] = (), say: Callable[[str], None] = print) -> Tally:
    """Fuzz for so long; each finding is kept once, small."""
    dice, judge, tally = random.Random(seed), Judge(), Tally()
    names = list(readers) or list(seeds.MAKERS)
    until = time.monotonic() + 60 * minutes
    while time.monotonic() < until:
        for reader in names:
            origin = dice.choice(seeds.of(reader))
            data = mutate.mutate(origin.data, [s.data for s in seeds.of(reader)], dice)
            verdict = judge.ask(data, origin)
            tally.files[reader] += 1
            tally.states[verdict["state"]] += 1
            if verdict["state"] == "refused":
                tally.refusals[reader, _kind(verdict["said"])] += 1
            for wrong in verdict["wrong"][:1]:
                _found(tally, judge, reader, origin, data, wrong, say)
    judge.close()
    return tally


def _kind(said: str) -> str:
    """A message without its numbers and names."""
    return " ".join(w for w in "".join(c if c.isalpha() or c in " :" else " " for c in said).split() if w != "mk")[:90]


def _found(
    tally: Tally, judge: Judge, reader: str, origin: seeds.Seed, data: bytes, wrong: str, say: Callable[[str], None]
) -> None:
    kind = (reader, _kind(wrong))
    if kind in tally.findings:
        return
    slow = wrong.startswith(("hung", "slow", "memory"))
    small = data if slow else _smaller(data, lambda d: _kind((judge.ask(d, origin)["wrong"] or [""])[0]) == kind[1])
    name = f"{reader}-{hashlib.sha256(small).hexdigest()[:10]}"
    FOUND.mkdir(exist_ok=True)
    path = FOUND / f"{name}.{origin.ending}"
    path.write_bytes(small)
    facts = {"reader": reader, "settings": origin.settings, "found": wrong}
    (FOUND / f"{name}.found.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", "utf-8")
    tally.findings[kind] = path
    say(f"{reader}: {wrong} ({path.name}, {len(small)} bytes)")


def _smaller(data: bytes, still: Callable[[bytes], bool], seconds: float = 20) -> bytes:
    """Pieces taken out as long as the finding stays (Zeller's delta debugging, simplified)."""
    until, size = time.monotonic() + seconds, max(1, len(data) // 2)
    while size and time.monotonic() < until:
        at = 0
        while at < len(data) and time.monotonic() < until:
            less = data[:at] + data[at + size :]
            if less and still(less):
                data = less
            else:
                at += size
        size //= 2
    return data
