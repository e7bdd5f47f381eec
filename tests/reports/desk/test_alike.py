"""What differs between two values is lit, letter by letter, in any script; habits of writing are quiet."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.desk import many
from reports.desk.alike import Lit, beside, lit
from reports.desk.services import Record
from reports.desk.sides import rows
from reports.desk.spelt import latin
from rules import yaml12
from rules.matching.explain import Evidence, Explanation

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
    assert (latin("Ναυπλιώτης"), latin("Müller")) == ("Nafpliotis", "")


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
    assert any(bit.kind == "differs" for v in lit("1980-05-12", "1980-12-05") for bit in v.bits)  # day and month


def test_a_number_dialled_otherwise_is_not_lit_among_many() -> None:
    """With and without the code of the country it is one telephone number; another one is lit."""
    said = ("21 0827 5086", "+302108275086", "21 0827 5086", "21 0999 1111")
    records = [
        Record(f"crm:{n}", "crm", str(n), "G1", "active", {"phone": (number,)}, {}) for n, number in enumerate(said)
    ]
    (line,) = many.lines(records)
    assert [cell.lit for cell in line.cells] == [False, False, False, True]


def record(n: int, **fields: str) -> Record:
    values = {name: tuple(value.split("; ")) for name, value in fields.items() if value}
    return Record(f"crm:{n}", "crm", str(n), "G1", "active", values, {})


def test_foreign_letters_are_written_as_matching_writes_them() -> None:
    """Greek and Cyrillic as in rules.standardise.latin, one case a word, initials and abbreviations too."""
    said = {
        "ΜΟΥΤΣΟΠΟΥΛΟΥ": "MOUTSOPOULOU", "ΧΡΩΜΑΤΑ Ψαρρά": "CHROMATA Psarra", "Θ. Μιαούλη": "Th. Miaouli",
        "ΨΑΡΡΑ Α.Ε.": "PSARRA A.E.", "ВОРОБЬЕВ": "VOROBEV", "Müller": "",
    }  # fmt: skip
    assert {text: latin(text) for text in said} == said


def test_what_the_evidence_calls_equal_is_quiet() -> None:
    """A street in two spellings, a city by two names: the words of equal evidence are not lit, the others are."""
    left = record(1, address="UL. IAKORNAIA 5, 190152 ST PETERSBURG, RU", organisation="Sons & Jones")
    right = record(2, address="УЛИЦА ЯКОРНАЯ 5, 190999 Санкт-Петербург, RU", organisation="Jones and Sons Ltd")
    equal = (
        Evidence("address", "5 iakornaia", "5 yakornaya", "equal", 5.0),
        Evidence("postcode", "190152", "190999", "different", -2.0),
        Evidence("city", "sankt peterburg", "sankt peterburg", "equal", 2.0),
        Evidence("organisation", "jones sons", "jones sons", "equal", 8.0),
    )
    told = Explanation(("crm", "1"), ("crm", "2"), equal, 13.0, 0.99, "same", "")
    found = {row.field: [shown(v) for v in row.values[0] if v] for row in rows(left, right, told)}
    assert found["address"] == [
        "UL. IAKORNAIA 5, [190152] ST PETERSBURG, RU", "УЛИЦА ЯКОРНАЯ 5, [190999] Санкт-Петербург, RU",
    ]  # fmt: skip
    assert found["organisation"] == ["Sons & Jones", "Jones and Sons Ltd"]
    found = {row.field: [shown(v) for v in row.values[0] if v] for row in rows(left, right, None)}
    assert "[" in found["address"][0]
    assert "[" in found["organisation"][1]


def test_each_value_of_many_is_held_against_what_most_say() -> None:
    """A number that most have is quiet wherever it stands, beside another or alone; so is what is merely incomplete."""
    two = "07555044901; +44 7400 111222"
    place = "Park Street 39, TR11 9TZ Falmouth, GB"
    said = [two, two, two, "07400111222; +447555044901", "07555044901", "+44 7555 044901", "01326 999888"]
    where = [place, place, place, "GB", "", "Park Street 41, TR11 9TZ Falmouth, GB", place]
    records = [record(n, phone=phone, address=at) for n, (phone, at) in enumerate(zip(said, where, strict=True))]
    phones, places = many.lines(records)
    assert [cell.lit for cell in phones.cells] == [False] * 6 + [True]
    assert [cell.lit for cell in places.cells] == [False] * 5 + [True, False]
    doubtful = replace(record(8, birth_date="1900-01-01"), doubts={"birth_date": ("suspect",)})
    (born,) = many.lines([doubtful, record(9, birth_date="1990-05-21")])
    assert [cell.lit for cell in born.cells] == [True, False]
    assert [shown(value) for value in places.cells[5].values] == ["Park Street [41], TR11 9TZ Falmouth, GB"]


def test_what_one_side_of_an_address_does_not_say_is_no_difference() -> None:
    """A street or a town that only one has is quiet; another street, or another letter in its number, is lit."""
    whole = "Ακτή Μιαούλη 12, 185 35 Πειραιάς, GR"
    for other, said in (
        ("GR", ["GR", whole]), ("Πειραιάς, GR", ["Πειραιάς, GR", whole]),
        ("Ακτή Κονδύλη 12, Πειραιάς", ["Ακτή [Κονδύλη] 12, Πειραιάς", "Ακτή [Μιαούλη] 12, [185 35] Πειραιάς, [GR]"]),
        ("Ακτή Μιαούλη 12B, 185 35 Πειραιάς, GR", ["Ακτή Μιαούλη 12[B], 185 35 Πειραιάς, GR", whole]),
    ):  # fmt: skip
        (row,) = rows(record(1, address=other), record(2, address=whole), None)
        assert [shown(v) for v in row.values[0] if v] == said, other
    (row,) = rows(record(1, name="Ναυπλιώτης"), record(2, name="Νικόλαος Ναυπλιώτης"), None)
    assert [shown(v) for v in row.values[0] if v] == ["Ναυπλιώτης", "[Νικόλαος] Ναυπλιώτης"]
