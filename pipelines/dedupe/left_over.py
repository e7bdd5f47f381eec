"""The user's own columns that have no place in the golden table: none of them is lost."""

from collections.abc import Iterator, Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.dedupe.reading import Read
from rules.vocabulary import BIRTH_DATE_PARTS

PLACED: Final = frozenset(
    {
        "party_type", "status", "full_name", "given_name", "surname", "organisation_name", "birth_date", "tax_id",
        "language", *(f"birth_date.{part}" for part in BIRTH_DATE_PARTS),
        *(f"address.{part}" for part in ("full", "street", "house_number", "postcode", "city", "region", "country")),
    }
)  # fmt: skip
"""What a column may be taken for and then stand in the golden table."""


def beside(golden: pa.Table, reads: Sequence[Read], clusters: pa.Table) -> pa.Table:
    """The golden table, one row a cluster in their order, and the columns without a place in it.

    Each holds the most frequent value of the cluster's records, of equals the first; headers as they stood.
    """
    taken = {name.casefold() for name in golden.column_names}
    for header, parts in _columns(reads):
        name, number = header, 1
        while name.casefold() in taken:
            number += 1
            name = f"{header} ({number})"
        taken.add(name.casefold())
        golden = golden.append_column(name, _usual(parts, clusters["cluster_id"], len(golden)))
    return golden


def _columns(reads: Sequence[Read]) -> Iterator[tuple[str, list[pa.ChunkedArray]]]:
    """Header and values, in the order of all files' rows, of each column that is left over in any file."""
    targets = [{m.column.casefold(): m for m in read.meanings} for read in reads]
    for key in dict.fromkeys(key for found in targets for key in found):
        held = [found[key] if key in found and not _is_placed(found[key].target) else None for found in targets]
        header = next((m.column for m in held if m), None)
        if header is not None:
            yield (
                header,
                [
                    r.raw[m.column] if m else pa.chunked_array([pa.nulls(len(r.raw), pa.string())])
                    for r, m in zip(reads, held, strict=True)
                ],
            )


def _is_placed(target: str) -> bool:
    kind, _, rest = target.partition(".")
    return target in PLACED or (kind in ("phone", "email") and rest != "fax")


def _usual(parts: Sequence[pa.ChunkedArray], clusters: pa.ChunkedArray, count: int) -> pa.Array:
    """The most frequent value of each cluster (numbered from 1), of equals the first."""
    values = pa.chunked_array([chunk for part in parts for chunk in part.chunks], pa.string())
    table = pa.table({"cluster": clusters, "value": values, "row": pa.array(range(len(values)))})
    table = table.filter(pc.and_(pc.is_valid(values), pc.not_equal(pc.utf8_trim_whitespace(values), "")))
    counted = table.group_by(["cluster", "value"], use_threads=False).aggregate([("row", "count"), ("row", "min")])
    counted = counted.sort_by([("cluster", "ascending"), ("row_count", "descending"), ("row_min", "ascending")])
    first = counted.group_by("cluster", use_threads=False).aggregate([("value", "first")])
    at = pc.index_in(pa.array(range(1, count + 1), pa.int64()), value_set=first["cluster"].combine_chunks())
    return first["value_first"].combine_chunks().take(at)
