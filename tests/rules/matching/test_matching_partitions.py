"""The seam for an engine on many machines: partitions scored in processes of their own."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pyarrow as pa
import pytest
from matching_people import people
from matching_workers import hold, work

from rules.matching import engine, partition
from rules.matching.block import block, gather
from rules.matching.config import Matching
from rules.matching.group import Group, candidates
from rules.matching.types import Pairs
from rules.vocabulary import PartyType

AT_ONCE = 700
RULES = (("emails",), ("phones",), ("name.words", "birth_date"), ("given_name", "postcode"), ("surname", "postcode"))


@pytest.fixture(scope="module")
def group() -> Group:
    """A finished matching of 1,500 invented persons."""
    return engine.match(people(1200, seed=11)[0], config=Matching(blocking=RULES)).groups[PartyType.PERSON]


def _batches(group: Group) -> list[pa.RecordBatch]:
    used, _ = candidates(group.encoded, PartyType.PERSON, Matching(), group.model)
    found = block(group.encoded, used, at_once=AT_ONCE)
    return [partition.batch(pairs, group.encoded, group.holders) for pairs in found]


def test_partitions_in_other_processes(group: Group) -> None:
    """Compared and scored in two other processes, partition by partition, every pair has what it has in one."""
    batches = _batches(group)
    assert len(batches) > 2
    held = partition.broadcast(group.encoded, group.model, group.holders)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=spawn, initializer=hold, initargs=(held,)) as pool:
        found = pa.Table.from_batches(pool.map(work, batches))
    assert found["left"].to_pylist() == group.scored.pairs.left.tolist()
    assert found["right"].to_pylist() == group.scored.pairs.right.tolist()
    assert np.array_equal(found["weight"].to_numpy(), group.scored.weight)
    assert np.array_equal(found["relation"].to_numpy(), group.scored.relation)
    levels = np.stack([found[f"level.{f.name}"].to_numpy() for f in group.model.fields], 1)
    assert np.array_equal(levels, group.levels)


def test_a_batch_has_no_text(group: Group) -> None:
    """What goes out with each partition are numbers alone: texts are in the dictionaries, which go out once."""
    for field in _batches(group)[0].schema:
        kind = field.type.value_type if pa.types.is_large_list(field.type) else field.type
        assert pa.types.is_integer(kind), field


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_partitions_and_threads_change_no_pair(group: Group, threads: int) -> None:
    """However many partitions and threads, the pairs are the same, in the same order, each once."""
    used, _ = candidates(group.encoded, PartyType.PERSON, Matching(), group.model)
    whole = gather(block(group.encoded, used))
    cut = gather(block(group.encoded, used, threads=threads, at_once=300 * threads))
    assert (cut.left.tolist(), cut.right.tolist()) == (whole.left.tolist(), whole.right.tolist())
    assert (np.diff(whole.left.astype(np.int64) << 32 | whole.right) > 0).all()


def test_partitions_keep_their_size(group: Group) -> None:
    """No partition holds more pairs than it may, but for the pairs of one record."""
    used, _ = candidates(group.encoded, PartyType.PERSON, Matching(), group.model)
    found: list[Pairs] = list(block(group.encoded, used, at_once=AT_ONCE))
    assert all(len(p) <= AT_ONCE or len(set(p.left.tolist())) == 1 for p in found)
