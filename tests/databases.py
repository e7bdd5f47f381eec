"""State databases for tests: SQLite, and PostgreSQL where GOLDSEAM_TEST_POSTGRES names a server."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

KINDS = ("sqlite", "postgresql")


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database; a PostgreSQL one is dropped in the end."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/state.db"
        return
    server = os.environ.get("GOLDSEAM_TEST_POSTGRES")
    if not server:
        pytest.skip("GOLDSEAM_TEST_POSTGRES is not set")
    name = f"goldseam_{uuid.uuid4().hex}"
    admin = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"create database {name}"))
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
        connection.execute(text(f"drop database {name} with (force)"))
    admin.dispose()
