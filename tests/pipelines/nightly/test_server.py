"""The Prefect server that nights are served with: whether it answers, and what becomes of a service whose does not."""

import subprocess
import sys

import pytest

from pipelines.nights import server
from tests.mailbox import web

GONE = """
import sys, time
from pipelines.nights import server

server.answers = lambda api, left=iter([True, True, *[False] * 1000]): next(left)
server.watch("http://127.0.0.1:1/api", lambda said: print(said, flush=True), silent=0.2)
time.sleep(60)
"""


def test_a_server_that_does_not_answer_is_told_before_anything_is_served() -> None:
    """With its address and what to do; one that answers anything at all is there."""
    with web() as called:  # which answers a question it does not know with 501
        server.watch(called.url, print, silent=3600)
    with pytest.raises(server.NoServer, match=f"The Prefect server at {called.url} does not answer. See that it runs"):
        server.watch(called.url, print)


def test_a_service_whose_server_is_gone_ends_as_failed_so_that_it_is_begun_again() -> None:
    """Exit code 1 after a while of silence, and a line that says so."""
    ended = subprocess.run([sys.executable, "-c", GONE], capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 1
    assert ended.stdout.startswith("The Prefect server at http://127.0.0.1:1/api does not answer any more")
