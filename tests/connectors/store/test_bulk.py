"""Rows in bulk, on SQLite and PostgreSQL alike: what goes in comes out, a transaction a chunk."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from sqlalchemy import Connection, select

from connectors.store import bulk, tables
from connectors.store.engine import writing
from connectors.store.state import Store
from tests.databases import KINDS, database


@pytest.fixture(params=KINDS)
def connection(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Connection]:
    with database(request.param, tmp_path) as url, Store.open(url) as store, writing(store.engine) as opened:
        yield opened


def points(*values: str | None) -> pa.Table:
    number = len(values)
    return pa.table({
        "golden_id": pa.array([f"G{n}" for n in range(number)]), "from_version": pa.array([1] * number, pa.int32()),
        "digest": pa.array(["d"] * number), "ordinal": pa.array([0] * number, pa.int64()),
        "value": pa.array(values, pa.string()),
        "primary": pa.array([n % 2 == 0 or None for n in range(number)], pa.bool_()),
    })  # fmt: skip


def read(connection: Connection) -> pa.Table:
    table = tables.contact_points
    return bulk.read(connection, select(table.c.value, table.c.primary, table.c.to_version).order_by(table.c.golden_id))


def test_every_text_comes_back(connection: Connection) -> None:
    """Null is not the empty text; quotes, line ends, backslashes, percent signs and all scripts stay what they are."""
    texts = (None, "", " ", 'a"b', "a,b", "a\r\nb", "\\N", "\\.", "100%", ":x", "Ωмега", "🧿", "NULL", "'")
    for _ in bulk.insert(connection, tables.contact_points, points(*texts).slice(0, 9)):
        pass
    for _ in bulk.insert(connection, tables.contact_points, points(*texts).slice(9)):
        pass
    found = dict(zip(range(14), bulk.read(connection, _in_order()).to_pylist(), strict=True))
    assert [found[n]["value"] for n in range(14)] == list(texts)
    assert [found[n]["primary"] for n in range(4)] == [True, None, True, None]


def _in_order():  # type: ignore[no-untyped-def]  # SQLAlchemy's Select of three columns
    from sqlalchemy import Integer, cast, func

    table = tables.contact_points
    number = cast(func.substr(table.c.golden_id, 2), Integer)
    return select(table.c.value, table.c.primary).order_by(number)


def test_a_transaction_a_chunk(connection: Connection) -> None:
    """Rows are committed as they go, so that nobody waits for a million of them."""
    chunks = list(bulk.insert(connection, tables.contact_points, points(*"abcde"), chunk=2))
    assert sum(chunks) == 5
    assert chunks in ([2, 2, 1], [5])  # PostgreSQL's chunks are larger: nobody waits there
    assert read(connection)["value"].to_pylist() == list("abcde")


def test_only_open_rows_of_the_keys_are_closed(connection: Connection) -> None:
    """Closing ends the rows that are open and older than the publication, of these keys alone."""
    for _ in bulk.insert(connection, tables.contact_points, points(*"abc")):
        pass
    for _ in bulk.close(connection, tables.contact_points, pa.table({"golden_id": ["G0", "G2"]}), 2):
        pass
    for _ in bulk.close(connection, tables.contact_points, pa.table({"golden_id": ["G0", "G1"]}), 3):
        pass
    assert read(connection)["to_version"].to_pylist() == [2, 3, 2]


def test_an_empty_table_keeps_its_types(connection: Connection) -> None:
    """No rows read are typed like many."""
    assert read(connection).schema.types == [pa.string(), pa.bool_(), pa.int64()]
