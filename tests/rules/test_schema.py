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


def test_no_mistake_hides_another() -> None:
    """Two wrong targets, a value out of its range, and what several settings make wrong together are told at once."""
    text = "kind: sql\nlocation: env:DB\ncolumns: {a: surnam, b: phon}\ntrust: 3\nwatermark: changed\n"
    found = {p.key: p.message for p in mistakes(text)}
    assert found.keys() == {"columns.a", "columns.b", "trust", ""}
    assert "names a table or a query; `watermark` is for kind sql, with `id`" in found[""]


@pytest.mark.parametrize("text", ["kind: sql\nlocation: env:DB\ntable: [a]\n", "kind: [sql]\nlocation: a.csv\n"])
def test_a_mistake_is_told_once(text: str) -> None:
    """A setting with a mistake is not told to be missing, too."""
    assert len(mistakes(text)) == 1


def test_what_is_left_can_be_looked_at_further() -> None:
    """The settings that are no mistakes are kept, so that what hangs on them can be checked in the same look."""
    text = "contry: GR\nkeep_runs: 1\nfirm: X\nnightly: {cron: a, b: c}\n"
    with pytest.raises(schema.Mistakes) as caught:
        schema.parse(*schema.load(text, "a.yml"), schema.Firm, "a.yml")
    rest = caught.value.rest
    assert isinstance(rest, schema.Firm)
    assert (rest.firm, rest.keep_runs, rest.nightly.cron) == ("X", 14, "a")


def test_an_unknown_key_is_answered_with_the_likeliest_one() -> None:
    """A misspelt key names the key that was meant."""
    (problem,) = mistakes("kind: csv\nlocation: a.csv\nesential: true\n")
    assert "essential" in problem.remedy


def test_an_unknown_target_is_answered_with_the_likeliest_one() -> None:
    """A column mapped to a word that does not exist names the word that was meant."""
    (problem,) = mistakes("kind: csv\nlocation: a.csv\ncolumns:\n  Name: surnam\n")
    assert problem.message == "'surnam' is no standard column"
    assert "surname" in problem.remedy
    assert (problem.line, problem.key) == (4, "columns.Name")


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


def test_an_alias_that_holds_itself_is_refused() -> None:
    """Such a file has no end."""
    (problem,) = mistakes("kind: &a [*a]\n")
    assert "alias" in problem.message


def test_a_control_character_is_named_with_its_line() -> None:
    """An editor shows nothing there; the message says which character and where."""
    (problem,) = mistakes("kind: csv\nlocation: a\x01.csv\n")
    assert (problem.line, "0x1" in problem.message) == (2, True)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("columns: [a, b]", "pairs of"), ("trust: high", "number"), ("essential: 3", "true or false"),
        ("sheets: {a: b}", "list"), ("country: gr", "code of a country"), ("department: [a]", "text"),
        ("header: first", "whole number"), ("expect: 5", "pairs of"),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_is_told_in_words(text: str, word: str) -> None:
    """No word of the library that found it, and what to write in its place."""
    (problem,) = mistakes(f"kind: csv\nlocation: a.csv\n{text}\n")
    assert problem.line == 3
    assert word in problem.message
    assert "Input" not in problem.message
    assert problem.remedy != "Correct the value"


def test_a_column_may_be_called_by_a_number() -> None:
    """YAML reads 2024 as a number; as a header it is text."""
    source = schema.parse(*schema.load("kind: csv\nlocation: a.csv\ncolumns: {2024: note}\n", "a"), schema.Source, "a")
    assert source.columns == {"2024": "note"}
