"""A model that is learned anew and a source that is added leave those alone whom they do not concern.

The firm is that of `make bench`, small; `python -m tests.bench.refit` tells the same of 100,000 records.
"""

from pathlib import Path

import pytest

from pipelines import fit
from tests.bench import refit

ROWS = 2_000
ENOUGH = 0.995
TAUGHT = 20
"""Judgements that the new model has learned from, at least."""
WAS = {("crm", "1"): "G1", ("crm", "2"): "G1", ("shop", "1"): "G2", ("shop", "2"): "G2", ("shop", "3"): "G3"}
ANNA, BEN, CARL, DORA = "anna", "ben", "carl", "dora"
ABOUT = {("crm", "1"): ANNA, ("crm", "2"): ANNA, ("shop", "1"): BEN, ("shop", "2"): BEN, ("shop", "3"): CARL}


@pytest.mark.parametrize(
    "story", [pytest.param(s, marks=() if s == "both at once" else pytest.mark.soak) for s in refit.STORIES]
)
def test_who_is_not_concerned_keeps_the_golden_id(tmp_path: Path, story: str) -> None:
    """A model learned anew, from judged pairs too, and a new source of customers known and unknown: of the customers
    none of whose records are about anybody in that source (nobody decides anything; who was judged is counted too), at
    least 99.5 % of the records keep their golden id; and every golden id that is gone, whosever it was, resolves.
    """
    version = refit.begin(tmp_path / "firm", ROWS)
    found, lost = refit.tell(tmp_path / "firm", story, version)
    assert found.records > ROWS / 2
    assert found.share >= ENOUGH, found
    assert not lost
    assert story == "a new source" or fit.versions(tmp_path / "firm")[0].judgements >= TAUGHT


def test_a_customer_is_concerned_by_what_is_true() -> None:
    """Whose person stands in the new source is left out with all records of the customer; a join is no excuse."""
    now = {**WAS, ("shop", "3"): "G1", ("new", "1"): "G2"}
    found = refit.kept(WAS, now, {**ABOUT, ("new", "1"): ANNA}, "new")
    assert found == refit.Kept(records=3, same=2, customers=2, merged=1, parted=0)


def test_a_record_that_leaves_its_customer_is_counted() -> None:
    """A customer that is parted keeps its golden id for some of its records alone."""
    found = refit.kept(WAS, {**WAS, ("crm", "2"): "G9"}, {**ABOUT, ("new", "1"): DORA}, "new")
    assert found == refit.Kept(records=5, same=4, customers=3, merged=0, parted=1)
    assert found.share == 0.8
