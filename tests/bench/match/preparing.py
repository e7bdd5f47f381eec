"""What some runs need beforehand: labels drawn from an earlier run, features for matching alone."""

import sys
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from tests.bench.match import runner
from tests.bench.match.judge import Truth
from tests.bench.match.sets import Ready

LABELS: Final = 200
GIVEN: Final = Path(__file__).with_name("given.yml")


def labels(pairs: Path, truth: Truth, source: str, out: Path, seed: int = 1) -> Path:
    """A file of labels: LABELS candidate pairs of an earlier run drawn at random, judged by the truth."""
    table = pq.read_table(pairs, columns=["left", "right"])
    chosen = np.random.default_rng(seed).choice(len(table), min(LABELS, len(table)), replace=False)
    drawn = table.take(pa.array(np.sort(chosen)))
    same = truth.entity[truth.rows(drawn["left"])] == truth.entity[truth.rows(drawn["right"])]
    sources = pa.array([source] * len(drawn))
    judged = pa.array(np.where(same, "same", "different"))
    names = ["left_source", "left_id", "right_source", "right_id", "judgement"]
    csv.write_csv(pa.table([sources, drawn["left"], sources, drawn["right"], judged], names=names), out)
    return out


def features(ready: Ready, job: dict[str, Any], cache: Path, limits: runner.Limits) -> Path:
    """The features of a set as a file, worked out once. Raises RuntimeError where that fails."""
    path = cache / "features" / f"{ready.truth.parent.name}.parquet"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        command = [sys.executable, "-m", "tests.bench.match.goldseam_run"]
        done = runner.run(
            command, {**job, "mode": "features", "features": str(new)}, cache / "features" / "run", limits
        )
        if done.failed:
            raise RuntimeError(done.failed)
        new.rename(path)
    return path
