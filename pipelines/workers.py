"""Processes that work for a run, and end with it however it ends."""

import os
import threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait


def pool(processes: int) -> ProcessPoolExecutor:
    """A pool of processes."""
    return ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_end_with_parent)


def _end_with_parent() -> None:
    """A process of a pool waits for work for ever, also where the one that would give it was killed."""
    threading.Thread(target=_watch, name="goldseam parent", daemon=True).start()


def _watch() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
