"""The one file that imports Great Expectations (GX): checks over a pandas frame, failing rows by number.

What was learned about GX 1.24, and is obeyed here: one batch and one `graph_validate` for all checks of a frame, and no
data context, which fingerprints each batch and writes itself down as YAML; an unnamed RangeIndex, so that failing rows
come back as plain numbers; an errored rule looks like failing data and is told apart by `exception_info`; results come
in an order of their own and are matched by rule; columns of text are categories, which GX compares by code; the rows
that checks apply to are chosen once here, as GX asks a condition again for each of its metrics.
GX takes 9 s to import: callers import this module only when there is something to test.
"""

import logging
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rules.expectations import conditions, frames
from rules.expectations.rule import Check

# Read by GX when it is imported: nothing may leave the machine.
os.environ["GX_ANALYTICS_ENABLED"] = "false"

from great_expectations.execution_engine.pandas_execution_engine import PandasExecutionEngine
from great_expectations.expectations.expectation import ColumnMapExpectation, ColumnPairMapExpectation
from great_expectations.expectations.metrics.map_metric_provider.column_condition_partial import (
    column_condition_partial,
)
from great_expectations.expectations.metrics.map_metric_provider.column_map_metric_provider import (
    ColumnMapMetricProvider,
)
from great_expectations.expectations.metrics.map_metric_provider.column_pair_condition_partial import (
    column_pair_condition_partial,
)
from great_expectations.expectations.metrics.map_metric_provider.column_pair_map_metric_provider import (
    ColumnPairMapMetricProvider,
)
from great_expectations.expectations.registry import get_expectation_impl
from great_expectations.validator.validator import Validator

LABELS = {"result_format": "COMPLETE", "return_unexpected_index_query": False, "partial_unexpected_count": 0}


@dataclass(frozen=True)
class Outcome:
    """What became of one check over one frame."""

    check: Check
    rows: NDArray[np.int64]
    """Numbers of the rows that fail it, ascending."""
    checked: int
    """How many rows it was applied to."""
    error: str = ""
    """Why it could not be applied; then nothing is known of the rows."""


def evaluate(frame: pd.DataFrame, checks: Sequence[Check], values: Mapping[str, object]) -> list[Outcome]:
    """Every check over the rows of a frame (text as categories), in the order of the checks.

    `values` has what stands for each `$NAME` in the arguments of a rule.
    """
    together: dict[str, list[int]] = {}
    for number, check in enumerate(checks):
        together.setdefault(repr(sorted(check.rule.when.items())), []).append(number)
    found: dict[int, Outcome] = {}
    for numbers in together.values():
        found |= _evaluate(frame, {number: checks[number] for number in numbers}, values)
    return [found[number] for number in range(len(checks))]


def _evaluate(frame: pd.DataFrame, checks: Mapping[int, Check], values: Mapping[str, object]) -> dict[int, Outcome]:
    """Checks that say the same of when they apply, by their numbers, over the rows that they apply to."""
    built: list[Any] = []
    outcomes: dict[int, Outcome] = {}
    for number, check in checks.items():
        try:
            built.append(_expectation(number, check, values))
        except ValueError as error:  # pydantic: an argument of the wrong kind
            outcomes[number] = Outcome(check, np.empty(0, np.int64), 0, " ".join(str(error).split()))
    rows = np.flatnonzero(frames.meant(frame, next(iter(checks.values()))))
    columns = list(dict.fromkeys(column for check in checks.values() for column in check.tested))
    found = _validate(_comparable(frame[columns].iloc[rows], list(checks.values())), built) if built else {}
    return outcomes | {number: _outcome(checks[number], result, rows) for number, result in found.items()}


def _validate(frame: pd.DataFrame, expectations: list[Any]) -> dict[int, Any]:
    """The result of each expectation, by its number."""
    with warnings.catch_warnings(), pd.option_context("mode.copy_on_write", True):
        warnings.simplefilter("ignore")  # GX tests with what pandas and it have deprecated
        for name in ("great_expectations", "great_expectations.data_context.types.base"):
            logging.getLogger(name).setLevel(logging.ERROR)
        results: list[Any] = _validator(frame).graph_validate(
            [e.configuration for e in expectations], {"result_format": LABELS}
        )
    return {int(result.expectation_config.meta["number"]): result for result in results}


def argument(value: object, values: Mapping[str, object]) -> object:
    """The argument of a rule, with what stands for its `$NAME`."""
    return values[value[1:]] if isinstance(value, str) and value[:1] == "$" and value[1:] in values else value


def _expectation(number: int, check: Check, values: Mapping[str, object]) -> Any:
    rule = check.rule
    arguments = {name: argument(value, values) for name, value in rule.kwargs.items()}
    implementation: Any = get_expectation_impl(rule.type)
    return implementation(**arguments, severity=str(rule.severity), meta={"number": number})


def _comparable(frame: pd.DataFrame, checks: Sequence[Check]) -> pd.DataFrame:
    """Columns that are compared with each other as text: pandas compares no two kinds of categories."""
    pairs = {c for check in checks if check.rule.type == "expect_column_pair_values_to_be_equal" for c in check.tested}
    return frame.astype(dict.fromkeys(sorted(pairs), object)) if pairs else frame


def _validator(frame: pd.DataFrame) -> Validator:
    validator = Validator(PandasExecutionEngine(batch_data_dict={"rows": frame.reset_index(drop=True)}))
    validator.metrics_calculator.show_progress_bars = False
    return validator


