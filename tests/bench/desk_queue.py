"""How long the pages of the desk take with 100,000 open cases, on SQLite and PostgreSQL.

python -m tests.bench.desk_queue [--rows 100000] [--cases 100000] [--workspace PATH] [--kinds sqlite postgresql]

A generated firm is published (or a published workspace is copied), its queue is filled with made-up cases of its own
records, and each page is asked for over HTTP, one after the other. To reach: 200 ms at the 95th
percentile. CPU ms are the mean of this process, asking included: on a busy machine they say more than the clock.
"""

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import httpx
import numpy as np
import pyarrow as pa

from connectors import workspace as workspaces
from connectors.store import bulk, tables
from connectors.store.desk.filter import ORDERS, Filter, Limits
from connectors.store.engine import writing
from connectors.store.state import Store
from pipelines import runner
from pipelines.desk.service import DeskService
from tests.bench.generate import generate
from tests.databases import KINDS, database
from tests.reports.desk.firm import Opened

TO_REACH: Final = 0.2
TIMES: Final = 40
Ask: type = Callable[[int], str]


def published(root: Path, rows: int, given: Path | None) -> Path:
    """A workspace of one publication: a copy of the given one, or a generated firm."""
    if given:
        return Path(shutil.copytree(given, root, symlinks=True))
    generate(root, rows, seed=1)
    assert runner.run(workspaces.read(root)).status == "published"
    return root


def copied(source: Store, target: Store) -> None:
    """Every row of one state database in another, empty one."""
    with target.writing() as connection:
        connection.execute(tables.published.delete())
        for table in tables.metadata.sorted_tables:
            if (rows := source.table(table.select())).num_rows:
                bulk.add(connection, table.name, rows)


def filled(store: Store, cases: int) -> None:
    """Cases of pairs of the firm's records, each with what a case of the queue says otherwise; the firm's own go."""
    random = np.random.default_rng(1)
    model = store.table(tables.candidates.select())
    records = store.crosswalk()
    names = np.array(
        [f"{s}:{r}" for s, r in zip(*(records[c].to_pylist() for c in ("source", "record_id")), strict=True)]
    )
    pairs = np.unique(np.sort(random.integers(0, len(names), (cases * 2, 2)), axis=1), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    pairs = pairs[random.permutation(len(pairs))[:cases]]
    rows = model.take(pa.array(random.integers(0, len(model), len(pairs))))
    likely = random.random(len(pairs))
    for name, values in (
        ("kind", ["pair"] * len(pairs)), ("left", names[pairs[:, 0]]), ("right", names[pairs[:, 1]]),
        ("worth", random.gamma(1, 400, len(pairs))), ("match_probability", likely), ("margin", abs(likely - 0.5)),
        ("first_run", [f"2026{1 + n // 28:02}{1 + n % 28:02}T020000Z" for n in random.integers(0, 300, len(pairs))]),
    ):  # fmt: skip
        at = rows.schema.get_field_index(name)
        rows = rows.set_column(at, rows.schema.field(at), pa.array(values, rows.schema.field(at).type))
    with writing(store.engine) as connection, connection.begin():
        connection.execute(tables.candidates.delete())
        bulk.add(connection, "candidates", rows)


def asked(store: Store) -> dict[str, Ask]:
    """Each page by its name, and the address to ask for at each time."""
    facets = store.facets(Limits())
    rows = store.queue(Filter(), 400)
    ids = [row["golden_id"] for row in store.homes_of([row["left"] for row in rows]).values() if row["golden_id"]]
    words = [w for row in rows[:TIMES] for w in str(store.golden(ids=ids[:50])["surname"][0]).split()]
    found: dict[str, Ask] = {"queue": lambda _: "/queue", "queue, any page": lambda n: f"/queue?page={1 + 47 * n}"}
    for name, values in facets.items():
        found[f"queue by {name}"] = lambda n, name=name, values=values: (
            "/queue?" + urlencode({name: values[n % len(values)]} if values else {})
        )
    found |= {
        "queue, before a day": lambda _: "/queue?before=2026-01-01",
        "queue by probability": lambda n: f"/queue?least={n / 100}&most=0.9",
        "queue given to nobody": lambda _: "/queue?assignee=-",
        "queue, searched": lambda n: "/queue?" + urlencode({"text": rows[n]["left"].partition(":")[2]}),
        "queue, searched by name": lambda n: "/queue?" + urlencode({"text": words[n % len(words)]}),
        "the next case": lambda _: "/decide",
        "the next case, prefetched": lambda _: "/decide/next",
        "a case": lambda n: "/case?" + urlencode({"case": "pair", **{s: rows[n + 9][s] for s in ("left", "right")}}),
        "customers, searched": lambda n: "/customers?" + urlencode({"text": words[n % len(words)]}),
        "a customer": lambda n: f"/customers/{ids[n % len(ids)]}",
        "history": lambda _: "/history",
    }
    for order in filter(None, ORDERS):
        found[f"queue, {order} first"] = lambda n, order=order: f"/queue?order={order}&page={1 + 47 * n}"
        found[f"the next case, {order} first"] = lambda _, order=order: f"/decide?order={order}"
    return found


@contextmanager
def served(root: Path, kind: str, cases: int) -> Iterator[tuple[Store, httpx.Client]]:
    """The desk of a workspace over a database of this kind, and somebody who is signed in."""
    workspace = workspaces.read(root)
    with (
        tempfile.TemporaryDirectory() as folder, database(kind, Path(folder)) as url,
        Store.open(workspace.database_url) as source, Store.open(url) as store,
    ):  # fmt: skip
        copied(source, store)
        filled(store, cases)
        if kind == "postgresql":
            with store.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                connection.exec_driver_sql("analyze")
        store.add_user("lena", "lead")
        token, _ = store.open_session("lena", 1)
        asks = {"cookies": {"goldseam": token}, "headers": {"accept": "text/html"}, "timeout": 60}
        service = DeskService(workspace, store)
        service.make_ready()
        with (
            Opened(root, store, service).served() as address,
            httpx.Client(base_url=address, **asks) as client,
        ):
            yield store, client


def measure(client: httpx.Client, pages: dict[str, Ask]) -> None:
    began = time.perf_counter()
    client.get("/queue")
    print(f"  the first page after a run {(time.perf_counter() - began) * 1000:>8.0f} ms")
    for name, address in pages.items():
        taken: list[float] = []
        used = time.process_time()
        for n in range(TIMES):
            began = time.perf_counter()
            answer: Any = client.get(address(n))
            taken.append(time.perf_counter() - began)
            assert answer.status_code in (200, 204, 404), (name, answer.status_code, answer.text[:200])
        cpu = (time.process_time() - used) / TIMES
        low, high = np.percentile(taken, [50, 95])
        late = "" if high <= TO_REACH else "  too late"
        figures = f"{low * 1000:>8.0f} ms p50{high * 1000:>8.0f} ms p95{max(taken) * 1000:>8.0f} ms"
        print(f"  {name:<28}{figures}{cpu * 1000:>8.0f} CPU ms{late}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--workspace", type=Path, help="a published workspace, which is copied")
    parser.add_argument("--kinds", nargs="*", choices=KINDS, default=KINDS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = published(Path(folder) / "firm", arguments.rows, arguments.workspace)
        for kind in arguments.kinds:
            with served(root, kind, arguments.cases) as (store, client):
                print(f"\n{store.waiting(Filter()):,} open cases, {store.golden_count():,} customers, {kind}")
                measure(client, asked(store))


if __name__ == "__main__":
    main()
