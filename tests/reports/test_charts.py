"""The geometry of drawings."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.charts.flow import MOST, Stream, flow
from reports.charts.histogram import histogram

COUNTS = st.integers(0, 2000)
STREAMS = st.lists(st.builds(Stream, st.text(min_size=1, max_size=9), COUNTS, COUNTS, COUNTS), max_size=24)


@given(STREAMS)
def test_a_flow_loses_nobody(streams: list[Stream]) -> None:
    """All records leave the left and arrive in the middle, however many sources there are."""
    records = sum(stream.records for stream in streams)
    drawn = flow(streams, sum(stream.joined for stream in streams) // 3)
    if drawn is None:
        assert records == 0
        return
    assert sum(node.count for node in drawn.left) == sum(node.count for node in drawn.middle) == records
    assert len(drawn.left) <= MOST


@given(STREAMS)
def test_labels_of_a_flow_do_not_overlap(streams: list[Stream]) -> None:
    """Nodes of a column stand below each other, a line of text apart, inside the drawing."""
    drawn = flow(streams, 0)
    if drawn:
        for column in (drawn.left, drawn.middle, drawn.right):
            tops = [node.y for node in column]
            assert all(b - a >= 16 for a, b in pairwise(tops))
            assert all(node.y + node.height <= drawn.height for node in column)


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=40), st.floats(0.5, 0.999))
def test_bars_of_a_histogram_stay_inside(counts: list[int], merge: float) -> None:
    """Every bin has its bar, none leaves the drawing, and the tallest is the fullest."""
    drawn = histogram(counts, merge, 0.2)
    if drawn is None:
        assert not any(counts)
        return
    assert len(drawn.bars) == len(counts)
    assert all(bar.y >= 0 and bar.height >= 0 and bar.x + bar.width <= drawn.width for bar in drawn.bars)
    assert max(drawn.bars, key=lambda bar: bar.height).height == drawn.bars[counts.index(max(counts))].height


@pytest.mark.parametrize("joined", [0.2, 0.35, 0.45, 0.6, 0.95])
def test_the_words_of_two_marks_never_meet(joined: float) -> None:
    """However near the thresholds are, each is named beside its own mark and inside the drawing."""
    drawn = histogram([5] * 20, joined, 0.2)
    assert drawn is not None
    low, high = ((m.x - 180, m.x) if m.anchor == "end" else (m.x, m.x + 180) for m in drawn.marks)
    assert low[1] <= high[0]
    assert low[0] >= 0
    assert high[1] <= drawn.width


def test_bins_are_coloured_by_what_happens_to_their_pairs() -> None:
    """Below review other, above merge merged, between them review."""
    drawn = histogram([5] * 10, 0.9, 0.5)
    assert drawn is not None
    assert [bar.kind for bar in drawn.bars] == ["other"] * 5 + ["review"] * 4 + ["merged"]