def _outcome(check: Check, result: Any, numbers: NDArray[np.int64]) -> Outcome:
    """`numbers`: of the rows that were tested."""
    information = result.exception_info
    if information.get("raised_exception", True):  # errored: a dict of dicts without this key, or true
        nested = [v for v in information.values() if isinstance(v, dict)] or [information]
        error = "; ".join(dict.fromkeys(str(v.get("exception_message")) for v in nested))
        return Outcome(check, np.empty(0, np.int64), 0, error)
    rows = np.array(result.result.get("unexpected_index_list") or [], dtype=np.int64)
    checked = int(result.result.get("element_count") or 0) - int(result.result.get("missing_count") or 0)
    return Outcome(check, numbers[np.sort(rows)], checked)


def _each(column: "pd.Series[Any]", accepts: Callable[[str], bool]) -> "pd.Series[bool]":
    """Whether each value is accepted, asked once for each distinct value; an empty cell is."""
    codes, distinct = _coded(column)
    verdicts = np.fromiter(map(accepts, distinct), dtype=bool, count=len(distinct))
    found = np.ones(len(column), dtype=bool)
    found[codes >= 0] = verdicts[codes[codes >= 0]]
    return pd.Series(found, index=column.index, dtype=bool)


def _each_pair(
    left: "pd.Series[Any]", right: "pd.Series[Any]", accepts: Callable[[str, str], bool]
) -> "pd.Series[bool]":
    """Whether each pair of values is accepted, asked once for each distinct pair; one with an empty cell is."""
    (a, lefts), (b, rights) = _coded(left), _coded(right)
    both = (a >= 0) & (b >= 0)
    distinct, codes = np.unique(a[both] * len(rights) + b[both], return_inverse=True)
    firsts, seconds = np.divmod(distinct, max(len(rights), 1))
    pairs = zip(firsts.tolist(), seconds.tolist(), strict=True)
    verdicts = np.fromiter((accepts(lefts[i], rights[j]) for i, j in pairs), dtype=bool, count=len(distinct))
    found = np.ones(len(left), dtype=bool)
    found[both] = verdicts[codes]
    return pd.Series(found, index=left.index, dtype=bool)


def _coded(column: "pd.Series[Any]") -> tuple[NDArray[np.int64], list[str]]:
    """Each value's number (-1: empty), and the distinct values as text."""
    codes, distinct = pd.factorize(column)
    return codes.astype(np.int64), [str(value) for value in np.asarray(distinct, dtype=object).tolist()]


# --- Goldseam's own types --------------------------------------------------------------------------------------


def _register(kind: str, accepts: Callable[..., bool], arguments: tuple[str, ...] = ()) -> None:
    """Make a type of rule of a condition. GX finds the class by its name and the metric by its words."""
    pair = kind.startswith("expect_column_pair_")
    metric = f"column{'_pair' if pair else ''}_values.goldseam_{kind.removeprefix('expect_column_')}"
    _metric(metric, accepts, arguments, pair)
    namespace = {
        "__annotations__": dict.fromkeys(arguments, str | None),
        **dict.fromkeys(arguments),
        "map_metric": metric,
        "success_keys": ("mostly", *arguments, *(("ignore_row_if",) if pair else ())),
        "__module__": __name__,
    }
    if pair:  # the base class does not declare it
        namespace["__annotations__"] = {**dict.fromkeys(arguments, str | None), "ignore_row_if": str}
        namespace["ignore_row_if"] = "either_value_is_missing"
    base: Any = ColumnPairMapExpectation if pair else ColumnMapExpectation
    name = "".join(word.capitalize() for word in kind.split("_"))
    type(base)(name, (base,), namespace)  # its metaclass puts it on GX's list


def _metric(name: str, accepts: Callable[..., bool], arguments: tuple[str, ...], pair: bool) -> None:
    def column(cls: type, column: Any, **kwargs: Any) -> Any:  # noqa: ARG001 - GX makes it a class method
        return _each(column, partial(accepts, **{a: kwargs.get(a) for a in arguments}))

    def columns(cls: type, column_A: Any, column_B: Any, **kwargs: Any) -> Any:  # noqa: ARG001, N803 - GX's names
        return _each_pair(column_A, column_B, partial(accepts, **{a: kwargs.get(a) for a in arguments}))

    condition: Any = column_pair_condition_partial if pair else column_condition_partial
    namespace: dict[str, Any] = {
        "condition_metric_name": name,
        "condition_value_keys": arguments,
        "_pandas": condition(engine=PandasExecutionEngine)(columns if pair else column),
        "__module__": __name__,
    }
    if pair:
        own = ("column_A", "column_B", "ignore_row_if")
        namespace["condition_domain_keys"] = ("batch_id", "table", "row_condition", "condition_parser", *own)
    base: Any = ColumnPairMapMetricProvider if pair else ColumnMapMetricProvider
    type(base)(f"Metric_{name}", (base,), namespace)


_register("expect_column_values_to_be_dates", conditions.is_date, ("min_value", "max_value"))
_register("expect_column_values_to_be_numbers", conditions.is_number)
_register("expect_column_values_to_have_checksum", conditions.has_checksum, ("scheme",))
_register("expect_column_pair_dates_to_be_in_order", conditions.in_order)
_register("expect_column_pair_postcode_to_fit_country", conditions.postcode_fits)
_register("expect_column_pair_phone_to_fit_country", conditions.phone_fits)
_register("expect_column_pair_birth_date_to_fit_number", conditions.birth_date_fits, ("scheme",))
_register("expect_column_pair_gender_to_fit_number", conditions.gender_fits, ("scheme",))
