"""What one check found, added up over batches."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from rules import vocabulary as words
from rules.expectations import columns, helpers
from rules.expectations.rule import Check

FAILURES: Final = pa.schema([
    *words.KEY, ("table", words.TEXT), ("row", pa.int64()), ("position", pa.int32()), ("field", words.TEXT),
    ("rule", words.TEXT), ("severity", words.TEXT), ("dimension", words.TEXT), ("flag", words.TEXT),
    ("value", words.TEXT), ("message", words.TEXT),
])  # fmt: skip
"""One row a failing cell; `row` counts the rows of its source's table from 0."""

Spans: TypeAlias = Mapping[str, tuple[int, int]]
"""Source -> its first row, and the one after its last."""


@dataclass
class Tally:
    check: Check
    failed: list[NDArray[np.int64]] = field(default_factory=list)
    """Numbers of the rows that fail, ascending."""
    checked: dict[str, int] = field(default_factory=dict)
    """Rows that the check says something about, by source."""
    error: str = ""

    def add(
        self,
        failed: NDArray[np.int64],
        error: str,
        numbers: NDArray[np.int64],
        applies: NDArray[np.bool_],
        spans: Spans,
    ) -> None:
        """A batch of rows with these numbers, of which those at `failed` fail."""
        self.error = self.error or error
        self.failed.append(numbers[failed])
        tested = numbers[applies]
        for source, (start, stop) in spans.items():
            count = int(np.searchsorted(tested, stop) - np.searchsorted(tested, start))
            if count or error:
                self.checked[source] = self.checked.get(source, 0) + count

    @property
    def rows(self) -> NDArray[np.int64]:
        return np.sort(np.concatenate([*self.failed, np.empty(0, np.int64)]))

    def results(self, spans: Spans) -> list[dict[str, Any]]:
        """Rows of vocabulary.RESULTS, one a source that the check applied to."""
        rule, rows = self.check.rule, self.rows
        return [
            {
                "source": source,
                "table": self.check.table,
                "suite": self.check.suite,
                "rule": self.check.name,
                "field": rule.field,
                "severity": str(rule.severity),
                "dimension": str(rule.dimension),
                "checked": checked,
                "failed": int(np.searchsorted(rows, spans[source][1]) - np.searchsorted(rows, spans[source][0])),
                "errored": bool(self.error),
                "message": self.error or rule.because,
            }
            for source, checked in self.checked.items()
        ]

    def failures(self, table: pa.Table, spans: Spans) -> pa.Table:
        """Rows of FAILURES."""
        rule, rows = self.check.rule, self.rows
        at = pa.array(rows)
        starts = np.array([start for start, _ in spans.values()])
        values = table[rule.field].take(at) if rule.field in table.column_names else pa.nulls(len(rows), words.TEXT)
        known: dict[str, Any] = {
            "source": table["source"].take(at),
            "record_id": table["record_id"].take(at),
            "row": rows - starts[np.searchsorted(starts, rows, side="right") - 1] if len(rows) else rows,
            "position": table["position"].take(at) if "position" in table.column_names else None,
            "value": helpers.text(values),
        }
        constant = {
            "table": self.check.table, "field": rule.field, "rule": self.check.name, "severity": str(rule.severity),
            "dimension": str(rule.dimension), "flag": str(rule.flag), "message": rule.because,
        }  # fmt: skip
        filled = {name: pa.repeat(value, len(rows)) for name, value in constant.items()}
        blank = {"position": pa.nulls(len(rows), pa.int32())} if known["position"] is None else {}
        return pa.table({**known, **blank, **filled}).select(FAILURES.names).cast(FAILURES)

    def withhold(self, rows: helpers.Rows) -> None:
        """Let later checks know which cells are not to be used."""
        if self.check.rule.severity is not words.Severity.WARNING:
            return
        masks = rows.withheld.setdefault(self.check.table, {})
        for name in columns.withheld_with(self.check.table, self.check.rule.field):
            mask = masks.setdefault(name, np.zeros(rows.tables[self.check.table].num_rows, dtype=bool))
            mask[self.rows] = True
