"""What changed for golden customers since the last published run."""

from typing import Final

from reports.format import number, words
from reports.scorecard.context import Change
from reports.scorecard.tables import Tables
from rules.vocabulary import GOLDEN

EXAMPLES: Final = 4
MEANINGS: Final = {
    "created": "customers seen for the first time",
    "merged": "customers found to be one with another; the old id still leads to the survivor",
    "split": "customers that were two after all",
    "changed": "customers of whom some value is another now",
    "retired": "customers no source names any longer",
    "returned": "customers who were gone and are back under their old id",
}


VALUES: Final = [
    name for name in GOLDEN.names if name not in ("golden_id", "records", "quality", "version", "updated_at")
]
"""What a customer is, as against what is known about the record of it."""


def changes(tables: Tables) -> tuple[Change, ...]:
    """Every kind of event in the order of MEANINGS, then any other, each with a few names.

    Events tell what became of ids; whose values changed is told by the golden customers of the run before.
    """
    found = tables.rows(
        """
        WITH named AS (
          SELECT e.event, coalesce(g.display_name, o.display_name, b.display_name, e.golden_id) AS name, e.golden_id
          FROM (FROM events WHERE event <> 'changed') e LEFT JOIN golden g USING (golden_id)
          LEFT JOIN golden o ON o.golden_id = e.other_golden_id LEFT JOIN golden_before b ON b.golden_id = e.golden_id
        ), numbered AS (
          SELECT *, row_number() OVER (PARTITION BY event ORDER BY golden_id, name) AS place FROM named
        )
        SELECT event, count(*), list(name ORDER BY place) FILTER (place <= ?) FROM numbered GROUP BY 1
        """,
        EXAMPLES,
    )
    found += _changed(tables)
    order = {event: place for place, event in enumerate(MEANINGS)}
    found.sort(key=lambda row: (order.get(row[0], len(order)), row[0]))
    return tuple(Change(event, n, MEANINGS.get(event, ""), tuple(names or ())) for event, n, names in found)


def _changed(tables: Tables) -> list[tuple[str, int, list[str]]]:
    """Customers of whom a value is another than in the last published run, and which fields those are."""
    differs = [f'a."{name}" IS DISTINCT FROM b."{name}"' for name in VALUES]
    counts = ", ".join(f"count(*) FILTER ({one})" for one in differs)
    whole, *by_field = tables.rows(
        f"SELECT count(*) FILTER ({' OR '.join(differs)}), {counts} "  # noqa: S608 - columns of GOLDEN
        "FROM golden_now a JOIN golden_before b USING (golden_id)"
    )[0]
    ordered = sorted(zip(by_field, VALUES, strict=True), key=lambda pair: (-pair[0], pair[1]))
    fields = [f"{words(name)} of {number(count)}" for count, name in ordered[:EXAMPLES] if count]
    return [("changed", whole, fields)] if whole else []
