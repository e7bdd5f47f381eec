"""One behaviour over every database: SQLite, and real PostgreSQL and MariaDB servers."""

import resource
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from connectors import sources
from connectors.sources import SourceFailed
from connectors.sources.databases import sql_drivers, sql_engine
from rules.schema import Source
from tests.databases import SOURCE_KINDS, database


@dataclass
class Base:
    """A database that a test fills and a source reads."""

    kind: str
    url: str
    root: Path

    def run(self, *statements: str, values: Any = None) -> None:
        """Execute statements; `values` go with the last."""
        address = sa.make_url(self.url)
        engine = sa.create_engine(address.set(drivername=sql_drivers.DRIVERS.get(address.drivername, "sqlite")))
        with engine.begin() as connection:
            for number, statement in enumerate(statements, 1):
                connection.execute(sa.text(statement), values if number == len(statements) else None)
        engine.dispose()

    def read(self, **settings: Any) -> sources.Landed:
        settings = {"kind": "sql", "location": self.url, **settings}
        return sources.read("shop", Source.model_validate(settings), self.root)

    def rows(self, **settings: Any) -> list[dict[str, Any]]:
        """The source's own columns."""
        return [{k: v for k, v in row.items() if k[0] != "_"} for row in self.read(**settings).raw.to_pylist()]

    def quoted(self, name: str) -> str:
        return f"`{name}`" if self.kind == "mariadb" else f'"{name}"'


@pytest.fixture(params=SOURCE_KINDS)
def base(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Base]:
    with database(request.param, tmp_path) as url:
        yield Base(request.param, url, tmp_path)


TYPES = {
    "sqlite": "id integer primary key, total text, born date, seen timestamp, yes boolean, doc text, bytes blob",
    "postgresql": "id int primary key, total numeric(20,4), born date, seen timestamp, yes bool, doc json, bytes bytea",
    "mariadb": "id int primary key, total decimal(20,4), born date, seen datetime(6), yes bit(1), doc json, bytes blob",
}
ROW = {
    "id": 1, "total": "12345678901234.5600", "born": "1969-12-31", "seen": "2026-03-29 02:30:00.123456", "yes": 1,
    "doc": '{"a": 1.10}', "bytes": b"\x00\xff",
}  # fmt: skip


def test_types_keep_their_text(base: Base) -> None:
    """Digits of a decimal, microseconds, JSON to the letter; bytes that are no text in hexadecimal; truth values."""
    yes = base.kind == "postgresql"
    base.run(
        f"create table t ({TYPES[base.kind]})",
        "insert into t values (:id, :total, :born, :seen, :yes, :doc, :bytes)",
        values={**ROW, "yes": True} if yes else ROW,
    )
    texts = {key: str(value) for key, value in ROW.items()}
    assert base.rows(table="t") == [{**texts, "yes": "TRUE" if yes else "1", "bytes": "0x00ff"}]


def test_texts_keep_their_letters(base: Base) -> None:
    """Any script, quotes and line breaks; no value and empty text are both no value; a padded text as it stands."""
    word = "Ναυτιλιακά «Άργος» 🛶 O'Brien\n2nd \\ line %s :x"
    base.run(
        "create table t (id int primary key, a varchar(200), b varchar(9), c varchar(9), d char(5))",
        "insert into t values (1, :word, '', null, 'ab')",
        values={"word": word},
    )
    (row,) = base.rows(table="t")
    assert (row["a"], row["b"], row["c"]) == (word, None, None)
    assert row["d"] == ("ab   " if base.kind == "postgresql" else "ab")


def test_moment_with_zone_is_told_in_utc(base: Base) -> None:
    """A moment has one text, whatever the zone of the server or of who wrote it."""
    if base.kind == "sqlite":
        pytest.skip("SQLite has no such type")
    if base.kind == "postgresql":
        base.run("create table t (at timestamptz)", "insert into t values ('2026-01-02 23:30:00.5+05:30')")
        assert base.rows(table="t") == [{"at": "2026-01-02 18:00:00.500000+00:00"}]
    else:
        base.run(
            "create table t (at timestamp(6))",
            "set time_zone = '+05:30'",
            "insert into t values ('2026-01-02 23:30:00.5')",
        )
        assert base.rows(table="t") == [{"at": "2026-01-02 18:00:00.500000"}]


def test_times_beyond_the_calendar(base: Base) -> None:
    """What a database allows in a column of dates and Python has no date for is text, and ends no run."""
    if base.kind == "sqlite":
        pytest.skip("SQLite has text there in any case")
    if base.kind == "postgresql":
        base.run(
            "create table t (a date, b timestamptz, c time, d timestamp)",
            "insert into t values ('infinity', '-infinity', '24:00', '12026-01-01')",
        )
        assert base.rows(table="t") == [
            {"a": "infinity", "b": "-infinity", "c": "24:00:00", "d": "12026-01-01 00:00:00"}
        ]
    else:
        base.run(
            "create table t (a date, b datetime, c time)",
            "set sql_mode = ''",
            "insert into t values ('0000-00-00', '2026-02-00', '36:10:00')",
        )
        assert base.rows(table="t") == [{"a": "0000-00-00", "b": "2026-02-00 00:00:00", "c": "36:10:00"}]


