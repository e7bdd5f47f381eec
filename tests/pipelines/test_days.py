"""Nights on which nothing changed but the day: a date that lay ahead comes true, and counts from then on."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from connectors import workspace
from pipelines import runner
from pipelines.runner import Summary
from rules.expectations import needless, suites
from tests.pipelines.two_sources import START, Firm

DATED = "updated_at: seen\n"
HEADER = "no,name,mail,born,vat,master,seen"
RULE = """
leaves_later:
  {type: expect_column_values_to_be_dates, kwargs: {column: birth_date, min_value: $today}, severity: info,
   field: birth_date, dimension: validity, because: it is over, remedy: none}
"""


def stages(summary: Summary) -> list[str]:
    return [stage.name for stage in summary.stages]


@pytest.fixture
def firm(tmp_path: Path) -> Firm:
    return Firm(tmp_path / "firm")


def test_a_birth_date_that_comes_true_is_published(firm: Firm) -> None:
    """Withheld while it lies ahead, it is published on its day, as by a run of everything; the nights before and after
    it only land."""
    firm.crm["2"] = "Bea Huber,bea@post.example,2026-01-06,,"
    firm.run()
    assert firm.golden("crm:2")["birth_date"] is None
    assert stages(firm.run()) == ["land"]
    copy = Path(shutil.copytree(firm.root, firm.root.with_name("copy"), symlinks=True))
    summary = firm.run(4)
    whole = runner.run(workspace.read(copy), now=START + timedelta(days=firm.day), full=True)
    assert (summary.status, summary.changes) == (whole.status, whole.changes)
    assert (summary.status, summary.changes["changed"]) == ("published", 1)
    assert firm.golden("crm:2")["birth_date"] == "2026-01-06"
    assert stages(firm.run()) == ["land"]


def test_what_comes_true_and_changes_nothing_is_looked_at_once(firm: Firm) -> None:
    """A run that found nothing to publish looked all the same: the next night only lands."""
    firm.declare(DATED)
    firm.crm = {key: f"{row},2026-01-02" for key, row in firm.crm.items()}
    firm.crm["3"] = "Carla Nikas,,1960-05-06,,,2026-01-05"  # no contact point that it would date
    firm.crm_header = HEADER
    firm.run(2)
    firm.run()
    summary = firm.run(4)
    assert "validate" in stages(summary)
    assert (summary.status, summary.reasons) == ("unchanged", [])
    assert stages(firm.run()) == ["land"]


def test_columns_that_rules_compare_with_the_day() -> None:
    """Birth dates, times of entry and change, dates of facts: only what lay ahead; a rule that asks for a date to come
    judges one otherwise that was today's."""
    usual = needless.dated(suites.load({}, {"crm": ()}).of("crm"))
    assert sorted(usual) == [
        ("facts", "date", False), ("records", "birth_date", False), ("records", "entered_at", False),
        ("records", "updated_at", False),
    ]  # fmt: skip
    own = suites.load({"records.yml": RULE}, {"crm": ()}).of("crm")
    assert needless.dated(own) - usual == {("records", "birth_date", True)}
