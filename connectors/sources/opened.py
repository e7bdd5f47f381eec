"""One table from one file of any kind, with no declaration: what `goldseam dedupe FILE` reads."""

from pathlib import Path

import pyarrow as pa

from connectors.sources import form
from connectors.sources.base import Landed, SourceFailed
from connectors.sources.tables import land
from rules import keys
from rules.schema import Source
from rules.vocabulary import RAW_PREFIX


def open_table(path: Path, id_column: str | None = None, **options: object) -> Landed:
    """A csv, tsv, xlsx, xls, xlsb, ods or parquet file as a raw table with RAW_PREFIX columns, all text.

    Record ids are the number of the row from 1, or the values of `id_column`. `options` are settings of
    schema.Source (encoding, delimiter, sheets, header, country). Raises SourceFailed.
    """
    if not path.is_file():
        raise SourceFailed("there is no such file", "Correct the path", file=str(path))
    source = Source.model_validate({"kind": "form", "location": str(path), **options})
    landed = land(path.stem, form.grids(path, path.name, source))
    ids, notes = _ids(landed.raw, id_column, path.name)
    raw = landed.raw.set_column(RAW_PREFIX.index("_record_id"), "_record_id", ids)
    return Landed(raw, landed.facts, landed.rejects, (*landed.notes, *notes), (path,))


def _ids(raw: pa.Table, id_column: str | None, file: str) -> tuple[pa.Array, tuple[str, ...]]:
    if id_column is None:
        return pa.array([str(n) for n in range(1, len(raw) + 1)], pa.string()), ()
    if id_column not in keys.own_columns(raw):
        remedy = f"The file has: {', '.join(keys.own_columns(raw))}"
        raise SourceFailed(f"there is no column {id_column!r}", remedy, file=file, column=id_column)
    keyed = keys.declared(raw, [id_column])
    if keyed.ids.null_count:
        line = raw["_line"].filter(keyed.ids.is_null())[0].as_py()
        reason = f"{keyed.ids.null_count} rows have no id"
        raise SourceFailed(reason, "Fill it in, or leave --id out", file=file, line=line, column=id_column)
    return keyed.ids, keyed.notes
