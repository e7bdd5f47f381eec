"""What changed for golden customers since the last published run."""

from typing import Final

from reports.scorecard.context import Change
from reports.scorecard.tables import Tables

EXAMPLES: Final = 4
MEANINGS: Final = {
    "created": "customers seen for the first time",
    "merged": "customers found to be one with another; the old id still leads to the survivor",
    "split": "customers that were two after all",
    "changed": "customers of whom some value is another now",
    "retired": "customers no source names any longer",
    "returned": "customers who were gone and are back under their old id",
}


def changes(tables: Tables) -> tuple[Change, ...]:
    """Every kind of event in the order of MEANINGS, then any other, each with a few names."""
    found = tables.rows(
        """
        WITH named AS (
          SELECT e.event, coalesce(g.display_name, o.display_name, e.golden_id) AS name, e.golden_id
          FROM events e LEFT JOIN golden g USING (golden_id) LEFT JOIN golden o ON o.golden_id = e.other_golden_id
        ), numbered AS (
          SELECT *, row_number() OVER (PARTITION BY event ORDER BY golden_id, name) AS place FROM named
        )
        SELECT event, count(*), list(name ORDER BY place) FILTER (place <= ?) FROM numbered GROUP BY 1
        """,
        EXAMPLES,
    )
    order = {event: place for place, event in enumerate(MEANINGS)}
    found.sort(key=lambda row: (order.get(row[0], len(order)), row[0]))
    return tuple(Change(event, n, MEANINGS.get(event, ""), tuple(names)) for event, n, names in found)
