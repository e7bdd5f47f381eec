"""Scores of data quality."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import schema, scorecard, vocabulary
from rules.scorecard import Check

TODAY = date(2026, 11, 22)
TABLES = {
    "records": vocabulary.RECORDS, "points": vocabulary.POINTS, "addresses": vocabulary.ADDRESSES,
    "flags": vocabulary.FLAGS, "results": vocabulary.RESULTS,
    "members": pa.schema([("source", pa.string()), ("record_id", pa.string()), ("golden_id", pa.string())]),
}  # fmt: skip


def measured(by: scorecard.Group = "source", **tables: Sequence[dict[str, Any]]) -> dict[tuple[str, str], float | None]:
    """Scores by group and dimension, of the rows given."""
    con = duckdb.connect()
    for name, table_schema in TABLES.items():
        nullable = pa.schema([field.with_nullable(True) for field in table_schema])
        con.register(name, pa.Table.from_pylist(list(tables.get(name, ())), schema=nullable))
    how = scorecard.settings()
    scorecard.ask(con, how, TODAY)
    checks = scorecard.measure(con, by)
    return {(s.group, s.dimension): s.value for s in scorecard.score(checks, how.targets)}


def record(number: int, source: str = "shop", **values: str) -> dict[str, Any]:
    return {"source": source, "record_id": str(number), "party_type": "person", **values}


def test_completeness_asks_four_questions_of_a_person() -> None:
    """Name, a way to reach, address, birth date: three of four is 75 %."""
    point = {"source": "shop", "record_id": "1", "kind": "phone", "value": "000"}
    place = {"source": "shop", "record_id": "1", "city": "Syros"}
    scores = measured(records=[record(1, full_name="A")], points=[point], addresses=[place])
    assert scores["shop", "completeness"] == 0.75


def test_an_organisation_is_asked_for_its_tax_id_and_never_for_a_birth_date() -> None:
    """A firm with a name and a tax id answers two of its four questions."""
    firm = record(1, organisation_name="A Ltd", tax_id="1") | {"party_type": "organisation"}
    assert measured(records=[firm])["shop", "completeness"] == 0.5


def test_the_contact_of_a_firm_is_asked_nothing() -> None:
    """A contact without address and birth date does not make its source incomplete."""
    contact = record(2, full_name="B", contact_of="shop:1")
    assert ("shop", "completeness") not in measured(records=[contact])


def test_uniqueness_is_the_share_of_records_that_are_somebody_new() -> None:
    """Four records of three customers: 75 %."""
    members = [{"source": "shop", "record_id": str(i), "golden_id": f"G{min(i, 2)}"} for i in range(4)]
    assert measured(records=[record(i) for i in range(4)], members=members)["shop", "uniqueness"] == 0.75


def test_consistency_blames_the_value_that_stands_alone() -> None:
    """Of three birth dates of one customer, the one that two sources agree on is good."""
    births = {"a": "1980-01-01", "b": "1980-01-01", "c": "1979-01-01"}
    records = [record(1, source=source, birth_date=birth) for source, birth in births.items()]
    members = [{"source": source, "record_id": "1", "golden_id": "G1"} for source in births]
    scores = measured(records=records, members=members)
    assert [scores[source, "consistency"] for source in "abc"] == [1, 1, 0]


def test_timeliness_counts_dated_records_only() -> None:
    """One fresh, one old, one without a date: half of those that say so."""
    dates = [{"updated_at": "2026-01-01"}, {"updated_at": "2019-01-01"}, {}, {"updated_at": "last summer"}]
    scores = measured(records=[record(i, **when) for i, when in enumerate(dates)])
    assert scores["shop", "timeliness"] == 0.5


def result(failed: int, errored: bool = False, rule: str = "phone_valid") -> dict[str, Any]:
    return {
        "source": "shop", "rule": rule, "dimension": "validity", "checked": 10, "failed": failed, "errored": errored,
    }  # fmt: skip


def test_a_rule_that_could_not_run_is_no_success_and_no_failure() -> None:
    """It is left out of the score: what it would have found is unknown."""
    assert measured(records=[record(1)], results=[result(2)])["shop", "validity"] == pytest.approx(0.8)
    assert measured(records=[record(1)], results=[result(0, errored=True)])["shop", "validity"] is None


def test_failures_of_a_rule_go_to_those_whose_records_failed() -> None:
    """Two operators share a source; the flags say whose records broke the rule."""
    records = [record(i, operator="anna" if i < 5 else "berk") for i in range(10)]
    flags = [{"source": "shop", "record_id": str(i), "rule": "phone_valid", "flag": "withheld"} for i in (7, 8)]
    scores = measured("operator", records=records, results=[result(2)], flags=flags)
    assert scores["anna", "validity"] == 1
    assert scores["berk", "validity"] == pytest.approx(0.6)


def test_without_flags_failures_are_shared_by_records() -> None:
    """A rule that flags nobody counts for everybody alike."""
    records = [record(i, operator="anna" if i < 5 else "berk") for i in range(10)]
    scores = measured("operator", records=records, results=[result(2)])
    assert scores["anna", "validity"] == scores["berk", "validity"] == pytest.approx(0.8)


def test_nothing_checked_is_not_measured() -> None:
    """No dimension is a hundred per cent because nobody looked; accuracy is never measured."""
    assert measured() == {}
    assert measured(records=[record(1)])["shop", "accuracy"] is None


CHECKS = st.lists(
    st.builds(
        lambda group, dimension, failed, good: Check(group, dimension, failed + good, failed),
        st.sampled_from("abc"), st.sampled_from(scorecard.DIMENSIONS), st.integers(0, 50), st.integers(0, 50),
    )
)  # fmt: skip


@given(CHECKS, st.randoms())
def test_scores_are_shares_and_ask_for_no_order(checks: list[Check], random: Any) -> None:
    """Every score lies between 0 and 1, and is the same in whatever order its checks come."""
    shuffled = list(checks)
    random.shuffle(shuffled)
    scores = scorecard.score(checks, {})
    assert scores == scorecard.score(shuffled, {})
    assert all(score.value is None or 0 <= score.value <= 1 for score in scores)


@given(CHECKS)
def test_the_total_lies_between_its_groups(checks: list[Check]) -> None:
    """All groups together are no better than the best and no worse than the worst."""
    groups = scorecard.score(checks, {})
    for whole in scorecard.total(checks, {}, "all"):
        parts = [s.value for s in groups if s.dimension == whole.dimension and s.value is not None]
        if whole.value is not None:
            assert min(parts) - 1e-9 <= whole.value <= max(parts) + 1e-9


def test_a_gap_is_only_what_is_missing_to_the_target() -> None:
    """Above its target a score has no gap, and neither has what was not measured."""
    how = {vocabulary.Dimension.VALIDITY: 0.9, vocabulary.Dimension.TIMELINESS: 0.5}
    scores = scorecard.score([Check("a", "validity", 10, 3), Check("a", "timeliness", 10, 3)], how)
    assert {s.dimension: round(s.gap, 3) for s in scores if s.gap} == {"validity": 0.2}


def test_a_workspace_changes_what_it_names_and_nothing_else() -> None:
    """Its own targets and questions win, in this order: defaults, scorecard.yml, goldseam.yml."""
    own = "fresh_days: 90\ntargets: {validity: 0.5, timeliness: 0.4}\ncomplete: {person: [name]}\n"
    how = scorecard.settings(own, {vocabulary.Dimension.VALIDITY: 0.6})
    assert how.fresh_days == 90
    assert (how.targets[vocabulary.Dimension.VALIDITY], how.targets[vocabulary.Dimension.TIMELINESS]) == (0.6, 0.4)
    assert how.targets[vocabulary.Dimension.UNIQUENESS] == 0.95
    assert how.complete[vocabulary.PartyType.PERSON] == ("name",)
    assert "tax_id" in how.complete[vocabulary.PartyType.ORGANISATION]


@pytest.mark.parametrize(
    ("text", "key"),
    [("fresh_day: 3", "fresh_day"), ("targets: {validity: 2}", "targets.validity"), ("complete: 3", "complete"),
     ("targets: 3", "targets"), ("complete: {person: [shoe_size]}", "complete"), ("agree: [shoe]", "agree")],
)  # fmt: skip
def test_a_mistake_names_its_key(text: str, key: str) -> None:
    """A wrong key, value or column in scorecard.yml is an error that says where."""
    with pytest.raises(schema.Mistakes) as caught:
        scorecard.settings(text)
    assert caught.value.problems[0].key.startswith(key)
    assert caught.value.problems[0].file == "rules/scorecard.yml"
