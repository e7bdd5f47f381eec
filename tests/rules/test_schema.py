"""Every mistake in a YAML file is named with file, line, key and remedy, all at once."""

import pytest

from rules import schema, vocabulary


def mistakes(text: str, model: type[schema.Strict] = schema.Source) -> list[schema.Problem]:
    with pytest.raises(schema.Mistakes) as caught:
        schema.parse(*schema.load(text, "a.yml"), model, "a.yml")
    return caught.value.problems


def test_every_mistake_is_reported_at_once_with_its_line() -> None:
    """Three mistakes on three lines give three problems, each on its own line."""
    found = mistakes("kind: csv\nlocation: a.csv\ncolums: {a: surname}\ntrust: 3\nmode: sometimes\n")
    assert {(p.line, p.key) for p in found} == {(3, "colums"), (4, "trust"), (5, "mode")}


def test_an_unknown_key_is_answered_with_the_likeliest_one() -> None:
    """A misspelt key names the key that was meant."""
    (problem,) = mistakes("kind: csv\nlocation: a.csv\nesential: true\n")
    assert "essential" in problem.remedy


def test_an_unknown_target_is_answered_with_the_likeliest_one() -> None:
    """A column mapped to a word that does not exist names the word that was meant."""
    (problem,) = mistakes("kind: csv\nlocation: a.csv\ncolumns:\n  Name: surnam\n")
    assert "surname" in problem.message
    assert problem.line == 3


def test_a_missing_key_says_which() -> None:
    """A source without a location is told to add one."""
    (problem,) = mistakes("kind: csv\n")
    assert problem.key == "location"
    assert "missing" in problem.message


@pytest.mark.parametrize(
    ("text", "line"),
    [("kind: csv\n  location: [a\n", 2), ("kind: csv\nkind: sql\n", 2), ("a: 'b\n", 1)],
    ids=["indent", "doubled key", "quote"],
)
def test_broken_yaml_names_the_line(text: str, line: int) -> None:
    """Text that is no YAML, or that says a thing twice, is refused with a line of the file."""
    (problem,) = mistakes(text)
    assert problem.line >= line
    assert problem.remedy


def test_an_empty_file_is_a_mistake() -> None:
    """A file without settings is refused, not read as defaults."""
    assert mistakes("# nothing here\n")


def test_norway_is_a_country_and_leading_zeros_are_text() -> None:
    """YAML's own surprises do not reach a person's settings."""
    data, _ = schema.load("country: NO\npostcode: 00501\nday: 2020-01-02\nno: off\n", "a.yml")
    assert data == {"country": "NO", "postcode": "00501", "day": "2020-01-02", "no": "off"}


def test_every_scalar_column_is_a_target() -> None:
    """Whatever a standard record holds, a source can fill."""
    assert set(vocabulary.SCALARS) <= set(schema.TARGETS)


def test_sql_without_a_table_is_refused() -> None:
    """A database source says what to read."""
    (problem,) = mistakes("kind: sql\nlocation: env:DB\n")
    assert "table" in problem.message
