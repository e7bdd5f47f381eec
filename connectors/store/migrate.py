"""Bring a state database to the tables of this program; see migrations/."""

from sqlalchemy import Connection, Engine, inspect, text

from connectors.store.migrations import HEAD, LOCATION


class TooNew(Exception):
    """The database was made by a later Goldseam than this one."""


def revision(connection: Connection) -> str | None:
    """The migration a database stands at; None where it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("select version_num from alembic_version")).scalar()
    return str(found) if found else None


def to_head(engine: Engine) -> None:
    """Run the migrations a database lacks. Raises TooNew where it is ahead of this program."""
    with engine.connect() as connection:
        at = revision(connection)
    if at == HEAD:
        return
    if at is not None and at not in known():
        message = (
            f"the state database is of a later Goldseam (revision {at}; this one knows up to {HEAD}). Update Goldseam"
        )
        raise TooNew(message)
    with engine.connect().execution_options(writes=True) as connection:
        to(connection, "head")
        connection.commit()


def known() -> list[str]:
    """Revisions this program has migrations for, oldest first."""
    return sorted(p.name.split("_")[0] for p in (LOCATION / "versions").glob("[0-9]*.py"))


def to(connection: Connection, revision: str) -> None:
    """Run the migrations up to a revision, in the transaction of a connection that writes."""
    from alembic import command  # slow to import, and nearly never needed
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(LOCATION).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
