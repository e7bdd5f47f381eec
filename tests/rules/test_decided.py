"""What a person sets a field to must read as a value of it."""

import pytest

from rules.decided import NotAValue, settled


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("birth_date", "1990-02-28", "1990-02-28"),
        ("birth_date", "28/02/1990", "1990-02-28"),
        ("email", " anna@example.org ", "anna@example.org"),
        ("phone", "210 1234567", "210 1234567"),
        ("country", "Greece", "GR"),
        ("country", "gr", "GR"),
        ("party_type", "organisation", "organisation"),
        ("surname", "  van  Dijk ", "van Dijk"),
    ],
)
def test_a_value_stands_as_such_values_do(field: str, text: str, value: str) -> None:
    """Dates become ISO, countries their codes, blanks are trimmed; all else stands as it was written."""
    assert settled(field, text, "GR") == value


@pytest.mark.parametrize(
    ("field", "text", "remedy"),
    [
        ("birth_date", "1990-02-30", "1990-02-28"),
        ("birth_date", "01/02/1990", "1990-02-28"),
        ("email", "notanemail", "anna@example.org"),
        ("email", "a@b.gr; c@d.gr", "anna@example.org"),
        ("phone", "none", "+30"),
        ("country", "Nowhere", "GR"),
        ("party_type", "organization", "organisation"),
        ("surname", "  ", "Write the value"),
    ],
)
def test_what_is_no_value_is_refused_with_a_remedy(field: str, text: str, remedy: str) -> None:
    """A slip of the keyboard does not stand on record, and is told how it should be written."""
    with pytest.raises(NotAValue, match=remedy.replace("+", r"\+")):
        settled(field, text, "GR")


def test_values_are_read_as_in_the_customers_country() -> None:
    """A postcode that no letter there bears is refused, and a number called there is one; where the country or its form
    is not known any postcode may stand.
    """
    with pytest.raises(NotAValue, match=r"'99' is no postcode of GB.*set the country first"):
        settled("postcode", "99", home="GB")
    assert settled("postcode", "SW1A 1AA", home="GB") == "SW1A 1AA"
    assert settled("phone", "02380224106", "GR", home="GB") == "02380224106"
    assert settled("postcode", "99") == settled("postcode", "99", home="HK") == "99"


@pytest.mark.parametrize("unseen", ["\x00", "\x1b", "\x7f", "\u202e", "\u2066", "\u200f", "\u061c"])
def test_what_cannot_be_seen_is_no_part_of_a_value(unseen: str) -> None:
    """Control characters and those that turn the direction of a text are refused; blanks of all kinds become one."""
    with pytest.raises(NotAValue, match=f"U\\+{ord(unseen):04X}.*Type the value anew"):
        settled("surname", f"van{unseen}Dijk")
    assert settled("surname", "van\t\r\n Dijk") == "van Dijk"
    assert settled("surname", "Παπαδόπουλος") == "Παπαδόπουλος"


def test_a_value_is_no_book() -> None:
    """500 characters are enough for every value; more are refused with their number."""
    assert len(settled("surname", "a" * 500)) == 500
    with pytest.raises(NotAValue, match=r"501 characters\. Write 500 at most"):
        settled("surname", "a" * 501)


def test_nobody_was_born_tomorrow() -> None:
    """A birth date after the day on which it is written is a slip of the pen; that very day is none."""
    assert settled("birth_date", "2026-01-02", today="2026-01-02") == "2026-01-02"
    with pytest.raises(NotAValue, match="lies ahead"):
        settled("birth_date", "2026-01-03", today="2026-01-02")
