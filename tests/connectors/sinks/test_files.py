"""The published files: text exactly as it stood, and a manifest that tells whether they are whole."""

import csv
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sinks import files
from connectors.store.parts import Layer, Part

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT), max_size=8))
def test_csv_gives_back_every_text(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]) -> None:
    """Quotes, commas, line ends, blanks at the ends, all scripts: a reader of RFC 4180 gets them back."""
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    files.write_csv(path, pa.table({"a": pa.array([r[0] for r in rows], pa.string()), "b,c": [r[1] for r in rows]}))
    with path.open(encoding="utf-8", newline="") as file:
        assert [tuple(row) for row in csv.reader(file, strict=True)] == [("a", "b,c"), *rows]


def test_csv_to_the_letter(tmp_path: Path) -> None:
    """CRLF, null as nothing, the empty text as "", numbers and truth in words, a formula left as it stood."""
    table = pa.table({
        "t": ["=1+1", None, "", "a\nb"], "n": [1, None, 3, 4], "f": [0.5, 1e-7, None, 2.0],
        "b": [True, False, None, True],
    })  # fmt: skip
    files.write_csv(tmp_path / "x.csv", table)
    text = (tmp_path / "x.csv").read_bytes().decode()
    assert text == 't,n,f,b\r\n=1+1,1,0.5,true\r\n,,1e-07,false\r\n"",3,,\r\n"a\nb",4,2.0,true\r\n'


def test_csv_of_more_rows_than_one_batch(tmp_path: Path) -> None:
    """Rows come in the order they stand in, over the borders of batches."""
    files.write_csv(tmp_path / "x.csv", pa.table({"n": range(300_000)}))
    assert (tmp_path / "x.csv").read_text().split() == ["n", *map(str, range(300_000))]


def test_the_manifest_tells_what_is_in_the_folder(tmp_path: Path) -> None:
    """Run, schema version, counts, and of each file its rows, size and SHA-256."""
    (tmp_path / "a.csv").write_text("x\r\n")
    files.write_manifest(tmp_path, "run-1", 3, {"golden": 0}, {"a.csv": 0})
    told = json.loads((tmp_path / "manifest.json").read_text())
    assert told["run_id"] == "run-1"
    assert told["schema_version"] == files.SCHEMA_VERSION
    assert told["counts"] == {"golden": 0}
    assert told["files"]["a.csv"] == {"rows": 0, "bytes": 3, "sha256": files.sha256(tmp_path / "a.csv")}


def test_parquet_parts_become_one(tmp_path: Path) -> None:
    """Parts follow each other, then the rows that are added; columns keep their types."""
    for name, value in (("a", 1), ("b", 2)):
        pq.write_table(pa.table({"x": [value]}), tmp_path / name)
    rows = files.copy_parquet(tmp_path / "c", [Part((Layer(tmp_path / name),)) for name in "ab"], pa.table({"x": [3]}))
    assert rows == 3
    assert pq.read_table(tmp_path / "c")["x"].to_pylist() == [1, 2, 3]


def test_latest_is_swung_over(tmp_path: Path) -> None:
    """The link points to the one run, then to the other; there is no moment without it."""
    for run in ("one", "two"):
        draft = files.draft(tmp_path, run)
        (draft / "x").write_text(run)
        files.settle(draft, tmp_path, run)
        files.point(tmp_path, run)
        assert files.pointed(tmp_path) == run
        assert (tmp_path / "latest" / "x").read_text() == run


def test_only_our_own_folders_are_cleared(tmp_path: Path) -> None:
    """Drafts and unpublished runs go; what is kept, and what a person put there, stays."""
    files.draft(tmp_path, "cut-off")
    for name in ("old", "new", "mine"):
        (tmp_path / name).mkdir()
    for name in ("old", "new"):
        (tmp_path / name / "manifest.json").write_text("{}")
    assert files.clear(tmp_path, {"new"}) == [".cut-off.draft", "old"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine", "new"]
