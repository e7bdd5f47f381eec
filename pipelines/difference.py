"""What a run would change of what is published: in every run's summary, and all that a dry run is for."""

import json
from collections import Counter
from typing import Any, Final

import pyarrow as pa

from connectors.store.proposal import Compared
from connectors.store.runs import RunFolder
from connectors.store.state import Store
from pipelines.context import Run
from pipelines.review import billed
from rules import difference as words
from rules import duck
from rules.difference import Difference

FILE: Final = "difference.json"
NIGHTS: Final = 10
"""Published runs before this one that say what is usual."""


def tell(run: Run, found: Compared) -> dict[str, Any]:
    """The difference as the run's summary has it; kept in its folder too, should the run be cut off."""
    told = difference(run, found).as_json()
    (run.folder.root / FILE).write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")
    return told


def kept(folder: RunFolder) -> dict[str, Any]:
    """What a run told; nothing where it did not come so far."""
    path = folder.root / FILE
    return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {}


def difference(run: Run, found: Compared) -> Difference:
    """How what a run would publish (`found`) differs from what is published."""
    what = found.publication
    return words.difference(
        since=what.base,
        customers=found.customers,
        events=what.events,
        before=found.before,
        after=found.golden,
        billed=_billed(run, found),
        usual=usual(run.store),
    )


def _billed(run: Run, seen: Compared) -> pa.Table:
    """What was billed to the customers there is something to tell of, as this run has it."""
    with duck.session() as con:
        for name, rows in (("told", seen.publication.events), ("before", seen.before)):
            con.register(name, rows)
        run.folder.view(con, "identify", "crosswalk")
        con.execute("""create temp table theirs as from crosswalk where golden_id in (
            select golden_id from told union select other_golden_id from told union select golden_id from before)""")
        con.register("billed", billed(run, con.sql("select source, record_id from theirs").to_arrow_table()))
        found = con.sql("""
            select golden_id, sum(amount) as amount from billed join theirs using (source, record_id) group by 1""")
        return found.to_arrow_table().cast(words.BILLED)


def usual(store: Store) -> dict[str, float]:
    """Customers in whom each field changed in an average night of the last few that published something."""
    told = [json.loads(row["summary"] or "{}") for row in store.runs().to_pylist() if row["status"] == "published"]
    nights = [night["difference"] for night in told if night.get("difference", {}).get("since")][:NIGHTS]
    sums: Counter[str] = Counter()
    for night in nights:
        sums.update(night["fields"])
    return {name: number / len(nights) for name, number in sums.items()}
