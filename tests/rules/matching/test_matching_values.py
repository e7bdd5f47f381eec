"""What is worked out once a distinct text gives what it gives pair by pair."""

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import DamerauLevenshtein

from rules.matching import kinds, name_parts, names
from rules.matching.types import Ints, distinct, grouped, in_order
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


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.text("ab", max_size=6), min_size=2, max_size=6, unique=True), st.sampled_from([1, 2]))
def test_edits(texts: list[str], at_most: int) -> None:
    """Edits are counted as Damerau did it, though the faster count, which is greater for some, is tried first."""
    x, y = _codes(len(texts))
    found = kinds._edits(Values(pa.array(texts)), x, y, at_most)
    wanted = [min(DamerauLevenshtein.distance(texts[i], texts[j]), at_most + 1) for i, j in zip(x, y, strict=True)]
    assert np.minimum(found, at_most + 1).tolist() == wanted


def test_edits_around_a_letter() -> None:
    """Two letters swapped with one between them that only one text has are two edits, not three."""
    x, y = np.array([0], np.int32), np.array([1], np.int32)
    assert kinds._edits(Values(pa.array(["xaby", "xbcay"])), x, y, 2).tolist() == [2.0]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.text("ab ", min_size=1, max_size=9), min_size=2, max_size=6, unique=True))
def test_alike(texts: list[str]) -> None:
    """Asking the rarer text only where the commoner has parts finds the pairs that share one all the same."""
    x, y = _codes(len(texts))
    found = Values(pa.array(texts)).alike(str.split, x, y).tolist()
    assert found == [bool(set(texts[i].split()) & set(texts[j].split())) for i, j in zip(x, y, strict=True)]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.integers(-3, 5), max_size=30))
def test_order_and_groups(numbers: list[int]) -> None:
    """Numbers sorted with their places give what a stable sort gives, and groups what np.unique gives."""
    given = np.array(numbers, np.int32)
    assert in_order(given).tolist() == np.argsort(given, kind="stable").tolist()
    unique, where = np.unique(given.astype(np.int64), return_inverse=True)
    found, of = grouped(given.astype(np.int64))
    assert (found.tolist(), of.tolist()) == (unique.tolist(), where.tolist())
