"""The summary of a run."""

import json

from reports import summary

RUN: summary.Summary = {
    "run_id": "20261122T023000Z-5eam",
    "status": "published",
    "stages": [{"name": "land", "rows_in": 4987, "rows_out": 4985, "seconds": 1.23456}],
    "quarantined": {"no usable name": 12, "no contact": 30},
    "golden": 2004,
    "changes": {"created": 2004},
    "notes": ["2 rows could not be read"],
}


def test_json_has_the_keys_of_the_contract_in_order() -> None:
    """Programs find what the contract promises, every kind of change named."""
    found = json.loads(summary.as_json(RUN))
    assert list(found) == ["run_id", "status", "stages", "quarantined", "golden", "changes"]
    assert list(found["stages"][0]) == ["name", "rows_in", "rows_out", "seconds"]
    assert found["changes"] == {"created": 2004, "merged": 0, "split": 0, "changed": 0, "retired": 0}


def test_a_failed_run_gives_its_reasons() -> None:
    """Why a run did not publish stands in the JSON and on the screen."""
    failed: summary.Summary = {"run_id": "x", "status": "held", "reasons": ["the source shop did not land"]}
    assert json.loads(summary.as_json(failed))["reasons"] == ["the source shop did not land"]
    assert "the source shop did not land" in summary.text(failed)


def test_the_text_shows_stages_customers_and_quarantine() -> None:
    """What a person wants to know is on the screen, the commonest reason of quarantine first."""
    shown = summary.text(RUN).replace("\u00a0", " ")
    assert "4,987" in shown
    assert "2,004 golden customers: 2,004 created" in shown
    assert shown.index("no contact") < shown.index("no usable name")
    assert "2 rows could not be read" in shown
