"""A batch of raw rows while it is read: its cells, mended and emptied of placeholders, and the doubts about them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from rules import schema
from rules.standardise import text, vocab
from rules.standardise.cells import TEXT, Cells, joined
from rules.standardise.doubts import Doubts
from rules.standardise.plan import Plan
from rules.standardise.survey import Survey


@dataclass
class Batch:
    raw: pa.Table
    name: str
    source: schema.Source
    plan: Plan
    survey: Survey
    doubts: Doubts = field(default_factory=Doubts)

    @property
    def rows(self) -> int:
        return int(self.raw.num_rows)

    @cached_property
    def ids(self) -> pa.Array:
        return flat(self.raw["_record_id"])

    def cells(self, header: str, target: str, *, names: bool = False, kind: str | None = None) -> tuple[Cells, Cells]:
        """The texts of a column as they are read, and the rule of what was done to them.

        What a column of a `kind` (yes_no, gender, ...) knows as its word is no placeholder: a "no" is an answer there.
        """
        column = Cells.of(self.raw[header])
        values, doubt = text.mend(column.values, self.source.country)
        values = self._mapped(values, target)
        hollow = text.placeholders(values, names=names)
        if kind:
            answers = [v is not None and vocab.meaning(kind, v) is not None for v in values.to_pylist()]
            hollow = pc.if_else(pa.array(answers, pa.bool_()), pa.scalar(None, TEXT), hollow)
        values = pc.if_else(pc.or_(pc.is_valid(hollow), pc.equal(values, "")), pa.scalar(None, TEXT), values)
        if header in self.survey.hollow:
            return column.with_values(values), Cells.empty(self.rows)
        return column.with_values(values), column.with_values(pc.coalesce(hollow, doubt))

    def _mapped(self, values: pa.Array, target: str) -> pa.Array:
        """Texts that the source's settings translate (`values:`), in whatever case."""
        wanted = self.source.values.get(target)
        if not wanted:
            return values
        lower = {k.lower(): v for k, v in wanted.items()}
        return pa.array(
            [None if v is None else wanted.get(v, lower.get(v.lower(), v)) for v in values.to_pylist()], TEXT
        )

    def scalar(self, target: str, *, names: bool = False, join: bool = False, kind: str | None = None) -> Cells:
        """A target of one value a record: its columns joined, or the first of them that is filled."""
        found = [self.one_line(h, target, names=names, kind=kind) for h in self.plan.scalars.get(target, ())]
        if not found:
            return Cells.empty(self.rows)
        if join:
            return joined(found)
        first, *others = found
        for other in others:
            first = first.otherwise(other)
        return first

    def one_line(
        self, header: str, target: str, *, table: str = "records", names: bool = False, kind: str | None = None
    ) -> Cells:
        """The texts of a column on one line each; doubts about them are noted."""
        cells, rules = self.cells(header, target, names=names, kind=kind)
        self.doubts.note(table, target, rules, flat(self.raw[header]))
        return cells.with_values(pc.replace_substring(cells.values, "\n", " "))

    def lines(self, headers: Sequence[str], target: str, by: str = ", ") -> Cells:
        """The texts of several columns in a row, line breaks kept."""
        return (
            joined([self.cells(h, target, names=True)[0] for h in headers], by) if headers else Cells.empty(self.rows)
        )


def flat(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return whole if whole.type == TEXT else whole.cast(TEXT)
