"""A column as its distinct values and the row each stands in: readers see every distinct value once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

TEXT: Final = pa.string()
_BETWEEN: Final = "\x1f"  # the unit separator of ASCII: mend takes it out of every cell


@dataclass(frozen=True)
class Cells:
    """`values[codes[i]]` is the text of row i; a null code or value is an empty cell."""

    codes: pa.Array
    values: pa.Array

    @classmethod
    def of(cls, column: pa.Array | pa.ChunkedArray) -> "Cells":
        flat = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        if not pa.types.is_dictionary(flat.type):
            flat = flat.cast(TEXT).dictionary_encode()
        return cls(flat.indices, flat.dictionary.cast(TEXT))

    @classmethod
    def empty(cls, rows: int) -> "Cells":
        return cls(pa.nulls(rows, pa.int32()), pa.nulls(0, TEXT))

    @classmethod
    def constant(cls, value: str | None, rows: int) -> "Cells":
        return cls.of(pa.array([value] * rows, TEXT))

    def __len__(self) -> int:
        return len(self.codes)

    def column(self) -> pa.Array:
        return self.values.take(self.codes)

    def with_values(self, values: pa.Array) -> "Cells":
        """Other values for the same distinct ones."""
        return Cells(self.codes, values)

    def read(self, reader: Callable[[str], Sequence[str | None]], width: int) -> list["Cells"]:
        """What a reader makes of each distinct value: `width` answers each, as that many columns."""
        answers = [(None,) * width if v is None else reader(v) for v in self.values.to_pylist()]
        return [self.with_values(pa.array([a[n] for a in answers], TEXT)) for n in range(width)]

    def read_one(self, reader: Callable[[str], str | None]) -> "Cells":
        return self.with_values(pa.array([None if v is None else reader(v) for v in self.values.to_pylist()], TEXT))

    def is_empty(self) -> bool:
        return bool(self.codes.null_count == len(self.codes) or self.values.null_count == len(self.values))

    def otherwise(self, other: "Cells") -> "Cells":
        """Own text, or the other's where there is none."""
        if other.is_empty():
            return self
        return other if self.is_empty() else Cells.of(pc.coalesce(self.column(), other.column()))

    def only(self, mask: pa.Array) -> "Cells":
        """The cells under a mask of rows; the others empty."""
        return Cells(pc.if_else(mask, self.codes, pa.scalar(None, self.codes.type)), self.values)


def together(columns: Sequence[Cells]) -> Cells:
    """Several columns as one, for a reader that needs them together; empty only where all are."""
    joined = pc.binary_join_element_wise(
        *(c.column() for c in columns), _BETWEEN, null_handling="replace", null_replacement=""
    )
    hollow = _BETWEEN * (len(columns) - 1)
    return Cells.of(pc.if_else(pc.equal(joined, hollow), pa.scalar(None, TEXT), joined))


def beside(cells: Cells, context: Cells) -> Cells:
    """A column with another that its reader also needs; empty where the column itself is."""
    if cells.is_empty():
        return cells
    text = cells.column()
    joined_text = pc.binary_join_element_wise(
        text, context.column(), _BETWEEN, null_handling="replace", null_replacement=""
    )
    return Cells.of(pc.if_else(pc.is_valid(text), joined_text, pa.scalar(None, TEXT)))


def parted(reader: Callable[..., Any]) -> Callable[[str], Any]:
    """A reader of several texts as a reader of one text made by `together`; missing ones are None."""
    return lambda text: reader(*[part or None for part in text.split(_BETWEEN)])


def joined(columns: Sequence[Cells], by: str = " ") -> Cells:
    """The texts of several columns in a row; empty where all are."""
    filled = [c for c in columns if not c.is_empty()]
    if len(filled) < 2:
        return filled[0] if filled else columns[0]
    text = filled[0].column()
    for cells in filled[1:]:  # not null_handling="skip": Arrow 26 drops rows in which all are null
        other = cells.column()
        text = pc.coalesce(pc.binary_join_element_wise(text, other, by), text, other)
    return Cells.of(text)
