"""What is to be known of single databases and their drivers: names, time limits, and values as they are."""

import math
from typing import Any, Final

DRIVERS: Final = {
    "postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql", "mssql": "mssql+pymssql",
}  # fmt: skip
"""The driver of our extras, where an address names none."""
SESSION: Final[dict[str, tuple[str, ...]]] = {
    # The time limit holds for each block of rows that is fetched, since they are fetched by a cursor.
    "postgresql": (
        "SET default_transaction_read_only = on", "SET TIME ZONE 'UTC'", "SET statement_timeout = {milliseconds}",
    ),
    # Their time limit is for all rows together: how long a server may be silent, the driver says (read_timeout).
    "mysql": ("SET SESSION TRANSACTION READ ONLY", "SET time_zone = '+00:00'"),
    "mariadb": ("SET SESSION TRANSACTION READ ONLY", "SET time_zone = '+00:00'"),
    "mssql": ("SET LOCK_TIMEOUT {milliseconds}",),
    "sqlite": ("PRAGMA query_only = ON",),
}  # fmt: skip


def limits(driver: str, patience: float) -> dict[str, Any]:
    """What each driver calls the seconds that it waits for a server."""
    seconds = max(1, math.ceil(patience))
    alive = {"keepalives_idle": seconds, "keepalives_interval": seconds, "keepalives_count": 2}
    libpq = {"connect_timeout": seconds, **alive, "tcp_user_timeout": seconds * 1000}
    known: dict[str, dict[str, Any]] = {
        "psycopg": libpq,
        "psycopg2": libpq,
        "pymysql": dict.fromkeys(("connect_timeout", "read_timeout", "write_timeout"), seconds),
        "pymssql": {"login_timeout": seconds, "timeout": seconds},
        "pyodbc": {"timeout": seconds},
        "pysqlite": {"timeout": patience},
    }
    return known.get(driver, {})


def as_they_are(raw: Any, driver: str) -> None:
    """Tell a driver to hand out values as the database holds them."""
    if driver == "psycopg":
        _psycopg_as_it_is(raw)
    if driver == "pymysql":
        from pymysql.constants import FIELD_TYPE

        raw.decoders = {**raw.decoders, FIELD_TYPE.BIT: lambda bits: int.from_bytes(bits)}
    if driver == "pysqlite":
        raw.text_factory = _text_or_escaped


def _psycopg_as_it_is(raw: Any) -> None:
    """JSON as it was written (or 1.10 would come as 1.1); times that Python cannot hold (infinity, 24:00) as text."""
    from psycopg import DataError
    from psycopg.types import datetime as times
    from psycopg.types.string import TextLoader

    for name in ("json", "jsonb"):
        raw.adapters.register_loader(name, TextLoader)

    def or_text(usual: type) -> type:
        def load(self: Any, data: Any) -> Any:
            try:
                return usual.load(self, data)  # type: ignore[attr-defined]  # every loader has it
            except DataError:
                return bytes(data).decode()

        return type(usual.__name__, (usual,), {"load": load})

    loaders = {
        "date": times.DateLoader, "time": times.TimeLoader, "timetz": times.TimetzLoader,
        "timestamp": times.TimestampLoader, "timestamptz": times.TimestamptzLoader,
    }  # fmt: skip
    for name, loader in loaders.items():
        raw.adapters.register_loader(name, or_text(loader))


def _text_or_escaped(value: bytes) -> str:
    """SQLite keeps any bytes as text: those that are none must not end the run. `sql_values.as_text` tells them."""
    return value.decode("utf-8", "surrogateescape")
