"""From rows made one by one to a set: shuffled, numbered afterwards, the truth taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from tests.bench.sets.data_set import DataSet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

Row = dict[str, str | None]


def gathered(rows: list[tuple[int, Row]], columns: Sequence[str], rng: Random) -> DataSet:
    """`rows`: entity and record. An empty value is missing; the order and the ids say nothing of the entity."""
    rng.shuffle(rows)
    entities = list(dict.fromkeys(entity for entity, _ in rows))
    rng.shuffle(entities)
    number = {entity: f"E{at:06d}" for at, entity in enumerate(entities, 1)}
    ids = [f"R{at:06d}" for at in range(1, len(rows) + 1)]
    known = {column: pa.array([row.get(column) or None for _, row in rows], pa.string()) for column in columns}
    truth = {"rec_id": ids, "entity_id": [number[entity] for entity, _ in rows]}
    return DataSet(pa.table({"rec_id": ids, **known}), pa.table(truth))
