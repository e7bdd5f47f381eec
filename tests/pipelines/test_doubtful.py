"""Of millions of pairs only a few are looked at for the review queue, and it is the queue that all of them make."""

import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from connectors.store.runs import RunFolder
from connectors.workspace import Workspace
from pipelines import doubtful
from pipelines.context import Run
from rules import identity, schema
from rules.identity.candidates import DOUBTS, SAID
from rules.matching.config import Thresholds
from rules.vocabulary import CLUSTERS, DECISIONS, PAIRS

RELATIONS = ("same", "moved", "household", "namesake", "coincidence", "unrelated", None)
PROBABILITIES = (0.0, 0.1, 0.2, 0.3, 0.7, 0.95, 0.995, 0.999)


class Made:
    """Records in clusters, pairs, and what people, upstream and sources without ids say, at random."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.keys = [(source, str(n)) for source in ("a", "b") for n in range(25)]
        self.labels = _table(
            [{"source": s, "record_id": i, "cluster_id": self.dice.randrange(22)} for s, i in self.keys], CLUSTERS
        )
        self.pairs = _table([self._pair() for _ in range(self.dice.choice([0, 60, 150]))], PAIRS)
        self.decisions = _table(
            [{"seq": n, "kind": self.dice.choice(["same", "different"]), **self._ends()} for n in range(3)], DECISIONS
        )
        self.doubts = _table([self._doubt() for _ in range(3)], DOUBTS)
        self.said = _table([self._said() for _ in range(self.dice.choice([0, 8]))], SAID)

    def _ends(self) -> dict[str, str]:
        (ls, li), (rs, ri) = self.dice.sample([*self.keys, ("a", "gone")], 2)
        return {"left_source": ls, "left_id": li, "right_source": rs, "right_id": ri}

    def _pair(self) -> dict[str, Any]:
        probability, relation = self.dice.choice(PROBABILITIES), self.dice.choice(RELATIONS)
        weight = self.dice.random()
        return {**self._ends(), "match_probability": probability, "relation": relation, "match_weight": weight}

    def _doubt(self) -> dict[str, Any]:
        source, record = self.dice.choice(self.keys)
        return {"source": source, "record_id": record, "earlier": f"e{record}", "likeness": 0.7}

    def _said(self) -> dict[str, Any]:
        ends = self._ends()
        left, right = (f"{ends[f'{side}_source']}:{ends[f'{side}_id']}" for side in ("left", "right"))
        return {"left": left, "right": right, "joins": self.dice.random() < 0.5, "reason": "they say"}


def _table(rows: list[dict[str, Any]], form: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist(rows, pa.schema([field.with_nullable(True) for field in form]))


@pytest.mark.parametrize("seed", range(5))
def test_the_queue_is_that_of_all_pairs(tmp_path: Path, seed: int) -> None:
    """Random pairs, clusters, decisions, doubtful keys and claims of others: nothing is lost and nothing is added."""
    made, sure = Made(seed), Thresholds()
    folder = RunFolder(tmp_path, "run")
    folder.write("match", "pairs", made.pairs)
    run = Run(Workspace(tmp_path, schema.Firm(), {}), folder, None, datetime(2026, 1, 1, tzinfo=UTC))
    with duckdb.connect() as con:
        con.register("labels", made.labels)
        pairs = doubtful.pairs(con, run, sure, made.said)
        clusters = doubtful.clusters(con, pairs, made.decisions, made.doubts, made.said)
    rest = {"merge": sure.merge, "review": sure.review, "doubts": made.doubts, "said": made.said}
    whole = identity.candidates(made.pairs, made.labels, made.decisions, **rest)
    assert identity.candidates(pairs, clusters, made.decisions, **rest) == whole
    assert not made.pairs.num_rows or (whole.num_rows and pairs.num_rows < made.pairs.num_rows)
