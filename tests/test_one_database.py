"""Connections that share a database share nothing else."""

import duckdb
import pytest

from tests import one_database


def test_each_connection_has_a_catalog_of_its_own() -> None:
    """A table, a view or a registered frame of one is not there for another, also where they have one name."""
    with one_database.shared():
        left, right = duckdb.connect(), duckdb.connect()
        for con, number in ((left, 1), (right, 2)):
            con.execute(f"create table t as select {number} as n")
            con.sql("select n from t").create_view("v")
        assert (left.sql("from v").fetchall(), right.sql("from v").fetchall()) == ([(1,)], [(2,)])
        left.execute("create view alone as select 1")
        with pytest.raises(duckdb.CatalogException):
            right.sql("from alone")
