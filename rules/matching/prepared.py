"""The records of one type of party made ready for matching: in codes, with what people said of them."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from rules.matching import copies, generations
from rules.matching.cluster import Constraints
from rules.matching.copies import Further
from rules.matching.encode import Encoded, encode
from rules.matching.labels.judged import Judged, judgements
from rules.matching.tables import constraints_of
from rules.matching.types import Ints


@dataclass(frozen=True)
class Part:
    """The records of one type of party, ready to be matched; all numbers but `rows` and `aside` are their own."""

    encoded: list[Encoded]
    """One, until it is matched: a million records are a gigabyte."""
    bound: Constraints
    judged: Judged
    rows: Ints
    """Number of each record in the whole table."""
    aside: Further
    """Copies that go with another, numbers in the whole table."""


def prepared(part: pa.Table, rows: Ints, held: list[pa.Table], labels: pa.Table | None, *, link: bool) -> Part:
    """The records of one type of party in codes, without the many copies of one record, and what people said of them.

    Records that people named are matched themselves, and all are where no two of one source may be joined.
    """
    encoded = copies.numbered(generations.apart(encode(part)))
    told = [] if labels is None else [labels]

    def said(records: pa.Table) -> tuple[Constraints, Judged]:
        bound = constraints_of(held, records, link)
        return bound, judgements(told, records["source"], records["record_id"])

    bound, judged = said(part)
    named = [bound.must.ravel(), bound.cannot.ravel(), judged.pairs.left, judged.pairs.right]
    aside = copies.NONE if link else copies.further(encoded, np.concatenate(named))
    if len(aside):
        kept = np.setdiff1d(np.arange(len(part), dtype=np.int32), aside.record)
        aside = Further(rows[aside.record], rows[aside.like])
        encoded, rows = encoded.take(kept), rows[kept]
        bound, judged = said(part.take(pa.array(kept)))
    return Part([encoded], bound, judged, rows, aside)
