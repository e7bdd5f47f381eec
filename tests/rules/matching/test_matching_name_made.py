"""E-mail addresses made of names: what is made of them, whose hosts are everybody's, and what that does to a pair."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import yaml
from matching_people import features

from rules.matching import kinds, name_made
from rules.matching.compare import compare
from rules.matching.config import default_fields
from rules.matching.encode import Encoded, encode
from rules.matching.frozen import taken
from rules.matching.types import Pairs
from rules.vocabulary import PartyType

CASES = yaml.safe_load((Path(__file__).parents[2] / "spec/matching/name_made.yml").read_text("utf-8"))
NAMES = ("given_name", "surname", "emails")
CROWD = [f"k{i}z@mail.example" for i in range(200)]


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['address']} of {c['names']}")
def test_case(case: dict[str, Any]) -> None:
    """An address is made of the names, nearly so, or not, as the spec file says."""
    letters = "".join(c for c in case["address"].partition("@")[0] if c.isalpha())
    exact, near = name_made.exactly(letters, case["names"]), name_made.nearly(letters, case["names"])
    said = "letter by letter" if exact else "nearly" if near else "no"
    assert said == {False: "no"}.get(case["made"], case["made"])


@pytest.mark.parametrize(
    ("address", "others", "everybodys"),
    [
        ("anna.rossi@gmail.com", 0, True), ("anna.rossi@mail.example", 19, True),
        ("anna.rossi@mail.example", 18, False), ("anna.rossi@rossi.example", 3, False), ("anna", 0, False),
    ],
)  # fmt: skip
def test_public(address: str, others: int, everybodys: bool) -> None:
    """A host is everybody's if it is a known service, or many addresses are there; a firm's is not."""
    host = address.partition("@")[2] or "x.example"
    there = [f"k{i}@{host}" for i in range(others)]
    elsewhere = [f"k{i}@host{i}.example" for i in range(200)]
    assert name_made.public(pa.array([address, *there, *elsewhere]))[0] == everybodys


def test_a_small_part_is_not_everybody() -> None:
    """Twenty addresses of two thousand at one host are those of a firm."""
    addresses = [*(f"k{i}@firm.example" for i in range(20)), *(f"k{i}@host{i}.example" for i in range(1980))]
    assert not name_made.public(pa.array(addresses)).any()


def level(left: dict[str, str], right: dict[str, str], more: list[str]) -> str:
    """How the addresses of two records agree, in a table with `more` addresses of others."""
    others = [{"given_name": "zoe", "surname": f"w{i}", "emails": e} for i, e in enumerate(more)]
    fields = tuple(f for f in default_fields(PartyType.PERSON) if f.name in NAMES)
    pair = Pairs(np.array([0], np.int32), np.array([1], np.int32))
    found = compare(pair, encode(features([left, right, *others])), fields).levels
    return kinds.LEVELS["email"][int(found[0, -1])]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        # Equal, at a host of everybody: no more than the names say, whichever of the two they are.
        ("anna rossi anna.rossi@mail.example", "anna rossi anna.rossi@mail.example", "same name before the @"),
        ("tommy hill thomas.hill@mail.example", "thomas hill thomas.hill@mail.example", "same name before the @"),
        ("jzlie hill julie.hill@mail.example", "jzlie hill julie.hill@mail.example", "same name before the @"),
        # A number is chosen, a nickname invented, a host of one's own is shared by few.
        ("anna rossi anna.rossi7@mail.example", "anna rossi anna.rossi7@mail.example", "equal"),
        ("anna rossi sunny.cat@mail.example", "anna rossi sunny.cat@mail.example", "equal"),
        ("anna rossi anna.rossi@rossi.example", "anna rossi anna.rossi@rossi.example", "equal"),
        # At another host of everybody: another person's.
        ("tommy hill thomas.hill@mail.example", "thomas hill thomas.hill@gmail.com", "different"),
        ("anna rossi anna.rossi7@mail.example", "anna rossi anna.rossi7@gmail.com", "same name before the @"),
        ("tommy hill thomas.hill@hill.example", "thomas hill thomas.hill@hil.example", "same name before the @"),
    ],
)
def test_level(left: str, right: str, expected: str) -> None:
    """Addresses made of the names of either record agree no more than the names do, where namesakes may have them."""
    one, other = (dict(zip(NAMES, said.split(), strict=True)) for said in (left, right))
    assert level(one, other, CROWD) == level(other, one, CROWD) == expected


def test_two_addresses() -> None:
    """Records with several addresses are explained by their names only if all of their addresses are."""
    one = {"given_name": "anna", "surname": "rossi", "emails": "anna.rossi@gmail.com,sunny.cat@gmail.com"}
    other = {"given_name": "anna", "surname": "rossi", "emails": "anna.rossi@gmail.com"}
    assert level(one, one, []) == "equal"
    assert level(other, other, []) == "same name before the @"


def at_hand(emails: list[str]) -> Encoded:
    return encode(features([{"given_name": "anna", "surname": f"w{i}", "emails": e} for i, e in enumerate(emails)]))


@pytest.mark.parametrize(("then", "now"), [(5, 300), (300, 5)])
def test_hosts_are_kept_with_a_model(then: int, now: int) -> None:
    """Which hosts are everybody's is known from the records that a model was fitted on, whoever came and went since."""
    learned, later = (at_hand([f"k{'x' * i}@mail.example" for i in range(n)]) for n in (then, now))
    kept = taken("person", learned, {"emails": learned.columns["emails"].counts}, [], [])
    emails = kept.settled(later, {"emails"})[0].columns["emails"]
    assert emails.held.once(name_made.public).all() == (then == 300)
    assert emails.held.once(name_made.public).any() == (then == 300)
