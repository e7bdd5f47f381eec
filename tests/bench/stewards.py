"""How long a steward's write and a reader wait while a large publication goes into the state database.

python -m tests.bench.stewards [--rows 1000000] [--database URL]

One process publishes, one decides pair after pair, one asks how many customers there are. To reach on SQLite: 250 ms at
the 99th percentile for the steward; the reader sees none or all of the publication, at every moment.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Event
from pathlib import Path

import numpy as np
import pyarrow as pa

from connectors.store import proposal
from connectors.store.proposal import Proposed
from connectors.store.state import Store
from connectors.store.versioned import GROUPS
from rules import vocabulary as words

PAUSE = 0.02
"""Seconds between two strokes of a key: no steward is quicker."""
RUN, NOW = "run-1", "2026-01-01T03:30:00+00:00"


def filled(rows: int, schema: pa.Schema, **values: pa.Array) -> pa.Table:
    """A table of a schema, null where nothing is said."""
    return pa.table([values.get(f.name, pa.nulls(rows, f.type)) for f in schema], schema=schema)


def proposed(rows: int) -> Proposed:
    """Made-up customers, two contact points each, one record in two published for the first time."""
    number = np.arange(rows)
    ids = pa.array([f"G{n:012d}" for n in number])
    names = pa.array([f"Maria Papadopoulou {n}" for n in number])
    mails = pa.array([f"maria.{n}@post.example" for n in number])
    golden = filled(
        rows, words.GOLDEN, golden_id=ids, display_name=names, email=mails,
        party_type=pa.array(["person"] * rows), records=pa.array(number * 0 + 1), version=pa.array(number * 0 + 1),
        quality=pa.array(np.full(rows, 0.5)), updated_at=pa.array([NOW] * rows),
    )  # fmt: skip
    two = pa.concat_arrays([ids, ids])
    points = filled(
        2 * rows, words.CONTACT_POINTS, golden_id=two, value=pa.concat_arrays([mails, names]),
        kind=pa.array(["email"] * rows + ["phone"] * rows), primary=pa.array([True] * (2 * rows)),
    )  # fmt: skip
    crosswalk = filled(
        rows, words.CROSSWALK, source=pa.array(["crm"] * rows), record_id=pa.array([str(n) for n in number]),
        golden_id=ids, state=pa.array(["active"] * rows),
    )  # fmt: skip
    events = filled(
        rows, words.EVENTS, event=pa.array(["created"] * rows), golden_id=ids, cause=pa.array(["data"] * rows)
    )
    empty = {of.name: pa.table({c: pa.array([], pa.string()) for c in of.payload if c not in of.ignored})
             for of in GROUPS if of.name in ("households", "candidates", "quarantine")}  # fmt: skip
    return Proposed(
        run_id=RUN, base=0, time=NOW, golden=golden, contact_points=points, relations=words.RELATIONS.empty_table(),
        crosswalk=crosswalk, facts=words.FACTS.empty_table(), events=events, results=words.RESULTS.empty_table(),
        sources=words.SOURCES.empty_table(), **empty,
    )  # fmt: skip


def repeat(url: str, over: Event, waits: "SimpleQueue[list[float]]", act: Callable[[Store, int], None]) -> None:
    """Do something again and again until it is over; the seconds that each took."""
    taken = []
    with Store.open(url) as store:
        while not over.is_set():
            began = time.perf_counter()
            act(store, len(taken))
            taken.append(time.perf_counter() - began)
            time.sleep(PAUSE)
    waits.put(taken)


def decide(store: Store, number: int) -> None:
    store.decide("different", f"crm:{number}", f"shop:{number}", user="maria", reason="two sisters")


def look(store: Store, _: int) -> None:
    """What a page asks for. Raises AssertionError where half a publication is seen."""
    version, count = store.version(), store.golden_count()
    assert (version, count > 0) in ((0, False), (1, True), (0, True)), (version, count)  # it may move in between


def said(what: str, taken: list[float]) -> None:
    low, high = np.percentile(taken, [50, 99]) * 1000
    print(f"  {what:<22}{len(taken):>7} times{low:>9.1f} ms p50{high:>9.1f} ms p99{max(taken) * 1000:>9.1f} ms longest")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--database", help="the URL of an empty database; SQLite where none is named")
    arguments = parser.parse_args()
    spawn = get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        url = arguments.database or f"sqlite:///{Path(folder)}/state.db"
        with Store.open(url) as store:
            store.begin_run(RUN, NOW)
            found = proposal.compare(store, proposed(arguments.rows))
            over, queues = spawn.Event(), [spawn.SimpleQueue() for _ in range(2)]
            others = [
                spawn.Process(target=repeat, args=(url, over, q, act))
                for q, act in zip(queues, (decide, look), strict=True)
            ]
            for other in others:
                other.start()
            time.sleep(3)  # until they are at it
            began = time.perf_counter()
            store.publish(found.publication)
            seconds = time.perf_counter() - began
            over.set()
        print(f"{arguments.rows:,} customers published in {seconds:.1f} s")
        said("a steward's decision", queues[0].get())
        said("a reader's look", queues[1].get())
        for other in others:
            other.join()


if __name__ == "__main__":
    main()
