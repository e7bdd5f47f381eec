"""Records that people say are one customer are matched together, though one reads as a person and one as a firm."""

from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from rules.matching.types import Texts
from rules.vocabulary import PartyType

_ENDS = (("left_source", "left_id"), ("right_source", "right_id"))


def agreed(party: Texts, table: pa.Table, held: list[pa.Table]) -> Texts:
    """The type of party of each record; a group that `same` joins has that of most of its records, else person.

    `held`: decisions and labels (kind, left_source, left_id, right_source, right_id); `table`: source, record_id.
    """
    pairs = [_rows(table, d.filter(pc.equal(d["kind"], "same"))) for d in held if len(d)]
    joined = np.concatenate(pairs) if pairs else np.zeros((0, 2), np.int64)
    mixed = joined[party[joined[:, 0]] != party[joined[:, 1]]]
    if not len(mixed):
        return party
    graph = coo_matrix((np.ones(len(joined), np.int8), (joined[:, 0], joined[:, 1])), shape=(len(party), len(party)))
    group = connected_components(graph, directed=False)[1]
    out = party.copy()
    for number in np.unique(group[mixed[:, 0]]).tolist():
        members = np.flatnonzero(group == number)
        counts = Counter(party[members].tolist())
        firm = counts[str(PartyType.ORGANISATION)] > counts[str(PartyType.PERSON)]
        out[members] = str(PartyType.ORGANISATION if firm else PartyType.PERSON)
    return out


def _rows(table: pa.Table, said: pa.Table) -> np.ndarray:
    """Numbers of the records that are there of both ends, of shape (n, 2)."""
    if not len(said):
        return np.zeros((0, 2), np.int64)
    keys = pc.binary_join_element_wise(table["source"], table["record_id"], "\x1f").combine_chunks()
    ends = [
        pc.index_in(pc.binary_join_element_wise(*(said[c].cast(pa.string()) for c in end), "\x1f"), value_set=keys)
        for end in _ENDS
    ]
    both = pc.and_(*(pc.is_valid(end) for end in ends))
    columns = [end.filter(both).to_numpy().astype(np.int64) for end in ends]
    return np.stack(columns, 1)
