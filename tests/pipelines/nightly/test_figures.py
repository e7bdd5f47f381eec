"""The figures of a run as people and Prefect are shown them."""

from pathlib import Path

from pipelines.context import StageResult
from pipelines.nights import figures, words
from pipelines.summary import Summary

DIFFERENCE = {
    "since": 3, "created": 7, "merged": 2, "split": 0, "changed": 1, "retired": 0, "fields": {"email": 1, "phone": 4},
    "surprises": [{"what": "merged", "golden_id": "g1", "why": "Maria Rossi and Mario Rossi"}],
}  # fmt: skip


def summary(status: str) -> Summary:
    found = Summary("r", status, [StageResult("survive", 20, 12, 1.25)], {"no name": 2, "no contact": 5}, {"total": 1})
    found.difference, found.reasons = DIFFERENCE, ["merges beyond the limit"]
    return found


def test_a_run_that_was_not_published_shows_what_it_would_have_come_to() -> None:
    """Customers of the golden table that it made, and the changes that publishing it would make."""
    assert figures.customers(summary("held")) == 12
    assert figures.changes(summary("held"))["created"] == 7
    published = summary("published")
    published.golden, published.changes = 11, {**published.changes, "created": 6}
    assert (figures.customers(published), figures.changes(published)["created"]) == (11, 6)


def test_the_tables_hold_counts_and_reasons_and_no_customer() -> None:
    """Stages, changes, fields, quarantine, rejected rows, gates, the most first; an empty subject is left out."""
    tables = figures.tables(summary("held"))
    assert list(tables) == ["stages", "changes", "fields", "quarantine", "rejected", "gates"]
    assert tables["fields"] == [{"field": "phone", "customers": 4}, {"field": "email", "customers": 1}]
    assert tables["quarantine"][0] == {"reason": "no contact", "records": 5}
    assert tables["stages"] == [{"stage": "survive", "rows in": 20, "rows out": 12, "seconds": 1.2}]
    assert "Rossi" not in str(tables)
    assert list(figures.tables(Summary("r", "unchanged"))) == ["changes"]


def test_workspaces_that_share_a_server_have_names_of_their_own() -> None:
    """Of one folder name on one machine, with whatever characters: none that Prefect refuses, none alike."""
    names = {words.deployment(Path(path)) for path in ("/srv/a/firm", "/srv/b/firm", "/srv/b & c%/firm <1>")}
    assert len(names) == 3
    assert not set("".join(names)) & set("/%&<> ")
