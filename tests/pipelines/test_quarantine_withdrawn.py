"""Which quarantined rows keep their customer as it was: not those that only a release or a correction had published."""

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from connectors.store.state import Store
from connectors.workspace import Workspace
from pipelines.publish import publish
from pipelines.validate import INPUTS
from tests.pipelines.nights import Record, night, ready, workspace

ANN, BOB = Record(1, "Ann"), Record(2, "Bob")
HELD = Record(None)


class Nights:
    """A firm of one source, published night by night, each on the ground of the last; Bob is always there."""

    def __init__(self, space: Workspace) -> None:
        self.space, self.number, self.before = space, 0, None
        self.store = Store.open(f"sqlite:///{space.root}/var/goldseam.db")

    def publish(self, **records: Record) -> None:
        """`a=ANN`: the record crm:a; what is released is so from this night on."""
        self.number += 1
        told = {"crm:b": BOB, **{f"crm:{name}": record for name, record in records.items()}}
        run = night(self.space, self.number, told)
        released = {row["record_id"]: [row["hash"]] for row in run.store.released().to_pylist()}
        row = {"source": "crm", "rules": "", "released": json.dumps(released), "day": ""}
        run.folder.write("validate", "inputs", pa.Table.from_pylist([row], INPUTS))
        run.before = self.before
        ready(run, told)
        run.folder.save()
        publish(run)
        run.store.close()
        self.before = run.folder

    def names(self) -> set[str]:
        return set(self.store.golden()["display_name"].to_pylist())

    def standing(self, record_id: str) -> tuple[str, bool]:
        """The state of a record, and whether it has a golden id."""
        rows = {row["record_id"]: row for row in self.store.crosswalk().to_pylist()}
        return rows[record_id]["state"], rows[record_id]["golden_id"] is not None


@pytest.fixture
def nights(tmp_path: Path) -> Iterator[Nights]:
    made = Nights(workspace(tmp_path, "crm"))
    yield made
    made.store.close()


def test_a_customer_ends_with_the_release_that_made_it(nights: Nights) -> None:
    """Nobody was there before, so nobody stays; done again, the same customer comes back."""
    nights.publish(a=HELD)
    act = nights.store.release("crm", "a", "ana")
    nights.publish(a=ANN)
    (mine,) = (r["golden_id"] for r in nights.store.golden().to_pylist() if r["display_name"] == "Ann")
    undoing = nights.store.undo_act(act, "ana")
    for _ in range(2):
        nights.publish(a=HELD)
        assert nights.names() == {"Bob"}
        assert nights.standing("a") == ("quarantined", True)
    again = nights.store.undo_act(undoing, "ana")
    nights.publish(a=ANN)
    assert mine in nights.store.golden()["golden_id"].to_pylist()
    nights.store.undo_act(again, "ana")
    nights.publish(a=HELD)
    assert nights.names() == {"Bob"}


def test_a_customer_who_was_there_before_stays_as_it_was(nights: Nights) -> None:
    """A row that its source broke was let through and is held again; and one whose release stands is broken anew."""
    nights.publish(a=ANN, c=HELD)
    nights.publish(a=HELD, c=HELD)
    act = nights.store.release("crm", "a", "ana")
    nights.store.release("crm", "c", "ana")
    nights.publish(a=ANN, c=Record(3, "Cy"))
    nights.store.undo_act(act, "ana")
    nights.publish(a=HELD, c=HELD)
    assert nights.names() == {"Ann", "Bob", "Cy"}


def test_a_customer_lives_on_without_the_record_that_was_let_through(nights: Nights) -> None:
    """The record leaves it for good: it cannot hold it when the others have gone."""
    nights.publish(a=ANN, x=HELD)
    act = nights.store.release("crm", "x", "ana")
    nights.publish(a=ANN, x=ANN)
    nights.store.undo_act(act, "ana")
    nights.publish(a=ANN, x=HELD)
    assert nights.standing("x") == ("quarantined", False)
    nights.publish(x=HELD)
    assert nights.names() == {"Bob"}


def test_households_leave_out_whom_a_release_had_made(nights: Nights) -> None:
    """Two shared a home; where one of them ends so, nobody shares it any more."""
    home = Record(1, "Ann", "h"), Record(3, "Cy", "h")
    nights.publish(a=HELD, c=home[1])
    act = nights.store.release("crm", "a", "ana")
    nights.publish(a=home[0], c=home[1])
    assert nights.store.households().num_rows == 2
    nights.store.undo_act(act, "ana")
    nights.publish(a=HELD, c=home[1])
    assert nights.store.households().num_rows == 0
