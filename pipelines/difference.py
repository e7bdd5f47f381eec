"""What a run would change of what is published: in every run's summary, and all that a dry run is for."""

import json
from collections import Counter
from typing import Any, Final

import duckdb
import pyarrow as pa

from connectors.store.proposal import Compared
from connectors.store.runs import RunFolder
from connectors.store.state import Store
from pipelines.context import Run
from pipelines.review import billed
from rules import difference as words
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
        customers=run.store.golden_count(),
        events=what.events,
        before=found.before,
        after=found.golden,
        billed=_billed(run),
        usual=usual(run.store),
    )


def _billed(run: Run) -> pa.Table:
    """What was billed to each customer, as this run has it."""
    con = duckdb.connect()
    con.register("billed", billed(run))
    run.folder.view(con, "identify", "crosswalk")
    found = con.sql("""
        select golden_id, sum(amount) as amount from billed join crosswalk using (source, record_id)
        where golden_id is not null group by 1""").to_arrow_table()
    con.close()
    return found.cast(words.BILLED)


def usual(store: Store) -> dict[str, float]:
    """Customers in whom each field changed in an average night of the last few that published something."""
    told = [json.loads(row["summary"] or "{}") for row in store.runs().to_pylist() if row["status"] == "published"]
    nights = [night["difference"] for night in told if night.get("difference", {}).get("since")][:NIGHTS]
    sums: Counter[str] = Counter()
    for night in nights:
        sums.update(night["fields"])
    return {name: number / len(nights) for name, number in sums.items()}
