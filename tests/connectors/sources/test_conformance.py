"""What holds of every kind of source: the same rows give the same raw table, and what cannot be read is refused in
words that name the file and what to do."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from connectors import sources
from connectors.sources import KINDS, SourceFailed, fingerprint
from rules import presets, schema
from rules.schema import Source
from rules.vocabulary import RAW_PREFIX
from tests.connectors.sources import written

EVERY = {**written.TABLES, **written.SHAPED}
FILES = {name: write for name, write in EVERY.items() if name != "sql"}
Write = Callable[[Path], dict[str, Any]]


def declared(location: str, settings: dict[str, Any]) -> Source:
    given = presets.apply({"location": location, **settings}, {}, "people")
    return schema.parse(given, {}, Source, "people")


def landed(write: Write, folder: Path, name: str = "people.dat") -> tuple[Source, sources.Landed]:
    path = folder / name
    settings = write(path)
    written.aged(path)
    source = declared(name, settings)
    return source, sources.read("people", source, folder)


def test_every_kind_is_here(tmp_path: Path) -> None:
    """No kind of source escapes this suite; billing reads what form reads, by presets."""
    kinds = {write(tmp_path / f"{n}.dat")["kind"] for n, write in enumerate(EVERY.values())}
    assert kinds == set(KINDS) - {"billing"}


@pytest.mark.parametrize("write", written.TABLES.values(), ids=written.TABLES)
def test_same_rows_same_raw_table(write: Write, tmp_path: Path) -> None:
    """Text is kept to the letter in every kind: zeros, blanks, quotes, line breaks, `NA`, repeated headers."""
    _, found = landed(write, tmp_path)
    assert found.raw.column_names == [*RAW_PREFIX, "id", "name", "phone", "postcode", "note", "phone (2)"]
    rows = [[row[name] or "" for name in found.raw.column_names[len(RAW_PREFIX) :]] for row in found.raw.to_pylist()]
    assert rows == written.ROWS
    assert len(found.rejects) == 0


@pytest.mark.parametrize("write", [written.fixed_width, written.webhook, written.vcard])
def test_every_record_is_a_row(write: Write, tmp_path: Path) -> None:
    """Kinds with a shape of their own hold the same records, and the same names in them."""
    _, found = landed(write, tmp_path)
    names = [next(v for k, v in row.items() if "name" in k.casefold() and v) for row in found.raw.to_pylist()]
    assert [n.strip() for n in names] == [row[1].strip() for row in written.ROWS]


@pytest.mark.parametrize("write", EVERY.values(), ids=EVERY)
def test_read_again_is_the_same(write: Write, tmp_path: Path) -> None:
    """The same file gives the same bytes, whenever it is read; its fingerprint stays."""
    source, first = landed(write, tmp_path)
    again = sources.read("people", source, tmp_path)
    assert first.raw.equals(again.raw)
    assert first.rejects.equals(again.rejects)
    assert first.facts.equals(again.facts)
    assert first.notes == again.notes
    assert _digest(source, tmp_path, first.raw) == _digest(source, tmp_path, again.raw)


def _digest(source: Source, root: Path, raw: pa.Table) -> str:
    with sources.gather(source, root) as arrival:
        return fingerprint.of_files(arrival) or fingerprint.of_rows(source, raw)


@pytest.mark.parametrize("write", EVERY.values(), ids=EVERY)
def test_raw_rows_have_their_prefix(write: Write, tmp_path: Path) -> None:
    """Every row says its file and line and has a hash; its columns are text."""
    _, found = landed(write, tmp_path)
    assert found.raw.column_names[: len(RAW_PREFIX)] == list(RAW_PREFIX)
    assert {
        str(t) for name, t in zip(found.raw.column_names, found.raw.schema.types, strict=True) if name != "_line"
    } == {"string"}
    assert found.raw["_hash"].null_count == 0
    assert found.raw["_line"].null_count in (0, len(found.raw))


@pytest.mark.parametrize("write", FILES.values(), ids=FILES)
@pytest.mark.parametrize("bad", ["empty", "other", "zeros", "folder", "missing", "barred", "named pipe"])
def test_what_cannot_be_read_is_refused_in_words(bad: str, write: Write, tmp_path: Path) -> None:
    """An empty file, a picture, a folder of nothing, a missing, barred or endless file: the reason, the remedy, and
    the file. A text of zeros may be a table of rejects; it is never rows."""
    path = tmp_path / "people.dat"
    settings = write(path)
    path.unlink()
    if bad == "folder":
        path.mkdir()
    elif bad == "named pipe":
        os.mkfifo(path)
    elif bad != "missing":
        path.write_bytes(
            {"empty": b"", "zeros": b"\0" * 4096}.get(bad, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)))
        )
        written.aged(path)
    if bad == "barred":
        if os.geteuid() == 0:
            pytest.skip("nothing is barred to root")
        path.chmod(0)
    with pytest.raises(SourceFailed) as failed:
        sources.read("people", declared("people.dat", settings), tmp_path)
    assert failed.value.reason
    assert failed.value.remedy
    assert "people.dat" in str(failed.value)
    assert "gave up" not in failed.value.reason


def test_hash_is_of_content_only(tmp_path: Path) -> None:
    """The same row has the same hash in every kind, file and place, whatever the order of its columns."""
    (tmp_path / "a.csv").write_text("x,y\n1,2\n3,4\n")
    (tmp_path / "b.csv").write_text("y;empty;x\n4;;3\n2;;1\n")
    hashes = []
    for name in ("a.csv", "b.csv"):
        written.aged(tmp_path / name)
        hashes.append(sources.read("s", Source(kind="csv", location=name), tmp_path).raw["_hash"].to_pylist())
    assert hashes[0] == hashes[1][::-1]
    kinds = enumerate(written.TABLES.values())
    wide = [landed(write, tmp_path, f"{n}.dat")[1].raw["_hash"].to_pylist() for n, write in kinds]
    assert all(found == wide[0] for found in wide)
