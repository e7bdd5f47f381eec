"""Who keeps the golden id when a model is learned anew and a source is added: shares of a generated firm.

python -m tests.bench.refit [--rows 100000]

The firm is published without one of its four sources. From there each story goes its own way: the source is added, a
model is learned (from judged pairs too), both at once, or one after the other. Then those are counted whom the source
does not concern. To reach: 99.5 % of their records keep their golden id, and every golden id that is gone resolves.
"""

import argparse
import csv
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import pyarrow as pa

from connectors import workspace
from connectors.store.state import Store
from pipelines import again, fit, labelled, runner
from pipelines.publish_run import publish_run
from tests.bench.generate import generate

SOURCE: Final = "callcentre"
"""Holds 15 in 100 of all records: of customers that the other sources hold too, and of others."""
JUDGED: Final = 200
DOUBTFUL: Final = 0.48
"""How far from a half the probability of a pair in doubt may be."""
TO_REACH: Final = 0.995
Key: TypeAlias = tuple[str, str]
Act: TypeAlias = Callable[[Path], None]


@dataclass(frozen=True)
class Kept:
    """What became of the customers that a new source does not concern."""

    records: int
    same: int
    """Records with the golden id that they had."""
    customers: int
    merged: int
    """Customers whose golden id stands for nobody of its own any more."""
    parted: int
    """Customers whose golden id stands, though some of their records have another."""

    @property
    def share(self) -> float:
        return self.same / self.records


def kept(was: dict[Key, str], now: dict[Key, str], entities: dict[Key, str], source: str) -> Kept:
    """Golden ids by record before and after; `entities`: whom each record is truly about.

    A customer is concerned if any of its records, as they were published, is about somebody who stands in the new
    source. That is asked of the truth and not of the clusters, or a wrong join with a new record would excuse itself.
    """
    there = {entity for (name, _), entity in entities.items() if name == source}
    concerned = {golden for key, golden in was.items() if entities.get(key) in there}
    left = {key: golden for key, golden in was.items() if golden not in concerned}
    ids, alive = set(left.values()), set(now.values())
    moved = {golden for key, golden in left.items() if now.get(key) != golden}
    same = sum(now.get(key) == golden for key, golden in left.items())
    return Kept(len(left), same, len(ids), len(ids - alive), len(moved & alive))


def look(root: Path, version: int) -> tuple[Kept, int]:
    """What became of a publication; -> and how many of its golden ids lead to no customer of today."""
    with Store.open(workspace.read(root).database_url) as store:
        was, now = (_customers(store.crosswalk(v)) for v in (version, None))
        alive = set(now.values())
        lost = sum(store.resolve(golden) not in alive for golden in {*was.values()} - alive)
    return kept(was, now, _truth(root), SOURCE), lost


def _customers(crosswalk: pa.Table) -> dict[Key, str]:
    keys = zip(crosswalk["source"].to_pylist(), crosswalk["record_id"].to_pylist(), strict=True)
    return {key: golden for key, golden in zip(keys, crosswalk["golden_id"].to_pylist(), strict=True) if golden}


def _truth(root: Path) -> dict[Key, str]:
    """Whom each record is about."""
    with (root / "truth.csv").open(encoding="utf-8", newline="") as file:
        return {(row["source"], row["record_id"]): row["entity_id"] for row in csv.DictReader(file)}


def begin(root: Path, rows: int, seed: int = 1) -> int:
    """Write a firm and publish it without SOURCE; -> the number of the publication."""
    generate(root, rows, seed)
    (root / "sources" / f"{SOURCE}.yml").rename(root / f"{SOURCE}.yml")
    publish(root)
    with Store.open(workspace.read(root).database_url) as store:
        return store.version()


def add_source(root: Path) -> None:
    (root / f"{SOURCE}.yml").rename(root / "sources" / f"{SOURCE}.yml")


def learn(root: Path) -> None:
    """A new model, learned from the records of the last run and from judgements, comes into use."""
    labels = root / "labels.csv"
    labelled.write(labels, judgements(root, JUDGED))
    found = fit.fit(root, labels)
    fit.use(root, found.model)
    for kind, (old, new) in found.thresholds.items():
        moved = f"{old.best:.3f} to {new.best:.3f}" if old else f"{new.best:.3f}"
        print(f"  a new model for {kind}s: joined from {moved}, {found.before:,} to {found.after:,} customers")


def judgements(root: Path, number: int) -> list[labelled.Row]:
    """Candidate pairs of the last run, judged by the truth: at random of those in doubt, then the next to them."""
    entity = _truth(root)
    with again.opened(root) as run:
        pairs = run.folder.read("match", "pairs", columns=[*labelled.COLUMNS[:4], "match_probability"])
    away = np.maximum(np.abs(pairs["match_probability"].to_numpy() - 0.5), DOUBTFUL)
    chosen = np.lexsort((np.random.default_rng(1).random(len(pairs)), away))[:number]
    ends = pairs.take(pa.array(chosen)).select(labelled.COLUMNS[:4])
    return [
        (a, b, c, d, "same" if entity[a, b] == entity[c, d] else "different")
        for a, b, c, d in zip(*(column.to_pylist() for column in ends.columns), strict=True)
    ]


def publish(root: Path) -> None:
    """A run; if a gate holds it, somebody looks and says yes."""
    space = workspace.read(root)
    summary = runner.run(space)
    if summary.status == "held":
        print(f"  held: {'; '.join(summary.reasons)}")
        summary = publish_run(space, summary.run_id, user="bench", reason="it is asked how many ids are kept")
    assert summary.status in ("published", "unchanged"), summary.reasons


STORIES: Final[dict[str, tuple[tuple[Act, ...], ...]]] = {
    "a new source": ((add_source,),),
    "a new model": ((learn,),),
    "both at once": ((add_source, learn),),
    "a new source, then a new model": ((add_source,), (learn,)),
}
"""What is done before each of the runs of a story."""


def tell(root: Path, story: str, version: int) -> tuple[Kept, int]:
    """A story from its beginning to its end; -> as `look`, of the publication that it began with."""
    for night in STORIES[story]:
        for act in night:
            act(root)
        publish(root)
    return look(root, version)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--stories", nargs="*", choices=STORIES, default=list(STORIES))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        first = Path(folder) / "first"
        version = begin(first, arguments.rows)
        print(f"\n{arguments.rows:,} records, golden ids of those whom nothing concerns", flush=True)
        for number, story in enumerate(arguments.stories):
            root = Path(shutil.copytree(first, Path(folder) / str(number), symlinks=True))
            began = time.perf_counter()
            _say(story, *tell(root, story, version), time.perf_counter() - began)
            shutil.rmtree(root)


def _say(story: str, found: Kept, lost: int, seconds: float) -> None:
    print(
        f"{story}: {found.share:.3%} of {found.records:,} records keep theirs (to reach: {TO_REACH:.1%}); "
        f"of {found.customers:,} customers {found.merged:,} merged, {found.parted:,} parted; "
        f"{lost} golden ids resolve to nobody; {seconds:.0f} s",
        flush=True,
    )


if __name__ == "__main__":
    main()
