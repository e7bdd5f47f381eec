"""Parts of a stage's table: files, and layers over them."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.store import parts, retention
from connectors.store.runs import RunFolder

BOTH = (("left_source", "left_id"), ("right_source", "right_id"))
KEYS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 9), max_size=6)


def _rows(cells: dict[str, int]) -> pa.Table:
    return pa.table(
        {"record_id": pa.array(list(cells), pa.string()), "value": pa.array(list(cells.values()), pa.int64())}
    )


def _content(folder: RunFolder) -> dict[str, int]:
    rows = folder.read("s", "t")
    return dict(zip(rows["record_id"].to_pylist(), rows["value"].to_pylist(), strict=True))


def _viewed(folder: RunFolder) -> dict[str, int]:
    with duckdb.connect() as con:
        folder.view(con, "s", "t")
        return dict(con.sql("select record_id, value from t").fetchall())


@settings(max_examples=25, deadline=None)
@given(base=KEYS, changes=st.lists(st.tuples(KEYS, st.sets(st.sampled_from("abcdefgh"))), max_size=4))
def test_amending_is_the_same_as_writing_whole(
    tmp_path_factory: object, base: dict[str, int], changes: list[tuple[dict[str, int], set[str]]]
) -> None:
    """A part under any layers reads as the table that they describe, by pyarrow and by DuckDB, saved or not."""
    root: Path = tmp_path_factory.mktemp("runs")  # type: ignore[attr-defined]  # pytest's own type is private
    run = RunFolder.open(root, "r0")
    run.write("s", "t", _rows(base))
    expected = dict(base)
    for number, (new, gone) in enumerate(changes, 1):
        earlier = run
        run = RunFolder.open(root, f"r{number}")
        taken = sorted({*new, *gone})
        run.amend(
            "s", "t", _rows(new), pa.table({"record_id": pa.array(taken, pa.string())}), earlier.parts("s", "t")["all"]
        )
        run.save()
        run = RunFolder.open(root, f"r{number}")
        expected = {k: v for k, v in expected.items() if k not in taken} | new
    part = run.parts("s", "t")["all"]
    assert _content(run) == _viewed(run) == expected
    assert part.count == len(expected)
    assert sum(rows.num_rows for rows in part.batches(2)) == len(expected)
    high = part.read(["record_id"], pc.field("value") > 4)
    assert set(high["record_id"].to_pylist()) == {k for k, v in expected.items() if v > 4}


def test_a_pair_goes_with_either_of_its_records(tmp_path: Path) -> None:
    """A layer that takes rows away by two groups of columns takes those that either group names."""
    pairs = pa.table({
        "left_source": ["a", "a", "b"], "left_id": ["1", "2", "1"],
        "right_source": ["b", "b", "b"], "right_id": ["1", "3", "2"],
    })  # fmt: skip
    first, second = RunFolder.open(tmp_path, "r1"), RunFolder.open(tmp_path, "r2")
    first.write("match", "pairs", pa.concat_tables([pairs] * 10))
    gone = pa.table({"source": ["b"], "record_id": ["1"]})
    second.amend("match", "pairs", pairs.slice(0, 0), gone, first.parts("match", "pairs")["all"], by=BOTH)
    with duckdb.connect() as con:
        second.view(con, "match", "pairs")
        assert con.sql("select distinct left_id, right_id from pairs").fetchall() == [("2", "3")]
    assert set(second.read("match", "pairs", columns=["left_id"])["left_id"].to_pylist()) == {"2"}


def test_a_part_of_many_layers_is_written_whole(tmp_path: Path) -> None:
    """Layers never become more than the limit, nor more than their share of the part."""
    run = RunFolder.open(tmp_path, "r000")
    run.write("s", "t", _rows({str(n): n for n in range(200)}))
    most = 0
    for number in range(1, 40):
        earlier, run = run, RunFolder.open(tmp_path, f"r{number:03}")
        run.amend("s", "t", _rows({"x": number}), pa.table({"record_id": ["x"]}), earlier.parts("s", "t")["all"])
        most = max(most, len(run.parts("s", "t")["all"].layers))
    assert most == parts.MOST_LAYERS
    assert len(_content(run)) == 201
    assert _content(run)["x"] == 39


def test_files_of_layers_are_kept_while_a_run_counts_them(tmp_path: Path) -> None:
    """Retention removes earlier runs but for the files that a kept run reads through its layers."""
    run = RunFolder.open(tmp_path, "r0")
    run.write("s", "t", _rows({str(n): n for n in range(50)}))
    run.write("s", "spare", _rows({"a": 1}))
    run.save()
    for number in (1, 2):
        earlier, run = run, RunFolder.open(tmp_path, f"r{number}")
        run.amend("s", "t", _rows({"x": number}), pa.table({"record_id": ["x"]}), earlier.parts("s", "t")["all"])
        run.save()
    retention.prune(tmp_path, 1, [])
    kept = RunFolder.open(tmp_path, "r2")
    assert kept.whole()
    assert _content(kept)["x"] == 2
    assert not (tmp_path / "r0" / "s" / "spare").joinpath("all.parquet").exists()


def test_a_run_amends_a_part_once(tmp_path: Path) -> None:
    """A second layer of the same run would be written over the first: it is refused, and nothing is lost."""
    first, second = RunFolder.open(tmp_path, "r1"), RunFolder.open(tmp_path, "r2")
    first.write("s", "t", _rows({str(n): n for n in range(50)}))
    gone = pa.table({"record_id": ["x"]})
    second.amend("s", "t", _rows({"x": 1}), gone, first.parts("s", "t")["all"])
    with pytest.raises(ValueError, match="already"):
        second.amend("s", "t", _rows({"x": 2}), gone, second.parts("s", "t")["all"])
    assert _content(second)["x"] == 1
