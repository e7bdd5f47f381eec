"""Writing the demo firm: a whole workspace, ready to run, and the truth beside it."""

from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from random import Random

from pipelines.demo import nobody, operators, takedown, truth
from pipelines.demo.desks import collections, diary, forms, invoices, sales, shop, tickets, web
from pipelines.demo.population import populate
from pipelines.demo.recoverable import make_recoverable
from pipelines.demo.schedule import SOURCES, schedule
from pipelines.demo.sighting import Sighting

SEED = 20261122
_DESKS = {
    "sales": sales.write, "forms": forms.write, "diary": diary.write, "web": web.write, "shop": shop.write,
    "collections": collections.write, "tickets": tickets.write, "invoices": invoices.write,
}  # fmt: skip


@dataclass(frozen=True)
class Demo:
    """What was written: the workspace's folder, the truth's, and how much of everything."""

    root: Path
    truth: Path
    customers: int
    records: int
    """Customer records, a firm's contact persons counted as records of their own."""
    sources: dict[str, int]
    """Rows by source."""


def write(out: Path, *, seed: int = SEED, customers: int = 2000) -> Demo:
    """Write the workspace of a fictional firm into a folder. Same seed, same bytes.

    An earlier demo is written over. Raises FileExistsError where `out` holds anything else.
    """
    if out.exists() and any(out.iterdir()) and not (out / "truth" / "records.csv").exists():
        raise FileExistsError(f"{out} is not empty and holds no demo: name another folder")
    clientele = populate(customers, seed)
    rng = Random(f"{seed}:records")  # noqa: S311 - a demo, not a secret
    rows = schedule(clientele, seed)
    _take_down(rows, rng)
    rows = invoices.with_doubles(rows, rng) + nobody.rows(rng)
    operators.number_forms(rows)
    for source in SOURCES:
        mine = [r for r in rows if r.source == source]
        _DESKS[source](mine, out / "inbox", Random(f"{seed}:{source}"))  # noqa: S311 - a demo, not a secret
    _copy(files("pipelines.demo").joinpath("data", "workspace"), out)
    truth.write(out / "truth", clientele, rows)
    counts = {s: sum(r.source == s for r in rows) for s in SOURCES}
    return Demo(out, out / "truth", customers, len(rows) + sum(bool(r.contact) for r in rows), counts)


def _take_down(rows: list[Sighting], rng: Random) -> None:
    for row in rows:
        takedown.take_down(row, rng)
    operators.assign(rows, rng)
    make_recoverable(rows, rng)


def _copy(folder: Traversable, out: Path) -> None:
    """The settings of the workspace, as they are; `gitignore` gets its dot."""
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.is_dir():
            _copy(entry, out / entry.name)
        elif not entry.name.endswith((".py", ".pyc")):
            out.mkdir(parents=True, exist_ok=True)
            name = ".gitignore" if entry.name == "gitignore" else entry.name
            (out / name).write_bytes(entry.read_bytes())
