"""What a worker process of test_matching_partitions does: it must be importable there."""

import pyarrow as pa

from rules.matching import partition

_held: list[partition.Broadcast] = []


def hold(held: partition.Broadcast) -> None:
    """A worker starts: the dictionaries reach it once."""
    _held.append(held)


def work(given: pa.RecordBatch) -> pa.RecordBatch:
    return partition.scored(given, _held[0])
