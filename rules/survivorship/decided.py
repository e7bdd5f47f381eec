"""What stewards decided about single values: it wins always, until it is taken back."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.survivorship.ledger import MEMBER_NONE, Ledger, overruled
from rules.survivorship.runs import Ints, Runs

VALUE = "value"


def apply(ledger: Ledger, decisions: pa.Table | None) -> None:
    """Put decided values into the ledger. `decisions`: vocabulary.DECISIONS in force; the last one on a field wins.

    A decision names a member of the golden record (`left_source`, `left_id`), so that it stays with the customer
    through merges, splits and new golden ids.
    """
    for name, golden, value in chosen(ledger, decisions):
        overruled(ledger, name, golden, value, _holders(ledger, name, golden, value))


def chosen(ledger: Ledger, decisions: pa.Table | None) -> list[tuple[str, Ints, pa.Array]]:
    """The decided values by field: (field, golden records, values), both sorted by golden record."""
    if decisions is None or not len(decisions):
        return []
    made = decisions.filter(pc.equal(decisions["kind"], VALUE)).sort_by("seq").to_pylist()
    golden = _golden_of(ledger, [(row["left_source"], row["left_id"]) for row in made])
    last: dict[str, dict[int, str]] = {}
    for row, number in zip(made, golden, strict=True):
        if number >= 0 and row["field"] and row["value"] is not None:
            last.setdefault(row["field"], {})[number] = row["value"]
    return [
        (name, np.array(sorted(values), np.int64), pa.array([values[n] for n in sorted(values)], pa.string()))
        for name, values in sorted(last.items())
    ]


def _golden_of(ledger: Ledger, keys: list[tuple[str, str]]) -> list[int]:
    """The golden record of each record key; -1 where the record is not here."""
    people = ledger.members
    wanted = pa.array([record for _, record in keys], pa.string())
    rows = np.flatnonzero(pc.is_in(people.record_id, value_set=wanted).to_numpy(zero_copy_only=False))
    sources = pc.take(people.sources, pa.array(people.source[rows])).to_pylist()
    records = pc.take(people.record_id, pa.array(rows)).to_pylist()
    known = dict(zip(zip(sources, records, strict=True), people.golden[rows].tolist(), strict=True))
    return [known.get(key, -1) for key in keys]


def _holders(ledger: Ledger, name: str, golden: Ints, value: pa.Array) -> Ints:
    """The first member that holds a decided value as it stands; MEMBER_NONE where a steward typed it."""
    people = ledger.members
    holders = np.full(len(golden), MEMBER_NONE, np.int64)
    if name not in people.records.column_names:
        return holders
    rows = np.flatnonzero(np.isin(people.golden, golden))
    held = pc.take(people.column(name), pa.array(rows))
    wanted = pc.take(value, pa.array(np.searchsorted(golden, people.golden[rows])))
    same = pc.fill_null(pc.equal(held, wanted), False).to_numpy(zero_copy_only=False)
    rows = rows[same]
    first = Runs.over(people.golden[rows]).start
    holders[np.searchsorted(golden, people.golden[rows[first]])] = rows[first]
    return holders
