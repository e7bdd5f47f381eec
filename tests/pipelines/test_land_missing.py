"""Records that a full export lacks: gone at once, or after the days that the source's declaration says."""

from pathlib import Path

import pytest

from tests.pipelines.landings import PEOPLE, Nights

WITHOUT = PEOPLE.replace("2,Bea Huber,0302\n", "")


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    """One night landed, with three days of patience for the CRM."""
    nights = Nights(tmp_path)
    nights.declare("crm", "expect: {retire_after: 3, shrink_at_most: 1}\n")
    nights.run()
    return nights


def test_a_missing_record_is_kept_for_its_days(nights: Nights) -> None:
    """It stands as it was, says so once, and goes on the day that is due, though the source gives nothing new."""
    nights.write("inbox/crm.csv", WITHOUT)
    assert "crm" in nights.run().workspace.sources
    assert any("1 record missing, and kept for now" in note for note in nights.result.notes)
    assert sorted(nights.ids("crm")) == ["1", "2", "3"]
    for _ in range(2):
        assert not nights.run().changed
        assert sorted(nights.ids("crm")) == ["1", "2", "3"]
    assert nights.run().changed == {"crm"}
    assert nights.ids("crm") == ["1", "3"]
    assert not nights.run().changed


def test_a_record_that_comes_back_is_missing_no_more(nights: Nights) -> None:
    """Its days begin anew when it goes again."""
    for text in (WITHOUT, PEOPLE, WITHOUT):
        nights.write("inbox/crm.csv", text)
        nights.run(days=2)
        assert sorted(nights.ids("crm")) == ["1", "2", "3"]
    nights.run(days=2)
    assert sorted(nights.ids("crm")) == ["1", "2", "3"]
    nights.run()
    assert nights.ids("crm") == ["1", "3"]


def test_a_file_that_is_missing_retires_nobody(nights: Nights) -> None:
    """While the source fails its last snapshot stands in, whatever was due."""
    nights.write("inbox/crm.csv", WITHOUT)
    nights.run()
    (nights.root / "inbox/crm.csv").unlink()
    nights.run(days=30)
    assert nights.states()["crm"] == "carried"
    assert sorted(nights.ids("crm")) == ["1", "2", "3"]


def test_who_waits_is_not_counted_as_shrinking_twice(tmp_path: Path) -> None:
    """Records that are missing already do not make tomorrow's export look smaller."""
    nights = Nights(tmp_path)
    nights.declare("crm", "expect: {retire_after: 9, shrink_at_most: 0.34}\n")
    nights.run()
    nights.write("inbox/crm.csv", WITHOUT)
    nights.run()
    nights.write("inbox/crm.csv", WITHOUT.replace("0301", "0309"))
    nights.run()
    assert nights.states()["crm"] == "landed"


def test_without_the_setting_a_missing_record_is_gone(tmp_path: Path) -> None:
    """The default: what a full export lacks is gone at once."""
    nights = Nights(tmp_path)
    nights.declare("crm", "expect: {shrink_at_most: 1}\n")
    nights.run()
    nights.write("inbox/crm.csv", WITHOUT)
    nights.run()
    assert nights.ids("crm") == ["1", "3"]
