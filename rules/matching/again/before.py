"""What an earlier run found, as the next one takes it up: its records, its pairs, its clusters, by number."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.matching.score import Scored
from rules.matching.types import Bools, Bytes, Floats, Ints, Longs, Pairs
from rules.vocabulary import PartyType

ROWS: Final = pa.schema([
    ("source", pa.string()), ("record_id", pa.string()), ("party_type", pa.string()), ("guess", pa.int32()),
    ("cluster_id", pa.int64()), ("household", pa.int64()),
])  # fmt: skip
"""Every record in the order in which it was matched: the number of the customer that it was first guessed to be one
with, its cluster and the number of its household, -1 without."""
LINKS: Final = pa.schema([
    ("party_type", pa.string()), ("left", pa.int32()), ("right", pa.int32()), ("weight", pa.float64()),
    ("relation", pa.int8()), ("second", pa.bool_()),
])  # fmt: skip
"""Every pair that was scored, records by their place among those of their type in ROWS; `second`: of that round."""


@dataclass(frozen=True)
class Links:
    """Scored pairs; `second`: those of the second round."""

    pairs: Pairs
    weight: Floats
    relation: Bytes
    second: Bools

    def __len__(self) -> int:
        return len(self.pairs)

    def some(self, which: Bools) -> "Links":
        pairs = Pairs(self.pairs.left[which], self.pairs.right[which])
        return Links(pairs, self.weight[which], self.relation[which], self.second[which])

    def and_those(self, other: "Links") -> "Links":
        """These, then the others."""
        pairs = [np.concatenate([getattr(self.pairs, s), getattr(other.pairs, s)]) for s in ("left", "right")]
        rest = [np.concatenate([getattr(self, n), getattr(other, n)]) for n in ("weight", "relation", "second")]
        return Links(Pairs(*pairs), *rest)

    def table(self, party: PartyType) -> pa.Table:
        """LINKS."""
        columns = [self.pairs.left, self.pairs.right, self.weight, self.relation, self.second]
        said = pa.DictionaryArray.from_arrays(np.zeros(len(self), np.int8), [str(party)]).cast(pa.string())
        return pa.table([said, *map(pa.array, columns)], schema=LINKS)


@dataclass(frozen=True)
class Before:
    """What an earlier run found of one type of party, records by their numbers then; `row`: those of now, -1 gone."""

    row: Ints
    guess: Ints
    cluster: Longs
    household: Longs
    links: Links
    """Records by their numbers then."""

    @property
    def now(self) -> Pairs:
        """The pairs by the numbers of now, -1 for a record that is gone."""
        return Pairs(self.row[self.links.pairs.left], self.row[self.links.pairs.right])

    def of_now(self, records: int) -> Ints:
        """For each record of now its number then, -1 of new ones."""
        out = np.full(records, -1, np.int32)
        there = np.flatnonzero(self.row >= 0).astype(np.int32)
        out[self.row[there]] = there
        return out


def links_of(scored: Scored, second: int) -> Links:
    """All pairs of a run, of which the last ones are of the second round."""
    n = len(scored.pairs)
    return Links(scored.pairs, scored.weight, scored.relation, np.arange(n) >= n - second)


def key(source: pa.Array | pa.ChunkedArray, record_id: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Source and id of each record as one text."""
    joined = pc.binary_join_element_wise(source, record_id, "\x1f")
    return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined


def place(wanted: pa.Array, among: pa.Array) -> Ints:
    """The place of each text among others, -1 where it is not there."""
    found = pc.fill_null(pc.index_in(wanted, value_set=among), -1).to_numpy(zero_copy_only=False)
    return np.array(found, np.int32)


def before(rows: pa.Table, links: pa.Table, party: PartyType, keys: pa.Array) -> Before:
    """From ROWS and LINKS of all, what concerns one type of party, of which these are the records (`key`) now."""
    rows = rows.filter(pc.equal(rows["party_type"], str(party)))
    links = links.filter(pc.equal(links["party_type"], str(party)))
    found = [links[n].to_numpy() for n in ("left", "right", "weight", "relation")]
    second = np.asarray(links["second"].to_numpy(), bool)
    return Before(
        place(key(rows["source"], rows["record_id"]), keys),
        rows["guess"].to_numpy(),
        rows["cluster_id"].to_numpy(),
        rows["household"].to_numpy(),
        Links(Pairs(found[0], found[1]), found[2], found[3], second),
    )
