"""A part of a stage's table: a file, and layers over it that take rows away and put others in their place."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

MOST_LAYERS: Final = 16
"""A part of more layers is written whole: each makes reading a little slower."""
MOST_AMENDED: Final = 0.2
"""So is one of which more than this share lies in layers."""

By = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Layer:
    """Rows, and the keys that they take away from the layers below. The lowest takes nothing away."""

    rows: Path
    gone: Path | None = None
    by: By = ()


@dataclass(frozen=True)
class Part:
    """The layers of a part, the lowest first. Two parts are equal where they are the same files."""

    layers: tuple[Layer, ...]

    def under(self, layer: Layer) -> "Part":
        return Part((*self.layers, layer))

    @property
    def only(self) -> Path:
        """Its one file. Raises ValueError where it has layers."""
        (layer,) = self.layers
        return layer.rows

    @property
    def files(self) -> list[Path]:
        """Every file of the part."""
        return [f for layer in self.layers for f in (layer.rows, layer.gone) if f is not None]

    def whole(self) -> bool:
        return all(file.exists() for file in self.files)

    def worn(self, more: int) -> bool:
        """Whether the part should be written whole, with so many rows to come."""
        if len(self.layers) >= MOST_LAYERS:
            return True
        rows = [pq.read_metadata(layer.rows).num_rows for layer in self.layers]
        return bool(sum(rows[1:]) + more > MOST_AMENDED * max(rows[0], 1))

    @cached_property
    def count(self) -> int:
        """Its rows."""
        if len(self.layers) == 1:
            return int(pq.read_metadata(self.layers[0].rows).num_rows)
        return sum(len(rows) for rows in self._pieces(self._key_columns))

    @property
    def schema(self) -> pa.Schema:
        """That of its rows."""
        return pa.unify_schemas([pq.read_schema(layer.rows) for layer in self.layers], promote_options="permissive")

    def read(self, columns: list[str] | None = None, filters: Any = None) -> pa.Table:
        """Its rows. `columns`: only these; `filters`: an expression of pyarrow.compute."""
        if len(self.layers) == 1:
            return pq.read_table(self.layers[0].rows, columns=columns, filters=filters)
        return pa.concat_tables(self._pieces(columns, filters), promote_options="permissive")

    def replaced_since(self, earlier: "Part", columns: tuple[str, ...] = ("record_id",)) -> pa.Table | None:
        """Keys of the rows that came, went or changed since an earlier part: none where it is the same, None where
        this part does not stand on that one. `columns`: names of the key.
        """
        own, base = self.layers, earlier.layers
        if own[: len(base)] != base:
            return None
        gone = [pq.read_table(layer.gone).rename_columns(list(columns)) for layer in own[len(base) :] if layer.gone]
        nothing = pa.table({name: pa.array([], pa.string()) for name in columns})
        return pa.concat_tables([nothing, *gone], promote_options="permissive").group_by(list(columns)).aggregate([])

    def without(self, gone: pa.Table, by: By) -> pa.Table:
        """Its rows but for those that `gone` names."""
        return _left(self.read(), [(gone, by)])

    def batches(self, rows: int, coded: Sequence[str] = ()) -> Iterator[pa.Table]:
        """Its rows, some at a time: a layer at least by itself. `coded`: columns of texts to read as dictionaries."""
        for number, layer in enumerate(self.layers):
            taken = self._taken(number)
            for batch in pq.ParquetFile(layer.rows, read_dictionary=list(coded)).iter_batches(batch_size=rows):
                yield _left(pa.Table.from_batches([batch]), taken)

    def _pieces(self, columns: list[str] | None, filters: Any = None) -> list[pa.Table]:
        """What is left of each layer."""
        pieces = []
        for number, layer in enumerate(self.layers):
            taken = self._taken(number)
            keys = {c for _, by in taken for group in by for c in group}
            have = pq.read_schema(layer.rows).names
            wanted = None if columns is None else [*columns, *sorted(keys - set(columns))]
            read = None if wanted is None else [c for c in wanted if c in have]
            rows = _left(pq.read_table(layer.rows, columns=read, filters=filters), taken)
            pieces.append(rows if columns is None else rows.select([c for c in columns if c in have]))
        return pieces

    @property
    def _key_columns(self) -> list[str]:
        return sorted({c for layer in self.layers for group in layer.by for c in group})

    def _taken(self, number: int) -> list[tuple[pa.Table, By]]:
        """What the layers above one take away from it."""
        above = [layer for layer in self.layers[number + 1 :] if layer.gone is not None]
        return [(pq.read_table(layer.gone), layer.by) for layer in above]

    def sql(self) -> str:
        """A query of its rows for DuckDB."""
        return " union all by name ".join(_layer_sql(self.layers, n) for n in range(len(self.layers)))


def joined(parts: Iterable[Part]) -> str:
    """A query of the rows of several parts; columns that some lack are null there."""
    parts = list(parts)
    plain = [part.layers[0].rows for part in parts if len(part.layers) == 1]
    queries = [f"select * from {_parquet(plain)}"] if plain else []  # noqa: S608 - our own file names
    return " union all by name ".join([*queries, *(part.sql() for part in parts if len(part.layers) > 1)])


def _layer_sql(layers: tuple[Layer, ...], number: int) -> str:
    """What is left of a layer; layers above it that name rows by the same columns take theirs away together."""
    named: dict[tuple[tuple[str, str], ...], list[Path]] = {}
    for above in layers[number + 1 :]:
        for group in _named(above):
            named.setdefault(group, []).extend([above.gone] if above.gone else [])
    said = f"select r.* from {_parquet([layers[number].rows])} r"  # noqa: S608 - our own file names
    rest = [
        f"not exists (select 1 from {_parquet(files)} g where {_same(group)})"  # noqa: S608 - likewise
        for group, files in named.items()
    ]
    return f"({said} where {' and '.join(rest)})" if rest else f"({said})"


def _named(layer: Layer) -> list[tuple[tuple[str, str], ...]]:
    """For each group of columns, pairs of a column of the part and the column of `gone` that it is compared with."""
    if layer.gone is None:
        return []
    names = pq.read_schema(layer.gone).names
    return [tuple(zip(group, names, strict=True)) for group in layer.by]


def _same(group: tuple[tuple[str, str], ...]) -> str:
    return " and ".join(f'r."{own}" = g."{other}"' for own, other in group)


def _parquet(files: list[Path]) -> str:
    names = ", ".join("'" + str(file).replace("'", "''") + "'" for file in files)
    return f"read_parquet([{names}], union_by_name = true)"


def _left(rows: pa.Table, taken: list[tuple[pa.Table, By]]) -> pa.Table:
    """The rows that nothing takes away."""
    named: dict[tuple[str, ...], list[pa.Array]] = {}
    for gone, by in taken:
        for group in by:
            named.setdefault(group, []).append(_texts(gone, len(group)))
    for group, keys in named.items():
        value_set = pa.concat_arrays(keys)
        if rows.num_rows and len(value_set):
            rows = rows.filter(pc.invert(pc.is_in(_key(rows, group), value_set=value_set)))
    return rows


def _key(rows: pa.Table, group: tuple[str, ...]) -> pa.Array | pa.ChunkedArray:
    """One value a row: the column, or several as one text."""
    if len(group) == 1:
        return rows[group[0]]
    return pc.binary_join_element_wise(*(rows[c].cast(pa.string()) for c in group), "\x1f")


def _texts(gone: pa.Table, columns: int) -> pa.Array:
    """The same of each key of `gone`."""
    if columns == 1:
        return gone.column(0).combine_chunks()
    texts = pc.binary_join_element_wise(*(column.cast(pa.string()) for column in gone.columns), "\x1f")
    return texts.combine_chunks()


def to_manifest(runs: Path, part: Part) -> Any:
    """A part as the manifest has it: the name of its file, or a list of its layers."""

    def short(path: Path) -> str:
        return path.relative_to(runs).as_posix()

    first, *over = part.layers
    if not over:
        return short(first.rows)
    told = [{"rows": short(v.rows), "gone": short(v.gone), "by": v.by} for v in over if v.gone is not None]
    return [{"rows": short(first.rows)}, *told]


def from_manifest(runs: Path, told: Any) -> Part:
    """The other way round."""
    if isinstance(told, str):
        return Part((Layer(runs / told),))
    first, *over = told
    layers = [Layer(runs / v["rows"], runs / v["gone"], tuple(tuple(g) for g in v["by"])) for v in over]
    return Part((Layer(runs / first["rows"]), *layers))
