"""Sessions share a database and nothing else."""

import duckdb
import pyarrow as pa
import pytest

from rules import duck


def test_sessions_share_no_table() -> None:
    """What one session registers, or makes as TEMP, is not there for another, also where they have one name."""
    with duck.session() as left, duck.session() as right:
        for con, number in ((left, 1), (right, 2)):
            con.register("given", pa.table({"n": [number]}))
            con.execute("create temp table made as from given")
        assert (left.sql("from made").fetchall(), right.sql("from made").fetchall()) == ([(1,)], [(2,)])
    with duck.session() as later, pytest.raises(duckdb.CatalogException):
        later.sql("from made")


def test_a_database_that_broke_is_not_asked_again() -> None:
    """After an error that leaves the database unusable the next session is one to another."""
    with duck.session() as con:
        con.execute("create table broken as select 1")
    with pytest.raises(duckdb.FatalException), duck.session():
        raise duckdb.FatalException("broken")
    with duck.session() as con, pytest.raises(duckdb.CatalogException):
        con.sql("from broken")
