"""What of a run can differ from the publication in force: what its folder does not hold as that of the run before.

Of tables that were amended the layers say it, of others what both folders hold is compared. That the folder of the run
before and the state database tell the same is what publishing is; where it cannot be known, all is compared.
"""

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from connectors.store.proposal import Scope
from connectors.store.runs import RunFolder
from connectors.store.since import differing
from pipelines.context import Run
from pipelines.published_files import Earlier
from rules.vocabulary import CONTACT_POINTS, CROSSWALK, FACTS, GOLDEN, QUEUE, RELATIONS

MOST: Final = 0.3
"""Where more customers than this share may have changed, all are compared: that is quicker."""
CUSTOMER: Final = ("golden_id",)
RECORD: Final = ("source", "record_id")
OF_CUSTOMERS: Final = {
    "golden": [name for name in GOLDEN.names if name not in ("version", "updated_at")],
    "contact_points": CONTACT_POINTS.names,
    "relations": RELATIONS.names,
}
"""Tables of `survive`, and the columns that are published."""
OTHERS: Final = {
    "crosswalk": ("identify", RECORD, CROSSWALK.names),
    "households": ("identify", CUSTOMER, ["golden_id", "household_id"]),
    "candidates": ("identify", ("kind", "left", "right"), [n for n in QUEUE.names if n != "cluster_id"]),
    "facts": ("validate", RECORD, FACTS.names),
}
"""Stage, key and columns of the other tables that may be large. Quarantined rows are published with the owner of their
source, whom no table of a run names.
"""


def scope(run: Run, earlier: Earlier | None) -> Scope | None:
    """None: anything can differ. `earlier`: the files of the publication in force, which tell who is published."""
    if earlier is None or run.before is None:
        return None
    customers = _customers(run.folder, run.before)
    if customers is None or len(customers) > MOST * max(len(earlier.ids), 1):
        return None
    found = {
        name: differing(run.folder, run.before, stage, name, key, columns)
        for name, (stage, key, columns) in OTHERS.items()
    }
    current = run.folder.read("survive", "golden", columns=["golden_id"])["golden_id"]
    keys = {name: keys for name, keys in found.items() if keys is not None}
    return Scope(customers, keys, pa.chunked_array([earlier.ids]), current)


def _customers(now: RunFolder, before: RunFolder) -> pa.Table | None:
    """golden_id of the customers of whom anything published may differ, and of all whom an event names."""
    events = now.read("identify", "events", columns=["golden_id", "other_golden_id"])
    found = [pa.table({"golden_id": column}) for column in events.columns]
    for name, columns in OF_CUSTOMERS.items():
        keys = differing(now, before, "survive", name, CUSTOMER, columns)
        if keys is None:
            return None
        found.append(keys)
    ids = pc.unique(pa.concat_tables(found)["golden_id"]).drop_null()
    return pa.table({"golden_id": ids})
