"""The published files: CSV, Parquet and a manifest, put in place by one rename.

CSV is RFC 4180 in UTF-8: CRLF, quotes only where they are needed, null as nothing, the empty text as `""`, and every
value exactly as it stood. A value that begins with `=` or `+` stays as it is, because CRMs read these files;
what people open in a spreadsheet (exports, packs) guards against formulas where it is written.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from connectors.store.parts import Part
from rules import duck

SCHEMA_VERSION: Final = "1"
"""Raised when a column of a published file changes its name or meaning, or goes."""
LATEST: Final = "latest"
ROWS_AT_ONCE: Final = 500_000
AT_ONCE: Final = 2
"""Files written, or read through, at a time: what does it lets go of the interpreter."""
Bytes: TypeAlias = NDArray[np.int64]


def write_csv(path: Path, table: pa.Table) -> Bytes:
    """A table as CSV; -> bytes of each line. DuckDB makes the lines, whose bytes then go to the file as they are."""
    with path.open("wb") as file:
        file.write(header(table.schema))
        return _write_lines(file, table)


def csv_lines(table: pa.Table) -> tuple[bytes, Bytes]:
    """The lines of a CSV without its header, and the bytes of each."""
    into = BytesIO()
    taken = _write_lines(into, table)
    return into.getvalue(), taken


def header(schema: pa.Schema) -> bytes:
    """The first line of a CSV."""
    return (",".join(_quoted(name) for name in schema.names) + "\r\n").encode()


def _write_lines(file: BinaryIO, table: pa.Table) -> Bytes:
    taken = [np.zeros(0, np.int64)]
    fields = " || ',' || ".join(_field(field) for field in table.schema)
    with duck.session() as con:
        con.register("rows", table)
        lines = con.sql(f"select {fields} || chr(13) || chr(10) as line from rows").to_arrow_reader()  # noqa: S608 - our own names
        for batch in lines:
            file.write(_text(batch.column(0)))
            taken.append(pc.binary_length(batch.column(0)).to_numpy().astype(np.int64))
    return np.concatenate(taken)


def _text(lines: pa.Array) -> memoryview:
    """All the texts of an array one after the other, which is how Arrow holds them."""
    _, offsets, text = lines.buffers()
    bounds = memoryview(offsets).cast("i")
    start, end = bounds[lines.offset], bounds[lines.offset + len(lines)]
    return memoryview(text)[start:end] if text is not None else memoryview(b"")


def _quoted(text: str) -> str:
    needed = any(c in text for c in ',"\r\n') or text != text.strip() or text == ""
    return '"' + text.replace('"', '""') + '"' if needed else text


def _field(field: pa.Field) -> str:
    """SQL of one value as it stands in the file."""
    name = '"' + field.name.replace('"', '""') + '"'
    if not pa.types.is_string(field.type):
        return f"coalesce(cast({name} as varchar), '')"
    needs = f"regexp_matches({name}, '[,\"\\r\\n]|^\\s|\\s$|^$')"
    return f"""coalesce(case when {needs} then '"' || replace({name}, '"', '""') || '"' else {name} end, '')"""


def write_parquet(path: Path, table: pa.Table) -> None:
    pq.write_table(table, path, compression="zstd", compression_level=3)


def copy_parquet(path: Path, parts: list[Part], more: pa.Table | None = None, few: tuple[str, ...] = ()) -> int:
    """Parts of a table one after the other in one file, and some rows more, without holding them all; -> rows.

    `few`: columns of texts of which there are few. They are read and written as codes, which halves the time; other
    columns are not looked through for texts that come again.
    """
    rows, coded = 0, pa.dictionary(pa.int32(), pa.string())
    schema = pa.schema([pa.field(f.name, coded if f.name in few else f.type) for f in parts[0].schema])
    kind = {"compression": "zstd", "compression_level": 1, "store_schema": not few, "use_dictionary": few or True}
    with pq.ParquetWriter(path, schema, **kind) as writer:
        for part in parts:
            for batch in part.batches(ROWS_AT_ONCE, few):
                writer.write_table(batch.cast(schema))
                rows += batch.num_rows
        if more is not None and more.num_rows:
            writer.write_table(more.cast(schema))
            rows += more.num_rows
    return rows


def write_manifest(folder: Path, run_id: str, version: int, counts: Mapping[str, int], rows: Mapping[str, int]) -> None:
    """`manifest.json`: what is in the folder, by which its reader can tell that it is whole.

    `counts` are of things (golden records, records by state), `rows` of each file.
    """
    files: dict[str, dict[str, Any]] = {}
    names = sorted(rows)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        hashes = pool.map(sha256, [folder / name for name in names])
    for name, found in zip(names, hashes, strict=True):
        files[name] = {"rows": rows[name], "bytes": (folder / name).stat().st_size, "sha256": found}
    content = {
        "run_id": run_id,
        "schema_version": SCHEMA_VERSION,
        "publication": version,
        "counts": dict(counts),
        "files": files,
    }
    (folder / "manifest.json").write_text(json.dumps(content, indent=2) + "\n", "utf-8")


def stamps(folder: Path) -> dict[str, list[int]]:
    """Size and time of the last change of each file: by this it shows whether anybody wrote to one since."""
    found = {path.name: path.stat() for path in sorted(folder.iterdir())}
    return {name: [stat.st_size, stat.st_mtime_ns] for name, stat in found.items()}


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def draft(published: Path, run_id: str) -> Path:
    """An empty folder to write a publication in; `settle` gives it its name."""
    folder = published / f".{run_id}.draft"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def settle(folder: Path, published: Path, run_id: str) -> Path:
    """Bring a written draft to disk and give it its run's name; an earlier attempt of the same run goes."""
    for path in (*sorted(folder.iterdir()), folder):
        _to_disk(path)
    final = published / run_id
    if final.exists():
        shutil.rmtree(final)
    folder.rename(final)
    _to_disk(published)
    return final


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def point(published: Path, run_id: str) -> None:
    """`latest` becomes a link to a run's folder, by rename: who opens it finds the old one or the new one."""
    new = published / f".{LATEST}.new"
    new.unlink(missing_ok=True)
    new.symlink_to(run_id)
    new.replace(published / LATEST)


def pointed(published: Path) -> str | None:
    """The run that `latest` points to."""
    link = published / LATEST
    return os.readlink(link) if link.is_symlink() else None


def clear(published: Path, keep: set[str]) -> list[str]:
    """Remove drafts and publications of runs that are not in `keep`; -> their names."""
    removed = []
    for folder in sorted(published.glob("*/")):
        ours = folder.name.endswith(".draft") or (folder / "manifest.json").exists()
        if ours and not folder.is_symlink() and folder.name not in keep:
            shutil.rmtree(folder)
            removed.append(folder.name)
    return removed
