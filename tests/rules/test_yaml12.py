"""YAML as people mean it, read quickly, and never a way to end the program."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import yaml12
from rules.schema import Mistakes, load


def test_scalars_are_text_unless_they_are_plainly_not() -> None:
    """`NO` is a country, a leading zero stays, a date is text."""
    data, lines = yaml12.read("a: NO\nb: 0012\nc: 2020-01-02\nd: 12\ne: true\nf: 1.5\ng:\nh: 1e3\n")
    assert data == {"a": "NO", "b": "0012", "c": "2020-01-02", "d": 12, "e": True, "f": 1.5, "g": None, "h": "1e3"}
    assert lines[("c",)] == 3


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.dictionaries(st.text(max_size=5), st.text(max_size=9) | st.integers() | st.booleans(), max_size=6))
def test_the_quick_reader_reads_what_the_other_reads(data: dict[str, object]) -> None:
    """Data and lines are the same from both."""
    text = yaml.safe_dump(data, allow_unicode=True, default_style='"')
    quick = yaml12.read(text)
    slow = yaml12.read(text + "# [" + "[" * yaml12.FEW)
    assert quick == slow


@pytest.mark.parametrize("depth", [100, yaml12.FEW + 100, 50_000])
def test_deep_nesting_is_a_mistake_and_no_crash(depth: int) -> None:
    """However many brackets: the program goes on and says so."""
    with pytest.raises(Mistakes):
        load("[" * depth + "]" * depth, "x.yml")


def test_aliases_that_multiply_are_refused_at_once() -> None:
    """A few lines that make a thousand million settings are a mistake; an alias or two is none."""
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for name, before in zip("bcdefghij", "abcdefghi", strict=True):
        bomb += f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    with pytest.raises(Mistakes, match="aliases"):
        load(bomb, "x.yml")
    assert load("a: &a {b: 1, c: 2}\nd: *a\n", "x.yml")[0]["d"] == {"b": 1, "c": 2}
