"""The waterfall of evidence, for the terminal and for pages."""

import pytest
from fictional_dedupe import EVIDENCE
from hypothesis import given
from hypothesis import strategies as st

from reports import waterfall
from reports.waterfall import Evidence
from rules.matching.explain import Evidence as Field
from rules.matching.explain import Explanation

ROWS = st.lists(
    st.builds(
        Evidence, field=st.sampled_from(["surname", "birth_date", "e-mail"]), left=st.text(max_size=30),
        right=st.text(max_size=30), level=st.text(max_size=30), bits=st.floats(-30, 30),
    ),
    max_size=8,
)  # fmt: skip


@pytest.mark.parametrize(("bits", "expected"), [(0, 0.5), (1, 2 / 3), (-1, 1 / 3), (4000, 1), (-4000, 0)])
def test_one_bit_doubles_the_odds(bits: float, expected: float) -> None:
    """Bits are base-2 logarithms of odds, however large."""
    assert waterfall.probability(bits) == pytest.approx(expected)


def test_the_text_names_field_values_level_and_bits() -> None:
    """A line says how a field counts, the next what stands in the two records, the last what it comes to."""
    lines = waterfall.text(EVIDENCE).splitlines()
    assert lines[0].startswith("full name")
    assert "+6.4" in lines[0]
    assert "an initial, and the surname in other letters" in lines[0]
    assert lines[1] == " " * 12 + "Oğuz Denizoğlu | O. Denizoglu"
    assert lines[-1] == "together      +5.7 bits, probability 98.1 %"


def test_a_bar_shows_its_side() -> None:
    """Evidence against stands left of the middle, in favour right of it."""
    lines = waterfall.text(EVIDENCE).splitlines()
    assert "│█" in lines[0]
    assert "░│" in lines[2]


def test_evidence_is_completed_to_the_probability_of_the_pair() -> None:
    """A starting point makes the steps add up; fields that say nothing are left out."""
    rows = waterfall.complete([Evidence("a", "1", "1", "equal", 7.7), Evidence("b", "", "2", "missing", 0.0)], 0.5)
    assert [(row.field, round(row.bits, 3)) for row in rows] == [("starting point", -7.7), ("a", 7.7)]
    assert [row.field for row in waterfall.complete([Evidence("a", "1", "1", "equal", 7.7)], 1.0)] == ["a"]


def test_what_a_rule_forbids_is_told_as_never() -> None:
    """A veto is one cut bar that is named, so that the fields beside it stay readable; the sum is never, too."""
    said = Explanation(("s", "1"), ("s", "2"), (Field("surname", "lee", "lee", "equal", 9.0),), -1000.0, 0.0,
                       "unrelated", "", prior=-4.0, ruled=-1005.0, rule="Two tax ids.")  # fmt: skip
    rows = waterfall.steps(said)
    assert [row.field for row in rows] == ["starting point", "surname", "rule"]
    assert sum(row.bits for row in rows) == said.weight
    assert [row.field for row in waterfall.fields(rows)] == ["surname"]
    drawn = waterfall.waterfall(rows)
    assert [step.shown for step in drawn.steps] == ["−4.0", "+9.0", "never", "never"]
    assert all(0 <= step.x <= drawn.width for step in drawn.steps)
    assert drawn.steps[1].width > 50
    assert "never" in waterfall.text(rows).splitlines()[-1]


def test_nothing_to_compare_is_said() -> None:
    """Two records without a common field give a sentence, not an empty screen."""
    assert waterfall.text([]) == "No field of the two records could be compared."


@given(ROWS)
def test_any_text_gives_clean_lines_of_the_right_number(rows: list[Evidence]) -> None:
    """No value, whatever is in it, breaks a line or sends the terminal a control character."""
    lines = waterfall.text(rows).split("\n")
    assert len(lines) == 1 + sum(2 if row.left or row.right else 1 for row in rows)
    assert all(char.isprintable() for line in lines for char in line)


@given(ROWS)
def test_steps_lead_from_nothing_to_the_sum(rows: list[Evidence]) -> None:
    """Each bar begins where the last one ended, all lie inside the drawing, and the last is the sum."""
    drawn = waterfall.waterfall(rows)
    assert len(drawn.steps) == len(rows) + 1
    assert drawn.steps[-1].bits == pytest.approx(sum(row.bits for row in rows))
    assert all(step.x >= 0 and step.x + step.width <= drawn.width for step in drawn.steps)
    before = drawn.zero
    for step in drawn.steps[:-1]:
        assert min(abs(step.x - before), abs(step.x + step.width - before)) < 2
        before = step.end


def test_the_drawing_escapes_what_it_shows() -> None:
    """A field or level with a tag in it is text in the drawing."""
    drawn = waterfall.svg([Evidence("<i>", "a", "b", "<script>", 1.0)])
    assert "<script>" not in drawn
    assert "&lt;script&gt;" in drawn
    assert drawn.startswith("<svg")
