"""What to do next."""

from datetime import date
from pathlib import Path
from typing import Any

import fictional
import pyarrow as pa
import pytest

from connectors.store.runs import RunFolder
from reports.scorecard.actions import Findings, actions
from reports.scorecard.context import Action, Operator, SourceState
from reports.scorecard.tables import Tables
from rules import scorecard, vocabulary

NOTHING = Findings((), (), 0, (), (), (), frozenset())


def found_in(root: Path, findings: Findings = NOTHING, **tables: list[dict[str, Any]]) -> tuple[Action, ...]:
    """Actions for a run with these tables."""
    schemas = {
        "records": ("standardise", vocabulary.RECORDS), "golden": ("survive", vocabulary.GOLDEN),
        "crosswalk": ("identify", vocabulary.CROSSWALK), "candidates": ("identify", vocabulary.CANDIDATES),
    }  # fmt: skip
    folder = RunFolder.open(root, "run")
    for name, rows in tables.items():
        stage, schema = schemas[name]
        folder.write(stage, name, pa.Table.from_pylist(rows, schema=fictional.nullable(schema)))
    found, how = Tables.open(folder), scorecard.settings()
    scorecard.ask(found.con, how, date(2026, 11, 22))
    return actions(found, findings, how, "my firm")


def people(count: int, source: str = "shop", **values: str) -> list[dict[str, Any]]:
    return [{"source": source, "record_id": str(i), "party_type": "person", **values} for i in range(count)]


def test_a_clean_run_asks_for_nothing(tmp_path: Path) -> None:
    """Where nothing is wrong there is nothing to do."""
    assert found_in(tmp_path) == ()


def test_a_field_some_records_have_is_worth_more_than_one_that_none_has(tmp_path: Path) -> None:
    """Ten forms left blank come before ten of an export that never held the field."""
    forms = people(10, "forms", full_name="A") + people(11, "forms", full_name="A", birth_date="1980-01-01")[10:]
    found = found_in(tmp_path, records=forms + people(10, "export", full_name="A"))
    titles = [action.title for action in found if "birth date" in action.title]
    assert titles == ["Ask for a birth date in forms"]


def test_customers_nobody_can_reach_are_counted_and_the_largest_named(tmp_path: Path) -> None:
    """A customer without phone and e-mail is somebody to find; one who has died is not."""
    golden = [
        {"golden_id": "G1", "display_name": "A", "records": 1},
        {"golden_id": "G2", "display_name": "B", "records": 5},
        {"golden_id": "G3", "display_name": "C", "records": 9, "status": "deceased"},
        {"golden_id": "G4", "display_name": "D", "records": 9, "phone": "1"},
    ]
    (action,) = found_in(tmp_path, golden=golden)
    assert action.title.replace("\u00a0", " ") == "Find a way to reach 2 customers"
    assert action.how.endswith("begin with B.")


@pytest.mark.parametrize("promised", [False, True])
def test_a_broken_promise_of_no_duplicates_is_said(tmp_path: Path, promised: bool) -> None:
    """A source that holds customers twice is named, and so is the owner's word, where it was given."""
    crosswalk = [
        {"source": "shop", "record_id": str(i), "golden_id": f"G{i // 2}", "state": "active"} for i in range(6)
    ]
    free = Findings((), (), 0, (), (), (), frozenset({"shop"} if promised else ()))
    (action,) = found_in(tmp_path, free, crosswalk=crosswalk)
    assert action.kind == "duplicates"
    assert ("declares it free of duplicates" in action.why) is promised


def test_the_most_valuable_doubtful_pair_can_be_asked_about(tmp_path: Path) -> None:
    """The action gives the very command for the first pair of the queue, workspace and all, ready to be copied."""
    queue = [{"kind": "pair", "left": f"a:{i}", "right": f"b b:{i}", "worth": float(i)} for i in range(3)]
    (action,) = found_in(tmp_path, candidates=queue)
    assert "`goldseam why -w 'my firm' a:2 'b b:2'`" in action.how


def test_a_missing_source_comes_before_everything(tmp_path: Path) -> None:
    """Also before thousands of small gaps."""
    gone = SourceState("shop", "failed", "", 0, 0, 0, 0, (), "no file", "put it there", ())
    findings = Findings((gone,), (), 0, (), (), (), frozenset())
    assert found_in(tmp_path, findings, records=people(3000, "forms"))[0].title == "Get shop to come in again"


def test_an_operator_is_named_with_examples_and_never_accused(tmp_path: Path) -> None:
    """The sentence gives share, comparison and example, and says that it is no proof."""
    one = Operator("dimitri", ("forms",), 40, 20, 0.5, 0.02, True, ("6900000000",))
    (action,) = found_in(tmp_path, Findings((), (), 0, (), (one,), (), frozenset()))
    assert "50 %" in action.why.replace("\u00a0", " ")
    assert "“6900000000”" in action.why
    assert action.why.endswith("A sign, never proof.")
