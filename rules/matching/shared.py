"""Values that are no evidence, shared by far more records than their field allows: placeholders, the firm's phone."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from rules.matching.config import Field, Matching
from rules.matching.encode import Column, Encoded
from rules.matching.kinds import is_whole

TIMES_USUAL = 10
"""A value is suspicious in so many times the records that the field's common values (95th percentile) are in."""


@dataclass(frozen=True)
class LeftOut:
    """A value that is not compared."""

    column: str
    value: str
    records: int
    reason: str


def leave_out(encoded: Encoded, fields: tuple[Field, ...], config: Matching) -> tuple[Encoded, list[LeftOut]]:
    """The records without values that say nothing, and which these are."""
    said: list[LeftOut] = []
    changed: list[Column] = []
    for f in fields:
        column = encoded.columns.get(f.name)
        if column is None or not len(column.values):
            continue
        told = _told(column, config.leave_out.get(f.name, ()))
        common = _too_common(column, f.shared)
        if f.kind == "date":
            common = common[is_whole(column.values).take(pa.array(common)).to_numpy(zero_copy_only=False)]
        common = np.setdiff1d(common, told)
        for codes, reason in (
            (told, "left out by the matching file"),
            (common, "in far more records than such a value can be"),
        ):
            values = column.values.take(pa.array(codes)).to_pylist()
            said += [LeftOut(f.name, v, int(column.counts[c]), reason) for v, c in zip(values, codes, strict=True)]
        if len(told) + len(common):
            changed.append(column.without(np.concatenate([told, common]).astype(np.int32)))
    return encoded.with_columns(*changed), sorted(said, key=lambda v: (-v.records, v.column, v.value))


def _told(column: Column, values: tuple[str, ...]) -> np.ndarray:
    """Codes of the values a person named; `@domain` names every address there."""
    if not values:
        return np.zeros(0, np.int64)
    domains = tuple(v.lower() for v in values if v.startswith("@"))
    texts = column.values.to_pylist()
    return np.array([i for i, t in enumerate(texts) if t in values or str(t).endswith(domains)], np.int64)


def _too_common(column: Column, shared: int | None) -> np.ndarray:
    if shared is None:
        return np.zeros(0, np.int64)
    usual = float(np.quantile(column.counts, 0.95))
    return np.flatnonzero(column.counts > max(shared, TIMES_USUAL * usual))
