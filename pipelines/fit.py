"""`goldseam fit`: learn the matching model anew, see what it would change, and only then use it.

Between fits the model is frozen, so that golden ids do not flap from night to night.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pipelines import again
from pipelines.match import engine_of


@dataclass(frozen=True)
class Difference:
    """What a new model would change, on the records of the last run."""

    model: str
    """The new model, as JSON."""
    records: int
    before: int
    """Customers under the model in use."""
    after: int
    joined: int
    """Customers that would be joined with another."""
    split: int
    """Customers that would be split."""
    pairs: int
    """Candidate pairs it was learnt from."""
    notes: tuple[str, ...]


def fit(root: Path) -> Difference:
    """Learn a model from the records of the last run, and compare. Nothing is changed. Raises again.NoSuchRun."""
    with again.opened(root) as run:
        new = engine_of(run, fresh=True)
        old = run.folder.read("match", "labels")
    pairs = round(sum(model.pairs for model in new.models.values()))
    joined, split = changes(old, new.labels)
    counts = (len(old["cluster_id"].unique()), len(new.labels["cluster_id"].unique()))
    return Difference(new.model, len(old), *counts, joined, split, pairs, new.notes)


def changes(old: pa.Table, new: pa.Table) -> tuple[int, int]:
    """How many old clusters meet another one in the new clusters, and how many fall apart."""
    keys = ["source", "record_id"]
    both = old.select([*keys, "cluster_id"]).join(new.select([*keys, "cluster_id"]), keys, right_suffix="_new")
    cells = both.group_by(["cluster_id", "cluster_id_new"]).aggregate([])
    of_old = Counter(cells["cluster_id"].to_pylist())
    of_new = Counter(cells["cluster_id_new"].to_pylist())
    joined = sum(of_new[n] > 1 for n in cells["cluster_id_new"].to_pylist())
    return joined, sum(count > 1 for count in of_old.values())


def use(root: Path, model: str) -> None:
    """Make a model the one that the next run uses. Raises again.NoSuchRun."""
    with again.opened(root) as run:
        run.store.save_model(model, run.id)
