"""Twenty stewards decide as fast as keys go, while a nightly run publishes.

python -m tests.bench.desk_load [--rows 50000] [--stewards 20] [--seconds 60] [--on sqlite postgresql]

A desk is served by a process of its own; each steward takes the next case, answers it and takes the next, with a pause
of a key's stroke between; one in ten answers is sent twice, as a double click does. Meanwhile a night goes over changed
rows and publishes. Told are the waits at the client, and that every answer that was taken is on record once: none is
lost, none is double.
"""

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import httpx
import numpy as np

from connectors import workspace as workspaces
from connectors.store.desk.filter import Filter
from connectors.store.state import Store
from tests.databases import KINDS, database

PAUSE = 0.1
"""Seconds a steward needs for a key."""
TWICE = 0.1
"""Share of the answers that are sent twice."""
THRESHOLDS = "thresholds: {merge: 0.995, review: 0.001}\n"
"""So low that there is enough to ask."""
CASE = re.compile(r'data-case="([^"]+)"')
SEEN = re.compile(r'name="seen" value="(\d+)"')


class Steward(threading.Thread):
    """Somebody at the desk. `waits`: seconds by what was asked; `taken`: cases that the desk said it took."""

    def __init__(self, name: str, address: str, session: tuple[str, str], until: float) -> None:
        super().__init__(name=name)
        token, csrf = session
        headers = {"x-csrf-token": csrf, "accept": "text/html"}
        self.client = httpx.Client(base_url=address, cookies={"goldseam": token}, headers=headers, timeout=60)
        self.until, self.rng = until, random.Random(name)
        self.waits: dict[str, list[float]] = {"next": [], "answer": []}
        self.taken: list[tuple[str, str, str]] = []
        self.said: Counter[int] = Counter()

    def run(self) -> None:
        while time.monotonic() < self.until:
            page = self._timed("next", "GET", "/decide/next")
            if page.status_code != 200 or not (case := CASE.search(page.text)) or not (seen := SEEN.search(page.text)):
                time.sleep(0.5)
                continue
            kind, left, right = case[1].replace("&#9;", "\t").split("\t")
            time.sleep(PAUSE)
            form = {"case": kind, "left": left, "right": right, "seen": seen[1], "seconds": "0.1",
                    "answer": self.rng.choice(("same", "different", "related"))}  # fmt: skip
            json = {"accept": "application/json"}
            answer = self._timed("answer", "POST", "/case/answer", data=form, headers=json)
            self.said[answer.status_code] += 1
            if answer.status_code == 200:
                self.taken.append((left, right, form["answer"]))
            if self.rng.random() < TWICE:
                self.client.post("/case/answer", data=form, headers=json)

    def _timed(self, what: str, method: str, path: str, **more: object) -> httpx.Response:
        began = time.perf_counter()
        answer = self.client.request(method, path, **more)  # type: ignore[arg-type]
        self.waits[what].append(time.perf_counter() - began)
        return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--stewards", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--on", nargs="+", choices=KINDS, default=list(KINDS))
    arguments = parser.parse_args()
    for kind in arguments.on:
        with tempfile.TemporaryDirectory() as folder, database(kind, Path(folder)) as url:
            if kind != "sqlite":
                os.environ["GOLDSEAM_DATABASE_URL"] = url
            print(f"{kind}:", flush=True)
            load(Path(folder) / "firm", arguments.rows, arguments.stewards, arguments.seconds)


def load(root: Path, rows: int, stewards: int, seconds: float) -> None:
    """Make a firm, serve its desk, let people decide while a night goes on, and tell what came of it."""
    from tests.bench.change import change
    from tests.bench.generate import generate

    generate(root, rows, seed=1)
    (root / "rules").mkdir(exist_ok=True)
    (root / "rules" / "matching.yml").write_text(THRESHOLDS, "utf-8")
    goldseam("run", "-w", str(root), "--plain")
    change(root, rows // 100, seed=2)
    with Store.open(workspaces.read(root).database_url) as store:
        names = [f"steward{n}" for n in range(stewards)]
        for name in names:
            store.add_user(name, "steward")
        sessions = {name: store.open_session(name, 2) for name in names}
        open_before = store.waiting(Filter())
        with Served(root) as address:
            until = time.monotonic() + seconds
            people = [Steward(name, address, sessions[name], until) for name in names]
            for person in people:
                person.start()
            began = time.perf_counter()
            night = subprocess.Popen(
                [*GOLDSEAM, "run", "-w", str(root), "--plain"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            code = night.wait()
            took = time.perf_counter() - began
            for person in people:
                person.join()
        _tell(store, people, open_before, took, code)


def _tell(store: Store, people: list[Steward], cases: int, took: float, code: int) -> None:
    taken = [case for person in people for case in person.taken]
    made = Counter(
        (frozenset((f"{d['left_source']}:{d['left_id']}", f"{d['right_source']}:{d['right_id']}")), d["kind"])
        for d in store.decision_history().to_pylist()
    )
    lost = [case for case in taken if (frozenset(case[:2]), case[2]) not in made]
    pairs = Counter(pair for pair, _ in made)
    double = sum(n > 1 for n in pairs.values()) + sum(n > 1 for n in made.values())
    said: Counter[int] = sum((person.said for person in people), Counter())
    print(f"{len(people)} stewards, {cases:,} cases, a night of {took:.1f} s meanwhile (exit code {code})")
    print(f"  answers taken {len(taken):,}, lost {len(lost)}, double {double}; by status {dict(said)}")
    for what in ("next", "answer"):
        waits = 1000 * np.array([wait for person in people for wait in person.waits[what]])
        p50, p95, p99 = np.percentile(waits, [50, 95, 99])
        print(f"  {what:<7} p50 {p50:6.0f} ms   p95 {p95:6.0f} ms   p99 {p99:6.0f} ms   of {len(waits):,}")


GOLDSEAM = [sys.executable, "-c", "from pipelines.cli import main; main()"]


def goldseam(*words: str) -> None:
    subprocess.run([*GOLDSEAM, *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Served:
    """The desk of a workspace, in a process of its own; gives its address."""

    def __init__(self, root: Path, port: int = 8699) -> None:
        self.root, self.port = root, port

    def __enter__(self) -> str:
        self.process = subprocess.Popen(
            [*GOLDSEAM, "serve", "-w", str(self.root), "--port", str(self.port)], stdout=subprocess.DEVNULL
        )
        address = f"http://127.0.0.1:{self.port}"
        for _ in range(600):
            try:
                httpx.get(f"{address}/sign-in")
            except httpx.TransportError:
                time.sleep(0.1)
            else:
                return address
        raise TimeoutError("the desk did not start")

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait()


if __name__ == "__main__":
    main()
