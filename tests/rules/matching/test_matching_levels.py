"""Agreement of two values: cases a steward can read, symmetry, and recordlinkage as reference."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from matching_people import features

from rules.matching import kinds, names
from rules.matching.compare import code_levels, compare, field_levels
from rules.matching.config import default_fields
from rules.matching.encode import Column, encode
from rules.matching.types import Pairs
from rules.matching.values import Values
from rules.vocabulary import PartyType

CASES = yaml.safe_load((Path(__file__).parents[2] / "spec/matching/levels.yml").read_text("utf-8"))


def level(kind: str, left: str, right: str) -> str:
    values = sorted({left, right})
    column = Column("x", pa.array(values), np.array([values.index(left), values.index(right)], np.int32))
    found = code_levels(column, column.codes[:1], column.codes[1:], kind)
    return kinds.LEVELS[kind][int(found[0])]


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['kind']}: {c['left']} ~ {c['right']}")
def test_case(case: dict[str, str]) -> None:
    """Each pair of the spec file has its level, in both orders."""
    assert level(case["kind"], case["left"], case["right"]) == case["level"]
    assert level(case["kind"], case["right"], case["left"]) == case["level"]


WORDS = st.text("abcdefghij 0123456789-@.", min_size=1, max_size=12).map(str.strip).filter(bool)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(kinds.KINDS)), WORDS, WORDS)
def test_symmetric(kind: str, left: str, right: str) -> None:
    """The order of two values changes no level, and a value equals itself: fully, unless it is a part of a date."""
    assert level(kind, left, right) == level(kind, right, left)
    assert level(kind, left, left) == kinds.LEVELS[kind][int(kinds.equal(kind, pa.array([left]))[0])]
    assert kind == "date" or level(kind, left, left) == kinds.LEVELS[kind][-1]


@settings(max_examples=60, deadline=None)
@given(WORDS, WORDS)
def test_name_similarity(left: str, right: str) -> None:
    """Name similarity lies between 0 and 1, is symmetric and 1 for a name and itself."""
    s = names.similarity(left, right)
    assert 0 <= s <= 1
    assert s == pytest.approx(names.similarity(right, left))
    assert names.similarity(left, left) == 1


def test_jaro_winkler_agrees_with_recordlinkage() -> None:
    """Name levels cut Jaro-Winkler where recordlinkage's Compare sees the same similarity."""
    recordlinkage = pytest.importorskip("recordlinkage")
    left = ["martha", "dwayne", "dixon", "jonathan", "smith", "garcia", "ivanova"]
    right = ["marhta", "duane", "dickson", "jonathon", "smyth", "garsia", "petrova"]
    a, b = pd.DataFrame({"x": left}), pd.DataFrame({"x": right})
    compare = recordlinkage.Compare()
    compare.string("x", "x", method="jarowinkler", label="s")
    reference = compare.compute(pd.MultiIndex.from_arrays([range(7), range(7)]), a, b)["s"].to_numpy()
    codes = np.arange(7, dtype=np.int32)
    ours = kinds.name(Values(pa.array(left + right)), codes, codes + np.int32(7))
    assert ours.tolist() == ((reference >= 0.92).astype(int) + (reference >= 0.8)).tolist()


def test_married_name_meets_birth_name() -> None:
    """A surname agrees with the other record's birth name."""
    rows = [
        {"given_name": "eva", "surname": "rossi"},
        {"given_name": "eva", "surname": "bianchi", "birth_name": "rossi"},
    ]
    e = encode(features(rows))

    surname = next(f for f in default_fields(PartyType.PERSON) if f.name == "surname")
    pair = Pairs(np.array([0], np.int32), np.array([1], np.int32))
    assert field_levels(pair, e, surname).tolist() == [3]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("anna.rossi1@x.it", "anna.rossi7@x.it", "different"), ("arossi@x.it", "arossi@firm.com", "different"),
        ("anna.rossi1@x.it", "anna.rossi1@firm.com", "same name before the @"),
        ("anna.rossi@x.it", "anna.rossi@x.it", "equal"), ("sunny.cat@x.it", "suny.cat@x.it", "alike"),
    ],
)  # fmt: skip
def test_emails_made_of_names(left: str, right: str, expected: str) -> None:
    """E-mail addresses that are alike only because the names are do not count as alike."""
    rows = [{"given_name": "anna", "surname": "rossi", "emails": e} for e in (left, right)]
    fields = tuple(f for f in default_fields(PartyType.PERSON) if f.name in ("given_name", "surname", "emails"))
    pair = Pairs(np.array([0], np.int32), np.array([1], np.int32))
    levels = compare(pair, encode(features(rows)), fields).levels
    assert kinds.LEVELS["email"][int(levels[0, -1])] == expected


@pytest.mark.parametrize("party", PartyType)
def test_neighbouring_customer_numbers_are_no_likeness(party: PartyType) -> None:
    """Numbers are given one after the other: that two differ in a digit says nothing of their holders."""
    (kind,) = {f.kind for f in default_fields(party) if f.name == "customer_no"}
    one, other = np.array([0], np.int32), np.array([1], np.int32)
    assert kinds.KINDS[kind](Values(pa.array(["S582", "S589"])), one, other).tolist() == [0]
