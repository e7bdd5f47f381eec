"""The state database's schema: the migrations and the tables of this program are one."""

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Boolean, Column, Connection, Double, Integer, MetaData, insert, select, text

from connectors.store import migrate
from connectors.store.engine import connect, writing
from connectors.store.migrations import HEAD, LOCATION
from connectors.store.state import Store
from connectors.store.tables import DIALECT, metadata
from tests.databases import KINDS, database


def differences(connection: Connection, **more: bool) -> list[Any]:
    """Between a database and tables.py."""

    def is_here(item: Any, *_: object) -> bool:
        """Whether a table, column or index is one of this kind of database."""
        return item.info.get(DIALECT, connection.dialect.name) == connection.dialect.name

    context = MigrationContext.configure(connection, opts={"include_object": is_here, **more})
    return list(compare_metadata(context, metadata))


def test_migrations_lead_to_the_tables(tmp_path: Path) -> None:
    """A database made by the migrations has exactly the tables, columns and indexes of tables.py."""
    engine = connect(f"sqlite:///{tmp_path}/state.db")
    migrate.to_head(engine)
    with engine.connect() as connection:
        assert differences(connection, compare_type=True, compare_server_default=False) == []
    engine.dispose()


def test_keys_are_those_of_the_tables(tmp_path: Path) -> None:
    """Primary keys too, which a comparison of metadata leaves out."""
    engine = connect(f"sqlite:///{tmp_path}/state.db")
    migrate.to_head(engine)
    from sqlalchemy import inspect

    found = {name: inspect(engine).get_pk_constraint(name)["constrained_columns"] for name in metadata.tables}
    assert {k: sorted(v) for k, v in found.items()} == {
        name: sorted(c.name for c in table.primary_key) for name, table in metadata.tables.items()
    }
    engine.dispose()


def test_the_known_head_is_the_last_migration() -> None:
    """HEAD saves Alembic's import on every start, and must not lag behind."""
    assert ScriptDirectory(str(LOCATION)).get_current_head() == HEAD == migrate.known()[-1]


def test_opening_twice_changes_nothing(tmp_path: Path) -> None:
    """A database of today's schema is used as it is, and its folder is made where it is missing."""
    url = f"sqlite:///{tmp_path}/deep/down/state.db"
    Store.open(url).close()
    with Store.open(url) as store:
        assert store.version() == 0
        assert store.last_published() is None


def test_a_later_database_is_refused(tmp_path: Path) -> None:
    """A database of a later program is not touched; the message says to update."""
    url = f"sqlite:///{tmp_path}/state.db"
    with Store.open(url) as store, store.writing() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(migrate.TooNew, match="Update"):
        Store.open(url)


def test_other_kinds_of_database_are_refused() -> None:
    """A URL of another database is named as the mistake it is."""
    with pytest.raises(ValueError, match="SQLite or PostgreSQL"):
        Store.open("mysql://localhost/x")


def test_postgresql_has_the_same_tables(tmp_path: Path) -> None:
    """On PostgreSQL too the migrations lead to the tables."""
    with database("postgresql", tmp_path) as url:
        engine = connect(url)
        migrate.to_head(engine)
        with engine.connect() as connection:
            assert differences(connection) == []
        engine.dispose()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("revision", migrate.known()[:-1])
def test_every_released_schema_moves_forward_with_its_rows(tmp_path: Path, kind: str, revision: str) -> None:
    """A database of an earlier Goldseam, a row in each table, is opened: every value is still what it was."""
    with database(kind, tmp_path) as url:
        engine = connect(url)
        with writing(engine) as connection:
            migrate.to(connection, revision)
            before = filled(connection)
            connection.commit()
        Store.open(url).close()
        with engine.connect() as connection:
            after = rows(connection, list(before))
            assert migrate.revision(connection) == HEAD
        engine.dispose()
    lost = {name: row for name, row in before.items() if not any(row.items() <= now.items() for now in after[name])}
    assert lost == {}


def filled(connection: Connection) -> dict[str, dict[str, object]]:
    """A row in every table; -> by table what it holds."""
    there = MetaData()
    there.reflect(connection)
    made = {}
    for table in there.sorted_tables:
        if table.name not in ("alembic_version", "published"):
            made[table.name] = {c.name: value(c) for c in table.c}
            connection.execute(insert(table).values(made[table.name]))
    return made


def value(column: Column[object]) -> object:
    """A value of a column's type; none where it refers to its own table."""
    if any(key.column.table is column.table for key in column.foreign_keys):
        return None
    if isinstance(column.type, Boolean):
        return True
    if isinstance(column.type, Integer):
        return 1
    return 0.5 if isinstance(column.type, Double) else "Ω"


def rows(connection: Connection, names: list[str]) -> dict[str, list[dict[str, object]]]:
    there = MetaData()
    there.reflect(connection, only=names)
    return {name: [dict(row._mapping) for row in connection.execute(select(there.tables[name]))] for name in names}
