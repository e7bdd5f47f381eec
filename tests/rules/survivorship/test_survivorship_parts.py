"""The pieces of survivorship by themselves: settings, spelling, slips, quality, sums over groups."""

from hashlib import sha256

import customers
import numpy as np
import pyarrow as pa
import pytest

from rules import schema, survivorship
from rules.survivorship import consensus, frequencies, runs, text


def test_mistakes_in_a_firms_rules_are_named_by_line_and_key() -> None:
    """A misspelt key and an unknown rule are reported together, each with its line."""
    with pytest.raises(schema.Mistakes) as mistakes:
        survivorship.load("fields:\n  segment: {rules: [most_recnet]}\ngroups:\n  name: {exchangd: [a, b]}\n")
    found = {(problem.line, problem.key) for problem in mistakes.value.problems}
    assert found >= {(2, "fields.segment.rules.0"), (4, "groups.name.exchangd")}


def test_a_group_must_know_the_parts_it_names() -> None:
    """Parts that are exchanged or compared are parts of the group."""
    with pytest.raises(schema.Mistakes, match="birth_date is no field of this group"):
        survivorship.load("groups: {name: {exact: [birth_date]}}")


def test_a_firms_rules_lie_over_the_defaults() -> None:
    """What a firm does not mention stays as it was, key by key."""
    own, default = survivorship.load("slips: {typo: 4.0}\n"), survivorship.load()
    assert own.slips == default.slips.model_copy(update={"typo": 4.0})
    assert own.groups == default.groups


def test_frequencies_count_customers_and_not_records() -> None:
    """A value that one customer holds ten times is held once; what nobody holds counts as one."""
    golden = np.array([0, 0, 0, 1, 2])
    values = pa.array(["place", "place", "place", "place", "lace"])
    known = frequencies.fit({"street": (golden, values)}, 3)
    assert known.values("street", pa.array(["place", "lace", "palace"])).tolist() == [2, 1, 1]
    # "^la" is in lace alone; every three letters of place are written by two customers.
    assert known.letters("street", pa.array(["place", "lace", ""])).tolist() == [2, 1, 1]
    assert known.size == 3


@pytest.mark.parametrize(
    ("short", "whole", "left_out"),
    [
        ("m", "maria", True),
        ("m.", "maria", True),
        ("maria", "maria elena", True),
        ("1980", "1980-05-01", True),
        ("1", "12", False),
        ("mar", "maria", False),
        ("n", "maria", False),
        ("maria", "maria", False),
    ],
)
def test_what_counts_as_left_out(short: str, whole: str, left_out: bool) -> None:
    """Initials, words at the end and parts of a date are left out; a beginning of a word or number is a slip."""
    assert consensus.is_left_out(short, whole) is left_out


def test_a_common_spelling_settles_a_tie() -> None:
    """One against one: the street that other customers live in too is likelier than the one nobody else has."""
    others = [{"key": f"x:{n}", "golden_id": f"O{n}"} for n in range(5)]
    places = [{"key": row["key"], "street": "Rupp Place"} for row in others]
    mine = [{"key": "a:1", "golden_id": "G1"}, {"key": "b:1", "golden_id": "G1"}]
    places += [{"key": "a:1", "street": "Rupp Plaze"}, {"key": "b:1", "street": "Rupp Place"}]
    made = customers.survive({"records": others + mine, "addresses": places})
    assert made["golden"]["street"][0].as_py() == "Rupp Place"


def test_a_huge_customer_is_settled_too() -> None:
    """More rival values than are weighed against each other: the weightiest of them still win."""
    records = [{"key": f"s{n % 3}:{n}", "surname": sha256(bytes([n])).hexdigest()} for n in range(150)]
    records += [{"key": f"t{n}:1", "surname": "Thalassinos"} for n in range(5)]
    made = customers.survive({"records": records})
    assert made["golden"]["surname"].to_pylist() == ["Thalassinos"]
    assert made["golden"]["records"].to_pylist() == [155]


def test_no_records_make_no_customers() -> None:
    """Empty tables give empty tables of the right columns."""
    made = customers.survive({"records": []})
    assert {name: len(table) for name, table in made.items()} == dict.fromkeys(made, 0)


def test_quality_falls_with_what_is_missing_suspect_and_disputed() -> None:
    """A full, agreed record is better than a bare one; doubt and dissent cost; two sources are better than one."""
    full = {"given_name": "Anna", "surname": "Rossi", "birth_date": "1980-05-01"}
    rows = {
        "agreed": [{"key": "a:1", **full}, {"key": "b:1", **full}],
        "alone": [{"key": "a:1", **full}],
        "disputed": [{"key": "a:1", **full}, {"key": "b:1", **full, "birth_date": "1957-08-30"}],
        "bare": [{"key": "a:1", "surname": "Rossi"}],
    }
    quality = {name: customers.survive({"records": r})["golden"]["quality"][0].as_py() for name, r in rows.items()}
    flags = [{"key": "a:1", "field": "birth_date", "flag": "suspect"}]
    suspect = customers.survive({"records": rows["alone"], "flags": flags})["golden"]["quality"][0].as_py()
    assert quality["agreed"] > quality["disputed"] > quality["alone"] > suspect > quality["bare"]


def test_quality_does_not_depend_on_the_day() -> None:
    """Or every customer would change every night."""
    tables = customers.tables({"records": [{"key": "a:1", "surname": "Rossi", "updated_at": "2020-01-01"}]})
    clusters = customers.clusters([{"key": "a:1"}])
    first, later = (survivorship.survive(tables, clusters, today=day) for day in ("2026-01-01", "2036-01-01"))
    assert first == later


def test_writings_are_equal_without_case_and_accents() -> None:
    """Final sigma, dotless i and sharp s are ways of writing."""
    same = [("ΓΙΏΡΓΟΣ", "Γιώργος"), ("IŞIK", "ışık"), ("STRASSE", "Straße"), ("José  Luis ", "jose luis")]
    plain = text.plain(pa.array([value for pair in same for value in pair])).to_pylist()
    assert plain[::2] == plain[1::2]


def test_joined_text_keeps_every_row() -> None:
    """A row with nothing to join is an empty text, not a missing row."""
    columns = [pa.array([None, "a", ""], pa.string()), pa.array([None, "b", "c"], pa.string())]
    assert text.joined(" ", *columns).to_pylist() == ["", "a b", "c"]


def test_pairs_stay_within_their_run() -> None:
    """Every pair of rows of one run once, over its first rows only."""
    left, right = runs.pairs(np.array([0, 0, 0, 1, 2, 2]), 2)
    assert list(zip(left.tolist(), right.tolist(), strict=True)) == [(0, 1), (4, 5)]
