"""A watermark: only what changed is asked for, and the snapshot is what a full reading would give."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import sqlalchemy as sa

from connectors import sources
from connectors.sources import SourceFailed, sql
from connectors.sources.databases import sql_drivers
from rules.schema import Source
from rules.vocabulary import RAW_PREFIX
from tests.databases import SOURCE_KINDS, database

TYPES = {
    "sqlite": {"moment": "timestamp", "zoned": "text", "day": "date", "number": "integer", "decimal": "numeric"},
    "postgresql": {
        "moment": "timestamp", "zoned": "timestamptz", "day": "date", "number": "bigint", "decimal": "numeric(12,4)",
    },
    "mariadb": {
        "moment": "datetime(6)", "zoned": "timestamp(6)", "day": "date", "number": "bigint", "decimal": "decimal(12,4)",
    },
}  # fmt: skip
STEPS = {
    "moment": ("2026-01-02 00:00:00", "2026-01-02 03:04:05.000009", "2026-01-02 03:04:05.000010"),
    "zoned": ("2026-10-25 00:30:00", "2026-10-25 01:30:00", "2026-10-25 01:30:00.5"),
    "day": ("2025-12-31", "2026-01-01", "2026-01-02"),
    "number": ("9", "10", "100"),
    "decimal": ("9.9999", "10.0001", "10.0002"),
}
"""Three values that grow; as text some of them do not."""


@dataclass
class Shop:
    """A table `t` of id, word and watermark `at`, and the source that reads it."""

    kind: str
    url: str
    root: Path
    settings: dict[str, Any] = field(default_factory=dict)

    def run(self, *statements: str) -> None:
        address = sa.make_url(self.url)
        engine = sa.create_engine(address.set(drivername=sql_drivers.DRIVERS.get(address.drivername, "sqlite")))
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()

    @property
    def source(self) -> Source:
        given = {"kind": "sql", "location": self.url, "table": "t", "id": ["id"], "watermark": "at"}
        return Source.model_validate({**given, **self.settings})

    def full(self) -> pa.Table:
        return sources.read("shop", self.source, self.root).raw

    def since(self, before: pa.Table) -> sources.Landed:
        return sql.read_since("shop", self.source, self.root, before)


@pytest.fixture(params=SOURCE_KINDS)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    with database(request.param, tmp_path) as url:
        yield Shop(request.param, url, tmp_path)


def rows(raw: pa.Table) -> set[tuple[str | None, ...]]:
    own = [name for name in raw.column_names if name not in RAW_PREFIX]
    return {tuple(row.values()) for row in raw.select([*own, "_hash"]).to_pylist()}


@pytest.mark.parametrize("query", [None, "select * from t"])
def test_what_changed_is_laid_over_what_was(query: str | None, shop: Shop) -> None:
    """For each type of watermark: changed and new rows come, ties and rows without one are asked again, and the result
    is what a full reading gives, but for rows that were deleted."""
    if query:
        shop.settings = {"table": None, "query": query}
    for kind, (low, high, higher) in STEPS.items():
        shop.run(
            "drop table if exists t",
            f"create table t (id int primary key, word varchar(20), at {TYPES[shop.kind][kind]} null)",
            f"insert into t values (1, 'old', '{low}'), (2, 'tie', '{high}'), (3, 'gone', '{low}'), (4, 'none', null)",
        )
        before = shop.full()
        shop.run(
            f"insert into t values (5, 'new', '{higher}'), (6, 'late tie', '{high}')",
            f"update t set word = 'changed', at = '{higher}' where id = 1",
            "update t set word = 'still none' where id = 4",
            "delete from t where id = 3",
        )
        now = shop.since(before)
        assert "5 rows asked for, 4 changed; 1 as published" in now.notes[0], (kind, now.notes)
        gone = {row for row in rows(before) if "gone" in row}
        assert rows(now.raw) == rows(shop.full()) | gone, kind
        assert now.raw["_record_id"].null_count == len(now.raw)
        assert now.raw["_line"].to_pylist() == list(range(1, 7))


def test_nothing_changed(shop: Shop) -> None:
    """Only the last tie is asked for, and every hash is what it was."""
    shop.run("create table t (id int primary key, at int)", "insert into t values (1, 5), (2, 6), (3, 7), (4, 7)")
    before = shop.full()
    now = shop.since(before)
    assert "2 rows asked for, 0 changed" in now.notes[0]
    assert rows(now.raw) == rows(before)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("alter table t add column more int", "columns are not those"),
        ("update t set at = null", "no row has a watermark"),
    ],
)
def test_what_a_watermark_cannot_say(change: str, reason: str, shop: Shop) -> None:
    """Where the watermark cannot tell what changed, everything is asked for, and a note says why."""
    shop.run("create table t (id int primary key, at int, word varchar(9))", "insert into t values (1, 1, 'a')")
    before = shop.full()
    shop.run(change)
    now = shop.since(before)
    assert reason in now.notes[0]
    assert rows(now.raw) == rows(shop.full())


@pytest.mark.parametrize("wrong", [{"id": []}, {"fold": True}, {"kind": "csv"}])
def test_watermark_in_a_wrong_declaration(wrong: dict[str, Any]) -> None:
    """A watermark without ids, over folded rows or files is a mistake that `goldseam check` says."""
    right = {"kind": "sql", "location": "sqlite:///x", "table": "t", "id": ["id"], "watermark": "at"}
    assert Source.model_validate(right)
    with pytest.raises(ValueError, match="`watermark` is for kind sql"):
        Source.model_validate({**right, **wrong})


def test_published_watermarks_of_another_type(tmp_path: Path) -> None:
    """Where the column's type has changed since, there is nothing to compare with: everything is asked for."""
    shop = Shop("sqlite", f"sqlite:///{tmp_path}/shop.db", tmp_path)
    shop.run("create table t (id int primary key, at)", "insert into t values (1, 'May')")
    before = shop.full()
    shop.run("update t set at = 7")
    assert "not all of the type" in shop.since(before).notes[0]


def test_ids_that_repeat(shop: Shop) -> None:
    """Rows of one id cannot be told apart: everything is asked for."""
    shop.run("create table t (id int, at int)", "insert into t values (1, 1), (1, 2), (2, 3)")
    before = shop.full()
    now = shop.since(before)
    assert "ids stand more than once" in now.notes[0]
    assert rows(now.raw) == rows(before)


def test_a_time_far_ahead_hides_nothing(shop: Shop) -> None:
    """One row with a mistyped year does not keep all later changes from being seen."""
    shop.run(
        f"create table t (id int primary key, at {TYPES[shop.kind]['day']})",
        "insert into t values (1, '2206-01-01'), (2, '2026-01-01')",
    )
    before = shop.full()
    shop.run("insert into t values (3, '2026-01-02')")
    if shop.kind == "sqlite":
        pytest.skip("days are text there, of which nobody can say that it lies ahead")
    assert len(shop.since(before).raw) == 3


def test_watermark_that_is_no_column(shop: Shop) -> None:
    """A wrong name is said with those there are; another spelling of capitals is no wrong name."""
    shop.run("create table t (id int primary key, at int)", "insert into t values (1, 1)")
    before = shop.full()
    shop.settings = {"watermark": "AT"}
    assert "1 row asked for" in shop.since(before).notes[0]
    shop.settings = {"watermark": "changed_on"}
    with pytest.raises(SourceFailed, match="changed_on") as failed:
        shop.since(before)
    assert "id, at" in failed.value.remedy
