"""Files made out of earlier ones: byte for byte what writing all would give."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sinks import customers, files
from connectors.sinks.customers import Changed, Order

VALUE = st.sampled_from(["", "a", "x,y", 'q"', "\r\n", "ü", None])
ROWS = st.dictionaries(st.sampled_from("ABCDEFGH"), st.lists(VALUE, min_size=1, max_size=3))
SCHEMA = pa.schema([("golden_id", pa.string()), ("value", pa.string())])


def table(rows: dict[str, list[str | None]]) -> pa.Table:
    lines = [{"golden_id": key, "value": value} for key, values in sorted(rows.items()) for value in values]
    return pa.Table.from_pylist(lines, SCHEMA)


def ids(rows: dict[str, list[str | None]]) -> pa.Array:
    return pa.array(sorted(rows), pa.string())


@settings(max_examples=40, deadline=None)
@given(ROWS, ROWS, st.sets(st.sampled_from("ABCDEFGH")))
def test_a_spliced_csv_is_the_file_written_whole(
    tmp_path_factory: pytest.TempPathFactory,
    before: dict[str, list[str | None]],
    now: dict[str, list[str | None]],
    touched: set[str],
) -> None:
    """Customers come, go and change at any place, quotes and line ends in their values: the bytes are the same."""
    folder = tmp_path_factory.mktemp("csv")
    share = customers.write_csv(folder / "old", table(before), ids(before))
    assert share is not None
    mine = {key: rows for key, rows in now.items() if key in touched}
    after = {**{key: rows for key, rows in before.items() if key not in touched}, **mine}
    order = Order.merged(ids(before), pa.array(sorted(touched), pa.string()), ids(mine))
    found = customers.splice_csv(folder / "new", folder / "old", share, table(mine), ids(mine), order)
    whole = customers.write_csv(folder / "whole", table(after), ids(after))
    assert whole is not None
    assert (folder / "new").read_bytes() == (folder / "whole").read_bytes()
    assert order.ids.equals(ids(after))
    assert [found.bytes.tolist(), found.rows.tolist()] == [whole.bytes.tolist(), whole.rows.tolist()]


def test_a_file_of_another_length_is_not_spliced(tmp_path: Path) -> None:
    """Bytes that somebody added to the earlier file never get into the next one."""
    share = customers.write_csv(tmp_path / "old", table({"A": ["1"]}), ids({"A": []}))
    assert share is not None
    with (tmp_path / "old").open("ab") as file:
        file.write(b"x")
    order = Order.merged(ids({"A": []}), ids({}), ids({}))
    with pytest.raises(Changed, match="run again"):
        customers.splice_csv(tmp_path / "new", tmp_path / "old", share, table({}), ids({}), order)


def test_a_spliced_parquet_file(tmp_path: Path) -> None:
    """Rows that stay and rows that are new, in order of golden id; a file of other customers is refused."""
    before = {"A": ["1"], "B": ["2"], "D": ["4"]}
    files.write_parquet(tmp_path / "old", table(before))
    order = Order.merged(ids(before), pa.array(["B", "C", "D"]), pa.array(["C", "D"]))
    new = table({"C": ["3"], "D": ["5"]})
    customers.splice_parquet(tmp_path / "new", tmp_path / "old", ids(before), new, order)
    assert pq.read_table(tmp_path / "new").equals(table({"A": ["1"], "C": ["3"], "D": ["5"]}))
    with pytest.raises(Changed):
        customers.splice_parquet(tmp_path / "new", tmp_path / "old", pa.array(["A", "B", "X"]), new, order)


def test_a_line_of_nobody(tmp_path: Path) -> None:
    """A contact point of a customer who is not in the golden table could not be found again: nothing is built on it."""
    order = Order.merged(ids({}), ids({}), ids({}))
    assert customers.write_csv(tmp_path / "old", table({"B": ["1"]}), ids({"A": []})) is None
    share = customers.write_csv(tmp_path / "old", table({}), ids({}))
    assert share is not None
    with pytest.raises(ValueError, match="not in the golden table"):
        customers.splice_csv(tmp_path / "new", tmp_path / "old", share, table({"B": ["1"]}), ids({}), order)
