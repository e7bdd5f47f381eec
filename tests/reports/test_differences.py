"""Differing characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.differences import LONGEST, marked


@pytest.mark.parametrize(
    ("text", "other", "shown"),
    [
        ("Thalasinou", "Thalassinou", "Thalas[]inou"),
        ("Thalassinou", "Thalasinou", "Thalas[s]inou"),
        ("Maria", "", "Maria"),
        ("", "Maria", ""),
        ("1984-02-03", "1984-03-02", "1984-0[2]-0[3]"),
        ("Σύρος", "Syros", "[Σύρος]"),
        ("Bodrum", "Muğla", "[Bodrum]"),
    ],
)
def test_what_differs_is_marked(text: str, other: str, shown: str) -> None:
    """Small differences letter by letter, texts with little in common as a whole."""
    assert "".join(f"[{piece}]" if differs else piece for piece, differs in marked(text, other)) == shown


@given(st.text(max_size=LONGEST + 5), st.text(max_size=LONGEST + 5))
def test_pieces_put_together_are_the_text(text: str, other: str) -> None:
    """Marking never adds, drops or changes a character."""
    assert "".join(piece for piece, _ in marked(text, other)) == text


@given(st.text(max_size=40))
def test_equal_texts_have_no_mark(text: str) -> None:
    """A text does not differ from itself."""
    assert not any(differs for _, differs in marked(text, text))
