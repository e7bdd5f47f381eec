"""Numbers and words as people read them."""

import pytest

from reports import format as write


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [(0, 0, "0 %"), (1, 0, "100 %"), (0.9996, 0, ">99 %"), (0.0004, 0, "<1 %"), (0.0004, 1, "<0.1 %"),
     (0.123, 1, "12.3 %"), (None, 0, "–")],
)  # fmt: skip
def test_shares_are_honest_at_their_ends(value: float | None, digits: int, expected: str) -> None:
    """Almost all is not 100 %, almost nothing is not 0 %, and what was not measured has no number."""
    assert write.share(value, digits).replace("\u00a0", " ") == expected


@pytest.mark.parametrize(
    ("count", "one", "expected"),
    [(1, "record", "1 record"), (0, "record", "0 records"), (1200, "company", "1,200 companies"), (2, "day", "2 days")],
)
def test_words_agree_with_their_number(count: int, one: str, expected: str) -> None:
    """Singular and plural, with thousands set apart."""
    assert write.plural(count, one).replace("\u00a0", " ") == expected


@pytest.mark.parametrize(("value", "expected"), [(4.25, "+4.2"), (-1, "−1.0"), (0.01, "0.0"), (-0.01, "0.0")])
def test_what_rounds_to_nothing_has_no_sign(value: float, expected: str) -> None:
    """A change too small to show is no change."""
    assert write.signed(value) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (list("abcdef"), "a, b, c and 3 more"),
    ],
)
def test_long_lists_are_cut_with_the_rest_counted(words: list[str], expected: str) -> None:
    """Nobody is dropped from a list without being counted."""
    assert write.listing(words) == expected


@pytest.mark.parametrize(("value", "expected"), [(0.4, "0.4 s"), (42, "42 s"), (185, "3 min 05 s")])
def test_durations(value: float, expected: str) -> None:
    """Tenths while they matter, then seconds, then minutes."""
    assert write.seconds(value).replace("\u00a0", " ") == expected


@pytest.mark.parametrize(("text", "expected"), [("", ""), ("no file", "No file."), ("Why?", "Why?")])
def test_a_sentence_begins_large_and_ends(text: str, expected: str) -> None:
    """A message from anywhere reads as a sentence."""
    assert write.sentence(text) == expected


def test_days_are_written_one_way() -> None:
    """Of a moment and of a run's id alike; a moment to the minute says whose clock it is."""
    assert [write.day(of) for of in ("2026-11-23T03:12:59+00:00", "20261123T031259Z", "2026-11-23", "", None)] == [
        "2026-11-23", "2026-11-23", "2026-11-23", "", "",
    ]  # fmt: skip
    assert write.moment("2026-11-23T03:12:59+00:00") == "2026-11-23 03:12\u00a0UTC"
    assert write.moment(None) == ""
