"""The cases of tests/spec/sampling.yml, and the method against another's numbers."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, hypergeom

from rules import schema
from rules.sampling import confidence, enough, holds, measure

FILE = Path(__file__).parents[1] / "spec" / "sampling.yml"
CASES = schema.load(FILE.read_text("utf-8"), FILE.name)[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_holds_as_the_case_says(case: dict[str, Any]) -> None:
    """The sample that is needed, and the bounds of the batch, as a steward can read them."""
    if "needs" in case:
        needs = None if case["needs"] == "none" else case["needs"]
        assert enough(case["size"], case["claim"] / 100, case.get("errors", 0)) == needs
    if "sampled" in case:
        found = measure(case["size"], case["sampled"], case["errors"])
        assert 100 * found.low == pytest.approx(case["at_least"], abs=0.05)
        assert 100 * found.high == pytest.approx(case["at_most"], abs=0.05)
    assert case["why"]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_bounds_invert_the_exact_test(data: st.DataObject) -> None:
    """One error more in the batch than the bound allows would show so few in the sample at most once in twenty times;
    the bound itself more often (SciPy's hypergeometric distribution).
    """
    size = data.draw(st.integers(1, 400))
    sampled = data.draw(st.integers(1, size))
    errors = data.draw(st.integers(0, sampled))
    found = measure(size, sampled, errors)
    most, fewest = round(size * (1 - found.low)), round(size * (1 - found.high))
    assert hypergeom.cdf(errors, size, most, sampled) > 0.05 - 1e-9
    if most < size - sampled + errors:
        assert hypergeom.cdf(errors, size, most + 1, sampled) <= 0.05 + 1e-9
    assert hypergeom.sf(errors - 1, size, fewest, sampled) > 0.05 - 1e-9
    if fewest > errors:
        assert hypergeom.sf(errors - 1, size, fewest - 1, sampled) <= 0.05 + 1e-9
    assert found.low <= found.precision + 1e-9
    assert found.high >= found.precision - 1e-9


def test_a_large_batch_has_the_bounds_of_clopper_and_pearson() -> None:
    """Where the batch is a thousand times the sample, the binomial bounds are the same to the fourth place."""
    found = measure(10_000_000, 300, 4)
    assert found.low == pytest.approx(beta.ppf(0.05, 296, 5), abs=1e-4)
    assert found.high == pytest.approx(beta.ppf(0.95, 297, 4), abs=1e-4)


def test_the_sample_that_is_needed_is_the_smallest_that_holds() -> None:
    """One case fewer does not prove the claim; the bound and the claim say the same."""
    for size, claim in ((30, 0.9), (400, 0.99), (2000, 0.995), (20_000, 0.98)):
        needed = enough(size, claim)
        assert needed is not None
        assert holds(size, needed, 0, claim)
        assert not holds(size, needed - 1, 0, claim)
        assert measure(size, needed, 0).low >= claim > measure(size, needed - 1, 0).low


def test_looking_again_costs_confidence() -> None:
    """The second look at a batch is judged more strictly, all looks together at most at twice the first's risk."""
    risks = [1 - confidence(look) for look in range(1, 40)]
    assert risks[:3] == pytest.approx([0.05, 0.025, 0.0125])
    assert sum(risks) <= 0.1 + 1e-9


@pytest.mark.parametrize("numbers", [(0, 0, 0), (10, 11, 0), (10, 5, 6), (10, 5, -1)])
def test_numbers_that_cannot_be_are_refused(numbers: tuple[int, int, int]) -> None:
    """More sampled than there are, or more errors than answers, is somebody's mistake."""
    with pytest.raises(ValueError, match="cannot be"):
        measure(*numbers)
