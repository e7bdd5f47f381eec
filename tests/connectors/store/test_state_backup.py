"""Backups of earlier Goldseams, and a lock whose holder died."""

from pathlib import Path

import pyarrow as pa
import pytest

from connectors.store import backup, migrate, tables
from connectors.store.state import Store

DECIDED = pa.table({
    "seq": [1, 2], "kind": ["same", "undo"], "left_source": ["crm", "crm"], "left_id": ["1", "1"],
    "right_source": ["shop", "shop"], "right_id": ["2", "2"], "user": ["maria", "maria"],
    "time": ["2026-01-01T00:00:00+00:00"] * 2, "undoes": [None, 1],
})  # fmt: skip


def test_a_backup_of_an_earlier_goldseam_is_restored_through_the_migrations(tmp_path: Path) -> None:
    """What it lacks is empty, what it holds is as it was, and numbering goes on after it."""
    old = [("decisions", [DECIDED])]
    with Store.open(f"sqlite:///{tmp_path}/state.db") as store:
        store.decide("same", "crm:8", "crm:9", user="otto")
        with backup.migrated("0001", old, tmp_path / "scratch.db") as content:
            backup.restore(store.engine, content, "mark")
        assert store.decision_history()["seq"].to_pylist() == [1, 2]
        assert store.decide("same", "crm:8", "crm:9", user="otto") == 3
        with store.engine.connect() as connection:
            assert backup.restored(connection, "mark")
            assert not backup.restored(connection, "another")


def test_a_backup_of_a_later_goldseam_is_refused(tmp_path: Path) -> None:
    """Nobody knows what its tables mean."""
    with pytest.raises(migrate.TooNew, match="Update"), backup.migrated("9999", [], tmp_path / "scratch.db"):
        pass


def test_every_table_is_in_a_backup(tmp_path: Path) -> None:
    """A table that is added one day cannot be forgotten."""
    with Store.open(f"sqlite:///{tmp_path}/state.db") as store, backup.snapshot(store.engine) as connection:
        assert {name for name, _ in backup.contents(connection)} == set(tables.metadata.tables) - set(backup.PASSING)


def test_a_state_lacks_what_another_has_more_or_otherwise() -> None:
    """Later publications, the same number of another run, more decisions; an equal state lacks nothing."""
    one = backup.Standing("0001", {"1": "a", "2": "b"}, {"decisions": 3})
    assert one.lacks(one) == []
    assert backup.Standing("0001", {"1": "a"}, {}).lacks(one) == ["publication 2 (run b)", "3 of decisions"]
    assert one.lacks(backup.Standing("0001", {"1": "x"}, {})) == ["publication 1 (run x)"]
