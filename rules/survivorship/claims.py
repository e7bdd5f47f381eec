"""The votes for one field: who says what, and how much their word weighs."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.survivorship.config import Survivorship
from rules.survivorship.entries import Entries
from rules.survivorship.runs import Bools, Floats, Ints


@dataclass(frozen=True)
class Claims:
    """The votes for one field, sorted by golden record. `entry` is the row of the entries that says so."""

    golden: Ints
    entry: Ints
    value: pa.Array
    """As it stood; never null."""
    form: pa.Array
    """What is compared where it is not null."""
    weight: Floats
    suspect: Bools
    date: Floats
    trust: Floats
    source: Ints
    filled: Ints
    """How many parts of its group the entry fills."""

    def take(self, rows: Ints | Bools) -> "Claims":
        at = np.flatnonzero(rows) if rows.dtype == bool else rows
        value, form = (pc.take(column, pa.array(at)) for column in (self.value, self.form))
        return Claims(
            self.golden[at], self.entry[at], value, form, self.weight[at], self.suspect[at], self.date[at],
            self.trust[at], self.source[at], self.filled[at],
        )  # fmt: skip


def claims_of(entries: Entries, name: str, form: str | None, config: Survivorship) -> Claims:
    """Every value of a field that is not withheld, with the weight of its word.

    Weight is trust (1 at the default of 0.5) x type x doubts; age comes in where rivals are known.
    """
    value = entries.column(name)
    kept = pc.is_valid(value).to_numpy(zero_copy_only=False) & ~entries.flagged(name, "withheld")
    at = np.flatnonzero(kept)
    rows = pa.array(at)
    forms = pc.take(entries.column(form), rows) if form else pa.nulls(len(at), pa.string())
    trust = entries.members.trust[entries.member[at]]
    weight = np.maximum(2 * trust, 0.02) * entries.weight[at] * _doubt(entries, name, config)[at]
    if form and form.endswith("_norm") and form in entries.table.column_names:
        weight = weight * np.where(pc.is_valid(forms).to_numpy(zero_copy_only=False), 1.0, _invalid(config))
    return Claims(
        entries.golden[at], at, pc.take(value, rows), forms, weight, entries.flagged(name, "suspect")[at],
        entries.date[at], trust, entries.members.source[entries.member[at]], np.ones(len(at), np.int64),
    )  # fmt: skip


def _doubt(entries: Entries, name: str, config: Survivorship) -> Floats:
    weight = np.ones(len(entries.row))
    for flag, factor in config.votes.doubt.items():
        weight[entries.flagged(name, flag.value)] *= factor
    return weight


def _invalid(config: Survivorship) -> float:
    return next((factor for flag, factor in config.votes.doubt.items() if flag == "invalid"), 1.0)
