"""Processes that work for a run: none of them outlives it."""

import subprocess
import sys
import time

import psutil

BUSY = """
import time
from pipelines import workers

if __name__ == "__main__":
    with workers.pool(2) as pool:
        pool.submit(int, 0).result()
        print("at work", flush=True)
        time.sleep(60)
"""


def test_workers_end_with_a_run_that_is_killed() -> None:
    """SIGKILL of the run, and its processes, which wait for work for ever, are gone within seconds."""
    with subprocess.Popen([sys.executable, "-c", BUSY], stdout=subprocess.PIPE) as run:
        assert run.stdout
        assert run.stdout.readline()
        workers = psutil.Process(run.pid).children(recursive=True)
        assert workers
        run.kill()
    until = time.monotonic() + 10
    while (left := [w for w in workers if w.is_running()]) and time.monotonic() < until:
        time.sleep(0.02)
    for worker in left:
        worker.kill()
    assert left == []
