"""Rows in bulk between Arrow tables and the state database."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa
from sqlalchemy import BigInteger, Boolean, Connection, Double, Integer, Select, Table, types

from connectors.store.engine import CHUNK

FETCH = 50_000


def insert(connection: Connection, table: Table, rows: pa.Table, chunk: int = CHUNK) -> Iterator[int]:
    """Add rows, a transaction a chunk; yields how many are in after each. Columns are taken by name."""
    for batch in _chunks(rows, _size(connection, chunk)):
        add(connection, table.name, batch)
        connection.commit()
        yield batch.num_rows


def add(connection: Connection, table: str, rows: pa.Table) -> None:
    """Add rows in the transaction that is open, or else begin one. Columns are taken by name."""
    if connection.dialect.name == "postgresql":
        _copy_in(connection, table, rows)
    else:
        _many(connection, _insert_sql(table, rows.column_names), rows)


def close(connection: Connection, table: Table, keys: pa.Table, version: int, chunk: int = CHUNK) -> Iterator[int]:
    """End the open rows of these keys with a version, a transaction a chunk."""
    for batch in _chunks(keys, _size(connection, chunk)):
        if connection.dialect.name == "postgresql":
            _close_copied(connection, table, batch, version)
        else:
            on = " and ".join(f'"{name}" = ?' for name in batch.column_names)
            sql = f'update "{table.name}" set to_version = {version:d} where {on} and to_version is null'  # noqa: S608 - our own names
            _many(connection, f"{sql} and from_version < {version:d}", batch)
        connection.commit()
        yield batch.num_rows


def read(connection: Connection, select: Select[Any]) -> pa.Table:
    """What a query gives, as an Arrow table typed by the query's columns."""
    schema = _schema(select)
    if connection.dialect.name == "postgresql":
        return _copy_out(connection, select, schema)
    cursor = connection.execute(select).cursor  # the driver's own: SQLAlchemy's rows cost as much again
    parts = [_table(rows, schema) for rows in iter(lambda: cursor.fetchmany(FETCH), [])]
    return pa.concat_tables(parts) if parts else schema.empty_table()


def batches(connection: Connection, select: Select[Any]) -> Iterator[pa.Table]:
    """What a query gives, FETCH rows at a time, however much that is; at least one table, of the query's types."""
    schema = _schema(select)
    found = connection.execute(select, execution_options={"stream_results": True})
    yield schema.empty_table()
    for rows in found.partitions(FETCH):
        yield _table(rows, schema)


def _schema(select: Select[Any]) -> pa.Schema:
    return pa.schema([(c.name, _arrow_type(c.type)) for c in select.selected_columns])


def _table(rows: Sequence[Sequence[Any]], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True)
    arrays = [_array(values, field.type) for values, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _array(values: Sequence[Any], type_: pa.DataType) -> pa.Array:
    if pa.types.is_boolean(type_):  # SQLite has 0 and 1
        return pa.array([None if v is None else bool(v) for v in values], type_)
    return pa.array(values, type_)


def _arrow_type(type_: types.TypeEngine[Any]) -> pa.DataType:
    if isinstance(type_, Boolean):
        return pa.bool_()
    if isinstance(type_, (Integer, BigInteger)):
        return pa.int64()
    return pa.float64() if isinstance(type_, Double) else pa.string()


def _size(connection: Connection, chunk: int) -> int:
    """PostgreSQL's writers do not wait for each other: larger chunks, less overhead."""
    return chunk * 50 if connection.dialect.name == "postgresql" else chunk


def _chunks(rows: pa.Table, size: int) -> Iterator[pa.Table]:
    for start in range(0, rows.num_rows, size):
        yield rows.slice(start, size)


def _insert_sql(table: str, columns: Iterable[str]) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    return f'insert into "{table}" ({names}) values ({", ".join("?" for _ in columns)})'  # noqa: S608 - our own names


def _many(connection: Connection, sql: str, rows: pa.Table) -> None:
    """The driver's own executemany: SQLAlchemy's handling of each row costs three times as much.

    The rows are made ready before the lock is taken, so that it is free a good part of the time.
    """
    values = list(zip(*(column.to_pylist() for column in rows.columns), strict=True))
    if not connection.in_transaction():
        connection.begin()
    cursor: Any = connection.connection.cursor()
    cursor.executemany(sql, values)
    cursor.close()


def _copy_in(connection: Connection, name: str, rows: pa.Table) -> None:
    """COPY: pyarrow writes a null as nothing and an empty text as "", which is how COPY reads CSV."""
    from pyarrow import csv

    sink = pa.BufferOutputStream()
    csv.write_csv(_without_nul(rows), sink, csv.WriteOptions(include_header=False))
    if not connection.in_transaction():
        connection.begin()
    columns = ", ".join(f'"{c}"' for c in rows.column_names)
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f'COPY "{name}" ({columns}) FROM STDIN (FORMAT csv)') as copy:
        copy.write(memoryview(sink.getvalue()))
    cursor.close()


def _copy_out(connection: Connection, select: Select[Any], schema: pa.Schema) -> pa.Table:
    from pyarrow import csv

    query = select.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    if not connection.in_transaction():
        connection.begin()
    cursor: Any = connection.connection.cursor()
    with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)", query.params) as copy:
        content = b"".join(bytes(block) for block in copy)
    cursor.close()
    if not content:
        return schema.empty_table()
    null = {"null_values": [""], "strings_can_be_null": True, "quoted_strings_can_be_null": False}
    options = csv.ConvertOptions(column_types=schema, true_values=["t"], false_values=["f"], **null)
    names = csv.ReadOptions(column_names=schema.names)
    lines = csv.ParseOptions(newlines_in_values=True)
    return csv.read_csv(pa.BufferReader(content), names, lines, options)


def _without_nul(rows: pa.Table) -> pa.Table:
    """PostgreSQL's text cannot hold the character NUL."""
    import pyarrow.compute as pc

    for number, column in enumerate(rows.columns):
        if pa.types.is_string(column.type) and pc.any(pc.match_substring(column, "\0")).as_py():
            rows = rows.set_column(number, rows.column_names[number], pc.replace_substring(column, "\0", ""))
    return rows


def _close_copied(connection: Connection, table: Table, keys: pa.Table, version: int) -> None:
    """The keys go into a table of this transaction, which is then joined: one statement however many there are."""
    columns = ", ".join(f'"{name}" text' for name in keys.column_names)
    on = " and ".join(f't."{name}" = k."{name}"' for name in keys.column_names)
    connection.exec_driver_sql(f"create temporary table closing ({columns}) on commit drop")
    _copy_in(connection, "closing", keys)
    connection.exec_driver_sql(
        f'update "{table.name}" t set to_version = {version:d} from closing k'  # noqa: S608 - our own names
        f" where {on} and t.to_version is null and t.from_version < {version:d}"
    )
