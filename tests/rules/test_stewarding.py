"""How people's work is measured."""

import pytest

from rules.stewarding import AGREEMENT, REVERSALS, Outlook, Share, measure, verdict, wilson


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_the_interval_is_wilsons(hits: int, of: int, low: float, high: float) -> None:
    """The published examples (Newcombe, Two-sided confidence intervals for the single proportion, 1998, table I)."""
    assert wilson(hits, of) == pytest.approx((low, high), abs=5e-5)


def test_nothing_and_all() -> None:
    """No case says nothing; all of some never says all."""
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(10, 10)[1] == 1.0
    assert 0.72 < wilson(10, 10)[0] < 0.73


@pytest.mark.parametrize(
    ("hits", "of", "goal", "more", "said"),
    [
        (29, 29, AGREEMENT, True, "too few"),
        (100, 100, AGREEMENT, True, "open"),
        (200, 200, AGREEMENT, True, "reached"),
        (85, 100, AGREEMENT, True, "missed"),
        (0, 29, REVERSALS, False, "too few"),
        (0, 100, REVERSALS, False, "open"),
        (0, 500, REVERSALS, False, "reached"),
        (9, 100, REVERSALS, False, "missed"),
    ],
)
def test_a_goal_is_told_as_far_as_the_interval_can_tell(hits: int, of: int, goal: float, more: bool, said: str) -> None:
    """A hundred right answers of a hundred do not prove 97 %, and one wrong does not disprove it."""
    assert verdict(Share(hits, of), goal, more=more) == said


def test_the_time_is_the_middle_one() -> None:
    """One case over lunch does not make anybody slow."""
    told = measure("stella", Share(0, 0), Share(0, 0), [1.0, 2.0, 3000.0])
    assert (told.seconds, told.timed, told.agrees, told.holds) == (2.0, 3, "too few", "too few")
    assert measure("stella", Share(0, 0), Share(0, 0), []).seconds is None


@pytest.mark.parametrize(
    ("outlook", "said", "days"),
    [
        (Outlook(100, 140, 0, 14, 10), "falls", 10),
        (Outlook(101, 140, 0, 14, 10), "falls", 11),
        (Outlook(100, 140, 70, 14, 10), "falls", 20),
        (Outlook(100, 140, 140, 14, 10), "grows", None),
        (Outlook(100, 14, 140, 14, 10), "grows", None),
        (Outlook(100, 140, 0, 14, 2), "too early", None),
        (Outlook(0, 140, 0, 14, 10), "none open", None),
        (Outlook(10, 0, 0, 0, 0), "too early", None),
    ],
)
def test_when_nothing_is_open_is_told_where_it_can_be(outlook: Outlook, said: str, days: int | None) -> None:
    """At the speed of the days that are counted, what came taken off; never where the number grows, or of two days."""
    assert (outlook.said, outlook.days_left) == (said, days)
