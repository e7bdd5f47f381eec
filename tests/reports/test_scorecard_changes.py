"""What changed for customers, where a run amended the golden table of the last published one."""

import random
from pathlib import Path
from typing import Any

import fictional
import pyarrow as pa
import pytest

from connectors.store import parts
from connectors.store.runs import RunFolder
from reports.scorecard import changes
from reports.scorecard.tables import Tables
from rules.vocabulary import EVENTS, GOLDEN


def customer(dice: random.Random, number: int) -> dict[str, Any]:
    return {"golden_id": f"G{number}", "display_name": dice.choice(["Ada", None]), "city": dice.choice(["Rome", "Ulm"])}


def table(rows: dict[int, dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist([rows[n] for n in sorted(rows)], fictional.nullable(GOLDEN))


@pytest.mark.parametrize("seed", range(3))
def test_only_customers_that_survived_anew_are_compared(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Values that change, customers who come and go, and their events: the page says what it says of whole tables."""
    monkeypatch.setattr(parts, "MOST_AMENDED", 9)
    dice = random.Random(seed)
    was = {n: customer(dice, n) for n in range(12)}
    now = was | {n: customer(dice, n) for n in dice.sample(range(15), 6)}
    del now[0]
    gone = sorted({n for n in {*was, *now} if was.get(n) != now.get(n)} | {5})
    before, whole, amended = (RunFolder(tmp_path, name) for name in ("before", "whole", "amended"))
    before.write("survive", "golden", table(was))
    whole.write("survive", "golden", table(now))
    keys = pa.table({"golden_id": [f"G{n}" for n in gone]})
    fresh = table({n: now[n] for n in gone if n in now})
    amended.amend("survive", "golden", fresh, keys, before.parts("survive", "golden")["all"], by=(("golden_id",),))
    events = [{"event": "retired", "golden_id": "G0"}, {"event": "returned", "golden_id": "G1"}]
    for folder in (whole, amended):
        folder.write("identify", "events", pa.Table.from_pylist(events, fictional.nullable(EVENTS)))
    told = [changes.changes(Tables.open(folder, before)) for folder in (whole, amended)]
    assert told[0] == told[1]
    assert {change.event for change in told[0]} == {"changed", "retired", "returned"}
    assert Tables.open(amended, before).one("SELECT count(*) FROM golden_before") == len(set(gone) & set(was))
