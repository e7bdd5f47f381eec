"""Suites: read, laid over one another, every mistake named with its file, line and key."""

import inspect
from textwrap import dedent
from typing import Any

import pytest

from rules.expectations import lists, suites
from rules.schema import Mistakes

SOURCES = {"crm": (), "shop": ("phone1",)}

NEW = """
    vip_has_segment:
      type: expect_column_values_to_not_be_null
      kwargs: {column: segment}
      when: {account_owner: filled}
      severity: info
      dimension: completeness
      because: a customer with an owner has no segment
      remedy: Ask the owner
"""


def mistakes(text: str, file: str = "records.yml") -> str:
    """What is said of a workspace's file."""
    with pytest.raises(Mistakes) as caught:
        suites.load({file: dedent(text)}, SOURCES)
    return str(caught.value)


def test_a_workspace_adds_a_rule() -> None:
    """A name that the default suite does not have is one more rule, for every source."""
    found = suites.load({"records.yml": dedent(NEW)}, SOURCES)
    assert found.common["records"]["vip_has_segment"].columns == ("segment", "account_owner")
    assert len(found.common["records"]) == len(suites.load({}, SOURCES).common["records"]) + 1


def test_a_workspace_changes_only_what_it_names() -> None:
    """A rule of the same name keeps every key that the workspace does not write."""
    found = suites.load({"records.yml": "birth_date_plausible: {kwargs: {min_value: '1920-01-01'}}"}, SOURCES)
    rule = found.common["records"]["birth_date_plausible"].rule
    assert rule.kwargs == {"column": "birth_date", "min_value": "1920-01-01", "max_value": "$today"}
    assert rule.severity == "warning"


def test_a_workspace_takes_a_rule_out() -> None:
    """`off: true` takes a default rule out for every source."""
    found = suites.load({"records.yml": "status_known: {off: true}"}, SOURCES)
    assert "status_known" not in found.common["records"]


def test_a_source_has_rules_of_its_own() -> None:
    """A file named like a source changes, adds and takes out rules for that source alone."""
    text = dedent(
        """
        records:
          status_known: {off: true}
          birth_date_plausible: {severity: info}
        points:
          email_format: {severity: info, flag: suspect}
        """
    )
    found = suites.load({"crm.yml": text}, SOURCES)
    crm = {(c.table, c.name): c for c in found.of("crm")}
    shop = {(c.table, c.name): c for c in found.of("shop")}
    assert ("records", "status_known") not in crm
    assert ("records", "status_known") in shop
    assert crm["records", "birth_date_plausible"].suite == "crm"
    assert shop["records", "birth_date_plausible"].rule.severity == "warning"
    assert crm["points", "email_format"].rule.flag == "suspect"


def test_columns_that_are_never_empty_are_rules_of_their_source() -> None:
    """Each column of `expect.never_empty` is a rule, which the source's file may make stricter."""
    found = suites.load({"shop.yml": "records: {'never_empty:phone1': {severity: critical}}"}, SOURCES)
    rule = {c.name: c.rule for c in found.of("shop")}["never_empty:phone1"]
    assert (rule.kwargs, rule.severity) == ({"column": "raw:phone1"}, "critical")
    assert "never_empty:phone1" not in {c.name for c in found.of("crm")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: {typ: x}", "records.yml:1: a.typ: unknown key. Did you mean `type`?"),
        ("\nbirth_date_plausible:\n  type: expect_column_values_to_be_date\n",
         "records.yml:3: birth_date_plausible.type: there is no type of rule 'expect_column_values_to_be_date'. "
         "Did you mean expect_column_values_to_be_dates?"),
        ("birth_date_plausible:\n  kwargs:\n    column: birthdate\n",
         "records.yml:3: birth_date_plausible.kwargs.column: records has no column 'birthdate'. Did you mean birth_"),
        ("birth_date_plausible: {kwargs: {mostly: 0.9}}", "knows no such argument"),
        ("birth_date_plausible: {when: {party: person}}", "records has no column 'party'"),
        ("birth_date_plausible: {severity: fatal}", "birth_date_plausible.severity"),
        ("name_is_no_address: {kwargs: {regex: '('}}", "is no regular expression"),
        ("iban_checksum: {kwargs: {scheme: os}}", "there is no scheme 'os'"),
        ("status_known: {kwargs: {value_set: $statuses}}", "there is no list $statuses"),
        ("status_known: {kwargs: {value_set: active}}", "this must be a list"),
        ("status_known: {field: statu}", "is no column of records that can be reported"),
        ("- a\n- b\n", "this file holds no rules"),
        ("a: [", "not valid YAML"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(text: str, expected: str) -> None:
    """A wrong rule is refused before anything runs, with file, line, key and remedy."""
    assert expected in mistakes(text)


def test_every_mistake_is_told_at_once() -> None:
    """Two wrong rules and a file for nothing are three mistakes of one answer."""
    with pytest.raises(Mistakes) as caught:
        suites.load({"records.yml": "status_known: {a: 1, b: 2}", "crn.yml": ""}, SOURCES)
    assert len(caught.value.problems) == 3
    assert "rules/expectations/crn.yml: this file is named like no table and no source. Did you mean crm.yml?" in str(
        caught.value
    )


def test_a_source_file_holds_tables() -> None:
    """A rule written straight into a source's file is told to stand below a table."""
    assert "this is no table with rules" in mistakes("status_known: {off: true}", "crm.yml")


def test_facts_are_never_quarantined() -> None:
    """A critical rule on facts is refused, since only customers can be quarantined."""
    assert "a fact cannot be quarantined" in mistakes("customer_exists: {severity: critical}", "facts.yml")


def test_types_are_those_of_great_expectations() -> None:
    """Each type of types.yml exists once Goldseam's own are registered, and knows the arguments written there."""
    from great_expectations.expectations.registry import get_expectation_impl

    from rules.expectations import engine

    assert inspect.ismodule(engine)
    for kind, (must, may) in lists.types().items():
        fields: Any = get_expectation_impl(kind).__fields__
        assert must | may <= set(fields), kind
        assert {name for name in must | may if fields[name].required} <= must, kind
