"""What the desk says of a pair is what the run said: a few records weighed alone weigh what they weigh among all."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest

from connectors.store.runs import RunFolder
from pipelines.desk.kept import Kept
from pipelines.desk.service import DeskService
from reports.desk.sides import thinks
from rules.matching.explain import Evidence, Explanation
from tests.reports.desk.firm import Opened


def test_a_pair_weighs_what_it_weighed_in_the_run(desk: Opened) -> None:
    """Under the run's model, with how common values count frozen with it; the explanation adds up to the weight."""
    run = desk.store.last_published()
    assert run
    folder = RunFolder.open(desk.root / "var" / "runs", run)
    rows = folder.read("match", "pairs").to_pylist()[:60]
    pairs = [(f"{r['left_source']}:{r['left_id']}", f"{r['right_source']}:{r['right_id']}") for r in rows]
    together = desk.service.evidence(pairs)
    off = np.array([abs(together[p].weight - r["match_weight"]) for p, r in zip(pairs, rows, strict=True)])
    assert np.median(off) < 1e-6
    assert off.max() < 2  # a value that only a customer or two hold counts by who is here
    assert (off > 0.1).mean() < 0.2
    for told in together.values():
        whole = told.prior + sum(f.weight for f in told.fields) + told.learned + told.ruled
        assert abs(whole - told.weight) < 1e-6


def test_what_is_kept_is_made_once_and_of_one_run() -> None:
    """Asked twice it is made once; a key that cannot be made is left out; another run begins anew."""
    made: list[list[int]] = []

    def make(keys: list[int]) -> dict[int, str]:
        made.append(keys)
        return {key: str(key) for key in keys if key != 4}

    kept: Kept[int, str] = Kept(3)
    assert kept.of("one", [1, 2, 1], make) == {1: "1", 2: "2"}
    assert kept.of("one", [2, 3, 4], make) == {2: "2", 3: "3"}
    assert kept.of("two", [1], make) == {1: "1"}
    assert made == [[1, 2], [3, 4], [1]]
    assert kept.of("two", [2, 3, 5], make) == {2: "2", 3: "3", 5: "5"}
    assert kept.missing("two", [1, 2]) == [1]  # the oldest makes room


def test_what_others_wait_for_is_made_along() -> None:
    """While one value is made three people ask for others: whoever comes next makes them all, and each has theirs."""
    kept: Kept[int, str] = Kept(100)
    made: list[list[int]] = []
    begun, go = Event(), Event()

    def make(keys: list[int]) -> dict[int, str]:
        made.append(sorted(keys))
        begun.set()
        assert go.wait(10)
        return {key: str(key) for key in keys}

    with ThreadPoolExecutor(4) as people:
        first = people.submit(kept.of, "one", [1], make)
        assert begun.wait(10)
        others = [people.submit(kept.of, "one", [key], make) for key in (2, 3, 4)]
        while len(kept._wanted) < 3:
            time.sleep(0.001)
        go.set()
        assert [found.result(10) for found in (first, *others)] == [{1: "1"}, {2: "2"}, {3: "3"}, {4: "4"}]
    assert made == [[1], [2, 3, 4]]


def test_made_ready_once_a_publication_the_desk_says_the_same(desk: Opened) -> None:
    """Records and evidence are those that were told before; nothing is done again until something is published."""
    case = desk.case()
    pair = (case.left, case.right)
    before = DeskService(desk.service.workspace, desk.store)
    records, told = before.records(pair), before.evidence([pair])
    desk.service.make_ready()
    look = desk.service._looks.now()
    assert look
    assert look.tables.settled
    assert (desk.service.records(pair), desk.service.evidence([pair])) == (records, told)
    desk.service.make_ready()
    assert desk.service._looks.now() is look


@pytest.mark.parametrize(
    ("relation", "probability", "begins"),
    [
        ("same", 0.9999, "Perhaps the same customer: "), ("same", 0.5, "Perhaps the same customer: "),
        ("moved", 0.95, "Perhaps the same customer, who moved: "), ("household", 0.002, "One household: "),
        ("household", 0.2, "Perhaps one household: "), ("coincidence", 0.05, "Alike by coincidence: "),
    ],
)  # fmt: skip
def test_what_the_machine_thinks_does_not_gainsay_why_it_asks(relation: str, probability: float, begins: str) -> None:
    """That two are one customer is never said for certain: it is asked because evidence or other records leave a doubt.
    What two are to each other may be sure.
    """
    fields = (Evidence("surname", "Lee", "Lee", "equal", 6.0), Evidence("given_name", "Ann", "Bea", "differs", -4.0))
    told = Explanation(("a", "1"), ("b", "1"), fields, 2.0, probability, relation, "")
    assert thinks(told) == f"{begins}same surname; different given name."
