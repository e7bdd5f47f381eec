"""What differs between two values is lit, letter by letter, in any script; habits of writing are quiet."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.desk import many
from reports.desk.alike import Lit, beside, latin, lit
from reports.desk.services import Record
from rules import yaml12

CASES, _ = yaml12.read((Path(__file__).parents[2] / "spec" / "desk" / "alike.yml").read_text("utf-8"))
MARKS = {"same": "{}", "near": "({})", "differs": "[{}]"}


def shown(value: Lit) -> str:
    return "".join(MARKS[bit.kind].format(bit.text) for bit in value.bits)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["left"])
def test_what_is_lit(case: dict[str, str]) -> None:
    """As the specification says, and the same from the other side."""
    assert [shown(value) for value in lit(case["left"], case["right"])] == case["lit"]
    assert [shown(value) for value in lit(case["right"], case["left"])] == case["lit"][::-1]


@given(st.text(max_size=20), st.text(max_size=20))
def test_nothing_is_lost_by_lighting(left: str, right: str) -> None:
    """Whatever the values, every character is still there; a value is not different from itself."""
    assert [value.text for value in lit(left, right)] == [left, right]
    assert all(bit.kind == "same" for value in lit(left, left) for bit in value.bits)


def test_lists_are_put_side_by_side() -> None:
    """The likest values of two lists stand beside each other, the others alone."""
    rows = beside(["a@x.example", "210 1111111"], ["210 1111112", "c@y.example"])
    assert [tuple(v.text if v else None for v in row) for row in rows] == [
        ("a@x.example", "c@y.example"), ("210 1111111", "210 1111112"),
    ]  # fmt: skip
    assert beside(["x"], []) != beside([], ["x"])
    assert (latin("Ναυπλιώτης"), latin("Müller")) == ("Naypliotis", "")


def test_a_telephone_number_is_the_same_however_it_is_dialled() -> None:
    """With and without the code of the country; another number stays another."""
    for left, right in (("007 916 211-63-37", "8 (916) 211-63-37"), ("+30 210 4170000", "2104170000")):
        assert all(
            bit.kind == "same" for pair in beside([left], [right], dialled=True) for v in pair if v for bit in v.bits
        )
    assert any(
        bit.kind == "differs"
        for pair in beside(["2104170000"], ["2104170001"], dialled=True)
        for v in pair
        if v
        for bit in v.bits
    )
    assert any(bit.kind == "differs" for v in lit("044219032", "144219032") for bit in v.bits)  # a tax id


def test_a_number_dialled_otherwise_is_not_lit_among_many() -> None:
    """With and without the code of the country it is one telephone number; another one is lit."""
    said = ("21 0827 5086", "+302108275086", "21 0827 5086", "21 0999 1111")
    records = [
        Record(f"crm:{n}", "crm", str(n), "G1", "active", {"phone": (number,)}, {}) for n, number in enumerate(said)
    ]
    (line,) = many.lines(records)
    assert [cell.lit for cell in line.cells] == [False, False, False, True]
