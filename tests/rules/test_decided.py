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
