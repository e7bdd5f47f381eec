"""What is worked out once a distinct text gives what it gives pair by pair."""

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.matching import name_parts, names
from rules.matching.types import Ints, distinct
from rules.matching.values import Values, shared, within

PARTS = st.sampled_from(["bob", "robert", "r", "b", "kostas", "konstantinos", "anna", "maria", "x"])
NAMES = st.lists(PARTS, min_size=1, max_size=3).map(" ".join)


def _codes(n: int) -> tuple[Ints, Ints]:
    """Every two of n codes."""
    x, y = np.divmod(np.arange(n * n, dtype=np.int32), np.int32(n))
    return x, y


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(NAMES, min_size=1, max_size=6, unique=True))
def test_name_parts(texts: list[str]) -> None:
    """Levels of many pairs of name parts are those of each pair by itself."""
    x, y = _codes(len(texts))
    x, y = x[x != y], y[x != y]
    found = name_parts.levels(Values(pa.array(texts)), x, y).tolist()
    assert found == [names.part_level(texts[i], texts[j]) for i, j in zip(x, y, strict=True)]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.text("ab ", min_size=1, max_size=9), min_size=2, max_size=6, unique=True))
def test_forms(texts: list[str]) -> None:
    """Parts as numbers are equal where the parts are, also where a later text has more parts than any before."""
    values = Values(pa.array(texts))
    for x, y in zip(*_codes(len(texts)), strict=True):
        a, b = values.forms(str.split, np.array([x], np.int32), np.array([y], np.int32))
        left, right = set(texts[x].split()), set(texts[y].split())
        assert bool(shared(a, b)[0]) == bool(left & right)
        assert bool(within(a, b)[0]) == (left <= right)


def test_made_once() -> None:
    """What is made of a text is made when it is first asked for, and not again."""
    made: list[str] = []

    def form(text: str) -> str:
        made.append(text)
        return text.upper()

    values = Values(pa.array(["a", "b", "c"]))
    for _ in range(2):
        assert values.formed(form, np.array([2, 0, 2], np.int32)).tolist() == ["C", "A", "C"]
    assert sorted(made) == ["a", "c"]


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.lists(st.integers(-5, 5)))
def test_distinct(numbers: list[int]) -> None:
    """Distinct numbers are those of a set, sorted."""
    assert distinct(np.array(numbers, np.int64)).tolist() == sorted(set(numbers))
