"""Nights for the crash tests: a workspace that was published once, what changes the night after, and how to be killed.

with Lane(folder) as lane:
    calm = lane.run(root, url)              # the night undisturbed
    lane.run(root, url, kill_after=0.7)     # killed by SIGKILL after so many seconds
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import create_engine, make_url, text

from connectors.store.state import Store
from pipelines import init
from tests.databases import postgres
from tests.pipelines.example import add_source

REPOSITORY = Path(__file__).parents[2]
FIRST, SECOND = "2026-03-01T03:30:00+00:00", "2026-03-02T03:30:00+00:00"
AGAIN = "2026-03-02T03:40:00+00:00"
SHEET = "kind: csv\nlocation: inbox/visits.csv\ncolumns: {who: full_name, mail: email, phone: phone}\n"
VISITS = "who,mail,phone\nZoe Finch,zoe@post.example,+44 20 7946 0011\nBob Stone,bob@post.example,\n"
PEOPLE = """no,name,mail
1,Anna Schmidt,anna@post.example
2,Karl Weber,karl@post.example
3,,
5,Otto Lang,otto@post.example
"""
LATER = """no,name,mail
1,Anna Schmid,anna@post.example
2,Bob Stone,bob@post.example
3,Zoe Finch,zoe@post.example
4,Ida Falk,ida@post.example
"""


def first_night(root: Path) -> None:
    """A firm of three sources, one of them without ids."""
    init.write(root)
    add_source(root, table=PEOPLE)
    (root / "sources" / "visits.yml").write_text(SHEET, "utf-8")
    (root / "inbox" / "visits.csv").write_text(VISITS, "utf-8")


def second_night(root: Path, url: str) -> None:
    """Rows come, change and go, people decide: customers are created, merged, split, changed and retired."""
    (root / "inbox" / "second.csv").write_text(LATER, "utf-8")
    (root / "inbox" / "visits.csv").write_text(VISITS + "Tom Hale,tom@post.example,\n", "utf-8")
    with Store.open(url) as store:
        store.decide("same", "customers:1003", "customers:1006", user="maria", time=FIRST)
        store.decide("different", "customers:1001", "customers:1002", user="maria", time=FIRST)


@dataclass
class Lane:
    """A server of runs (kill_server.py), one at a time."""

    folder: Path

    def __enter__(self) -> "Lane":
        command = [sys.executable, str(Path(__file__).with_name("kill_server.py")), str(self.folder / "told.json")]
        self.folder.mkdir(parents=True, exist_ok=True)
        self.server = subprocess.Popen(
            command, cwd=REPOSITORY, env={**os.environ, "PYTHONPATH": str(REPOSITORY)}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=(self.folder / "log").open("w"),
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        assert self.server.stdin
        assert self.server.stdout
        self.server.stdin.close()
        self.server.wait(30)
        self.server.stdout.close()

    def run(
        self,
        root: Path,
        url: str | None = None,
        now: str = SECOND,
        at: int | None = None,
        kill_after: float | None = None,
    ) -> dict[str, Any]:
        """One run; -> its status (-9: killed), the boundaries that it passed, the stage after which it went on."""
        return self._answer({"root": str(root), "url": url, "now": now, "at": at}, kill_after)

    def call(self, module: str, *given: str) -> int:
        """How a process ends in which the `main` of a module is called: -9 where it was killed."""
        return int(self._answer({"module": f"tests.pipelines.{module}", "given": given})["status"])

    def _answer(self, job: dict[str, Any], kill_after: float | None = None) -> dict[str, Any]:
        assert self.server.stdin
        assert self.server.stdout
        self.server.stdin.write(json.dumps(job) + "\n")
        self.server.stdin.flush()
        process = int(self.server.stdout.readline())
        timer = threading.Timer(kill_after or 0, os.kill, (process, signal.SIGKILL))
        if kill_after is not None:
            timer.start()
        answer: dict[str, Any] = json.loads(self.server.stdout.readline())
        timer.cancel()
        return answer


@contextmanager
def copied(kind: str, template: Path, root: Path, database: str = "") -> Iterator[str | None]:
    """A copy of a workspace and of its state database; -> the address of that, None where it lies in the workspace."""
    shutil.copytree(template, root, symlinks=True)
    if kind == "sqlite":
        yield None
        shutil.rmtree(root)
        return
    server, name = make_url(postgres()), f"{database}_{root.name}"
    admin = create_engine(server.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"create database {name} template {database}"))
        yield server.set(database=name).render_as_string(hide_password=False)
        connection.execute(text(f"drop database {name} with (force)"))
    admin.dispose()
    shutil.rmtree(root)


def seen(root: Path, url: str | None, known: frozenset[str]) -> dict[str, list[str]]:
    """All that anybody may see, as sorted lines; what was minted since `known` under the name of its first record."""
    with Store.open(url or f"sqlite:///{root}/var/goldseam.db") as store:
        names = _names(store, known)
        tables = {
            "golden": store.golden(), "crosswalk": store.crosswalk(), "points": store.detail("contact_points"),
            "households": store.households(),
            "candidates": store.candidates().drop_columns("first_run"), "results": store.results(),
            "events": store.events().drop_columns(["seq", "run_id", "time"]),
            "feed": store.feed().drop_columns("cursor"),
            "quarantine": store.quarantine_items().drop_columns("first_run"), "facts": store.facts(),
        }  # fmt: skip
        relations = [sorted([r["golden_id"], r["other_golden_id"]]) for r in store.detail("relations").to_pylist()]
        latest = root / "published" / "latest"
        assert latest.readlink().name == store.last_published()
        row = next(r for r in store.runs().to_pylist() if r["run_id"] == store.last_published())
        told = json.loads(row["summary"])
        rest = [str(store.version()), str(store.model()), *(f"{k} {v}" for k, v in told["changes"].items())]
    found = {name: [_line(row) for row in rows.to_pylist()] for name, rows in tables.items()}
    # Of two equals that which has the smaller id is told first: which it is depends on what was minted.
    found["relations"] = [" ".join(sorted(_named(end, names) for end in ends)) for ends in relations]
    for path in sorted(p for p in latest.glob("*.csv") if p.name != "relations.csv"):
        found[path.name] = path.read_text("utf-8").splitlines()
    found["provenance"] = [_line(row) for row in pq.read_table(latest / "provenance.parquet").to_pylist()]
    found["keys"] = [f"{p.name} {_keys(p)}" for p in (root / "var" / "keys").iterdir()]
    found["folders"] = [p.name for p in (root / "published").iterdir() if p.name.startswith(".")]
    found["pages"] = [p.name for p in root.glob("*.html")]
    return {"rest": rest, **{name: sorted(_named(line, names) for line in lines) for name, lines in found.items()}}


def _line(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, default=str)


def _keys(path: Path) -> str:
    return str(pq.read_table(path).to_pylist())


def _named(line: str, names: dict[str, str]) -> str:
    line = re.sub(r"[GH][0-9A-Z]{12}", lambda found: names.get(found[0], found[0]), line)
    return re.sub(r"T\d\d:\d\d:\d\d\+00:00", "", line)  # two attempts of a night are minutes apart


def _names(store: Store, known: frozenset[str]) -> dict[str, str]:
    """A name for each id that is not known: of a customer its first record, of a household its first customer."""
    names: dict[str, str] = {}
    for row in store.crosswalk().to_pylist():
        if row["golden_id"] and row["golden_id"] not in known:
            names.setdefault(row["golden_id"], f"G:{row['source']}:{row['record_id']}")
    for row in sorted(store.households().to_pylist(), key=lambda r: names.get(r["golden_id"], r["golden_id"])):
        if row["household_id"] not in known:
            names.setdefault(row["household_id"], f"H:{names.get(row['golden_id'], row['golden_id'])}")
    return names


def ids(url: str) -> frozenset[str]:
    """Every golden id and household that a state database knows."""
    with Store.open(url) as store:
        found: list[pa.ChunkedArray] = [store.known_ids()["golden_id"], store.past_households()["household_id"]]
        return frozenset(value for column in found for value in column.to_pylist())
