"""How a cluster came about, in words."""

from dataclasses import replace

from reports import story
from rules.matching.story import Join, Link, Story

A, B, C = ("crm", "1"), ("shop", "2"), ("web", "3")
NEAR, FAR = Link(A, B, 8.0), Link(B, C, 1.0)
CHAIN = Story(
    records=(A, B, C), joins=(Join((A,), (B,), 6.0, NEAR), Join((A, B), (C,), 0.5, FAR)), weakest=FAR,
    contrary=(Link(A, C, -2.0),), against=1, cut=FAR, parts=((C,), (A, B)), health=0.43,
)  # fmt: skip


def test_a_story_tells_joins_and_where_to_cut() -> None:
    """Joins are numbered in their order, with the pair that spoke most for each; facts follow."""
    lines = story.text(CHAIN).splitlines()
    assert lines[:3] == [
        "How it came about:",
        "  1. crm:1 with shop:2 (+8.0 bits, 99.6 %)",
        "  2. crm:1, shop:2 with web:3, above all shop:2 and web:3 (+1.0 bits, 66.7 %)",
    ]
    assert lines[4:] == [
        "Health: 0.43 (1: holds wherever it is cut; 0: should be parted).",
        "Weakest link: shop:2 and web:3 (+1.0 bits, 66.7 %).",
        "1 pair inside speaks against it: crm:1 and web:3 (−2.0 bits, 20.0 %).",
        "Cut first: shop:2 and web:3 (+1.0 bits, 66.7 %). Then web:3 would part from crm:1, shop:2.",
    ]


def test_two_records_have_one_link_and_no_health() -> None:
    """What holds two together is their link, told once; where it speaks against them, that is said."""
    pair = Story((A, B), (Join((A,), (B,), 6.0, NEAR),), weakest=NEAR, cut=NEAR, parts=((A,), (B,)), health=0.99)
    assert story.text(pair).splitlines() == ["How it came about:", "  1. crm:1 with shop:2 (+8.0 bits, 99.6 %)"]
    weak = Link(A, B, -1.0)
    (said,) = story.facts(replace(pair, weakest=weak, cut=weak, against=1, contrary=(weak,)))
    assert said.replace("\u00a0", " ") == "Their link speaks against it: crm:1 and shop:2 (−1.0 bits, 33.3 %)."


def test_what_a_person_joined_is_told_so() -> None:
    """A confirmed pair has no bits."""
    assert story.link(Link(A, B, 1000.0, confirmed=True)) == "crm:1 and shop:2 (a person joined them)"


def test_a_single_record_and_a_crowd() -> None:
    """One record has no joins; a cluster too large for its joins says so; of many names some are told."""
    assert story.text(Story((A,))) == "crm:1 is a customer of one record: it was joined with no other."
    assert story.facts(Story((A,))) == ()
    crowd = Story(tuple(("s", str(i)) for i in range(300)), weakest=NEAR, cut=NEAR, parts=((A,), (B, C)))
    assert story.text(crowd).startswith("It has 300 records")
    assert "No pair inside speaks against it." in story.text(crowd)
    assert story.names(crowd.records) == "s:0, s:1, s:2 and 297 more"
