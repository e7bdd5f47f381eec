"""What is decided on some records, and by which act; and who decided on them while somebody else was looking."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.store.decisions import wanted
from connectors.store.desk.acts import Act, Overtaken
from connectors.store.desk.filter import Case
from connectors.store.state import Store
from tests.databases import KINDS, database


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with database(request.param, tmp_path) as url, Store.open(url) as opened:
        yield opened


def test_what_is_decided_on_records_with_the_act_that_did(store: Store) -> None:
    """Values of these records and pairs among them, in force; those of the command line are of no act."""
    store.decide("same", "a:1", "b:1", user="jo")
    act = store.act(
        Act(
            "jo", "take_out", None, [wanted("split", "a:2", "a:1"), wanted("value", "a:1", field="city", value="Volos")]
        )
    )
    store.decide("same", "a:1", "c:elsewhere", user="jo")
    undone = store.decide("value", "b:1", field="city", value="Athens", user="jo")
    store.undo(undone, user="jo")
    found = store.decided_on(["a:1", "a:2", "b:1"])
    assert [(row["kind"], row["act"]) for row in found] == [("same", None), ("split", act), ("value", act)]


def test_a_colleague_who_decided_on_any_two_of_the_records_is_named(store: Store) -> None:
    """One's own decisions, those on others' records, and those that were taken back overtake nobody."""
    seen = store.last_decision()
    three = Act("jo", "take_out", None, [wanted("split", "a:1", "a:2"), wanted("split", "a:1", "a:3")])
    store.decide("same", "a:3", "b:9", user="maria")
    store.undo(store.decide("split", "a:1", "a:2", user="maria"), user="maria")
    store.act(three, seen)
    store.decide("same", "a:3", "a:2", user="maria")
    with pytest.raises(Overtaken, match="maria decided this case"):
        store.act(Act("jo", "answer", Case("pair", "a:2", "a:3"), [wanted("same", "a:2", "a:3")]), seen)
    with pytest.raises(Overtaken, match="maria"):
        store.act(Act("jo", "split", None, [wanted("split", "a:2", "a:9"), wanted("split", "a:3", "a:9")]), seen)
