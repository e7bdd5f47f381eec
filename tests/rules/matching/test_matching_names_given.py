"""Given names that are one, and names of men and women."""

import pytest

from rules.matching.names import lists, part_level, same_given
from rules.matching.names.alike import alike
from rules.matching.names.given import gender, groups

LINES = [(side, line.split()) for side in ("male", "female") for line in lists.table("given_names")[side]]


def test_lists_are_sound() -> None:
    """Every line names at least two forms, none twice, in lower case; Latin, or a script that leaves vowels out."""
    for _, line in LINES:
        assert len(line) > 1, line
        assert len(set(line)) == len(line), line
        assert all(w == w.lower() and w.isalpha() for w in line), line


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("robert", "bob"), ("konstantinos", "kostas"), ("aikaterini", "katerina"), ("ekaterina", "katya"),
        ("giuseppe", "pino"), ("georgios", "george"), ("mehmet", "mohammed"), ("francisco", "paco"),
        ("aleksandr", "sasha"), ("aleksandra", "sasha"), ("yuliya", "julia"), ("budi", "budhi"), ("johannes", "hans"),
    ],
)  # fmt: skip
def test_one_given_name(a: str, b: str) -> None:
    """Pet names, short forms and the forms of other languages stand for one another."""
    assert same_given(a, b)
    assert part_level(a, b) == 2


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("mario", "maria"), ("juan", "juana"), ("christian", "christina"), ("daniele", "daniela"), ("paul", "paula"),
        ("fernando", "fernanda"), ("emin", "emine"), ("georgios", "georgia"), ("valery", "valeriya"),
    ],
)  # fmt: skip
def test_man_and_woman(a: str, b: str) -> None:
    """A man's name and the woman's made of it are two names."""
    assert not same_given(a, b)
    assert alike(a, b) <= 0.2


@pytest.mark.parametrize(("name", "expected"), [("george", "m"), ("eleni", "f"), ("sasha", ""), ("xyzzy", "")])
def test_gender(name: str, expected: str) -> None:
    """A name's gender is known where all names it may stand for are of one."""
    assert gender(groups(name)) == expected


@pytest.mark.parametrize(("a", "b"), [("marta", "maria"), ("james", "jacob"), ("ivan", "igor"), ("omar", "amr")])
def test_two_given_names(a: str, b: str) -> None:
    """Two known names are no slips of the pen of each other."""
    assert alike(a, b) <= 0.5