def test_views_and_names_that_need_quotes(base: Base) -> None:
    """A view is a table; blanks, capitals, umlauts and words of SQL are names like others, and so is a schema's."""
    names = ["Order", "group by", "Größe", "x:y"]
    table, where = base.quoted("Select"), base.quoted("Größe")
    base.run(
        f"create table {table} ({', '.join(f'{base.quoted(n)} varchar(9)' for n in names)})",
        f"insert into {table} values ('1', '2', '3', '4')",
        f"create view v as select * from {table}",
    )
    expected = [dict(zip(names, "1234", strict=True))]
    schema = {"sqlite": "main", "postgresql": "public", "mariadb": sa.make_url(base.url).database}[base.kind]
    for settings in (
        {"table": "Select", "id": ["Order"]},
        {"table": "v"},
        {"table": f"{schema}.v"},
        {"query": f"select * from {table} where {where} like '%3%' -- ; :x"},
    ):
        assert base.rows(**settings) == expected, settings


def test_many_rows_are_streamed(base: Base) -> None:
    """100,000 rows arrive whole and in order, without all of them being held as objects."""
    digit = " union all ".join(f"select {n} as d" for n in range(10))
    base.run(
        f"create view digits as {digit}",
        "create table t as select a.d + 10*b.d + 100*c.d + 1000*e.d + 10000*f.d as id, 'Some Street 12' as street, "
        "'somebody@firm.example' as mail from digits a, digits b, digits c, digits e, digits f",
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    raw = base.read(table="t", id=["id"]).raw
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10
    assert raw["id"].to_pylist() == [str(n) for n in range(100_000)]
    assert grown < 150  # MB; the rows as objects are 60, the text of a batch and the table 50


WRITING = {
    "delete from t": "no SELECT",
    "select * from t; delete from t": "several statements",
    "/* select */ update t set a = 2": "no SELECT",
    "select 1 into outfile '/tmp/x'": "writes a file",
    "with gone as (delete from t returning a) select * from gone": "refused",
    "select * from missing": "missing",
    "select nothing from t": "nothing",
}


def test_nothing_is_ever_written(base: Base) -> None:
    """A query that is more than one SELECT is refused, by us or by a session that cannot write."""
    base.run("create table t (a int)", "insert into t values (1)")
    for query, reason in WRITING.items():
        with pytest.raises(SourceFailed, match=reason) as failed:
            base.read(query=query)
        assert failed.value.remedy
    assert base.rows(table="t") == [{"a": "1"}]


def test_one_select_may_hold_anything(base: Base) -> None:
    """Semicolons and other verbs in texts and comments, leading brackets and one semicolon at the end do no harm."""
    base.run("create table t (a int)", "insert into t values (1)")
    query = "(select a, ';delete from t' as b from t); "
    if base.kind == "sqlite":
        query = query.replace("(", "", 1).replace(")", "", 1)  # which knows no brackets around a SELECT
    assert base.rows(query=query) == [{"a": "1", "b": ";delete from t"}]


def test_session_cannot_write(base: Base) -> None:
    """Even a statement of our own could not change anything: the session is read only."""
    base.run("create table t (a int)", "insert into t values (1)")
    source = Source.model_validate({"kind": "sql", "location": base.url, "table": "t"})
    with pytest.raises(SourceFailed, match=r"(?i)read.?only"), sql_engine.connected(source, base.root) as connection:
        connection.execute(sa.text("delete from t"))
    assert base.rows(table="t") == [{"a": "1"}]


def test_missing_table_and_empty_table(base: Base) -> None:
    """A table that is not there is answered with the likeliest one, an empty one is a failure and no customers gone."""
    base.run("create table debtors (a int)")
    with pytest.raises(SourceFailed, match="no table 'debtor'") as failed:
        base.read(table="debtor")
    assert "debtors" in failed.value.remedy
    with pytest.raises(SourceFailed, match="no row"):
        base.read(table="debtors")


SECRET = "s3cret"  # noqa: S105 - of nobody


def test_password_is_never_told(base: Base) -> None:
    """No message holds the password, wherever it stands in the address."""
    if base.kind == "sqlite":
        pytest.skip("SQLite has no passwords")
    address = sa.make_url(base.url).set(password=SECRET, port=1)
    for url in (address, address.set(password=None).update_query_dict({"password": SECRET}), f"mysql:/x:{SECRET}@h"):
        text = url if isinstance(url, str) else url.render_as_string(hide_password=False)
        with pytest.raises(SourceFailed) as failed:
            base.read(location=text, table="t", patience=2)
        assert SECRET not in str(failed.value)
