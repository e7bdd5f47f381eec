"""Arrow columns as the pandas frame that is tested: text as categories, only what the checks look at."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from rules.expectations import helpers, lists
from rules.expectations.rule import EMPTY, FILLED, Check
from rules.schema import Mistakes, Problem

if TYPE_CHECKING:
    import pandas as pd


def is_due(check: Check, values: Mapping[str, object]) -> bool:
    """A rule against a list that is empty (no own numbers are declared) has nothing to test."""
    named = (v[1:] for v in check.rule.kwargs.values() if isinstance(v, str) and v.startswith("$"))
    return all(values.get(name, True) for name in named)


def columns_of(rows: helpers.Rows, table: str, checks: Sequence[Check]) -> pa.Table:
    """Every column that the checks look at, helper columns worked out. Raises Mistakes where there is no such."""
    data = rows.tables[table]
    missing = [Problem(check.file, check.line, check.name, f"{table} have no column {column!r} in this run",
                       "Map a column of a source to it, or take the rule out")
               for check in checks for column in check.columns
               if not helpers.is_helper(table, column) and column not in data.column_names]  # fmt: skip
    if missing:
        raise Mistakes(missing)
    names = sorted({c for check in checks for c in check.columns})
    made = [helpers.column(rows, table, n) if helpers.is_helper(table, n) else data[n] for n in names]
    return pa.table(made, names=names)


def frame(made: pa.Table, numbers: NDArray[np.int64]) -> "pd.DataFrame":
    """The rows of these numbers (ascending). Categories are of these rows alone."""
    first, last = int(numbers[0]), int(numbers[-1]) + 1
    part = made.slice(first, last - first)
    if len(part) != len(numbers):
        part = part.take(pa.array(numbers - first))
    coded = [c.dictionary_encode() if pa.types.is_string(c.type) else c for c in part.combine_chunks().columns]
    found: pd.DataFrame = pa.table(coded, names=part.column_names).to_pandas()
    return found


def meant(frame: "pd.DataFrame", check: Check) -> NDArray[np.bool_]:
    """Rows that its `when` is for."""
    found = np.ones(len(frame), dtype=bool)
    for column, wanted in check.rule.when.items():
        filled = frame[column].notna().to_numpy()
        if wanted in (FILLED, EMPTY):
            found &= filled if wanted == FILLED else ~filled
        else:
            found &= frame[column].isin([wanted] if isinstance(wanted, str) else list(wanted)).to_numpy()
    return found


def applies(frame: "pd.DataFrame", check: Check) -> NDArray[np.bool_]:
    """Rows that a check says something about: those that its `when` is for, and that have the value it tests."""
    found = meant(frame, check)
    if check.rule.type.endswith(("_to_not_be_null", "_to_be_null")):
        return found
    filled = np.array([frame[column].notna().to_numpy() for column in check.tested])
    ignored = check.rule.kwargs.get("ignore_row_if") or lists.ignores(check.rule.type)
    if ignored == "neither":
        return found
    return found & (filled.any(axis=0) if ignored == "both_values_are_missing" else filled.all(axis=0))
