"""Single records and customers, through the indexes: quick however many there are."""

from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa
from sqlalchemy import select

from connectors.store import tables
from connectors.store.base import Base
from connectors.store.decisions import in_force
from connectors.store.keyed import of_keys
from connectors.store.versioned import visible
from rules.record_key import key_of, split_key
from rules.vocabulary import CROSSWALK, GOLDEN, KEY

FACT: Final = (
    "source", "record_id", "kind", "number", "date", "amount", "currency", "customer_source", "customer_id",
)  # fmt: skip


class LookUp(Base):
    """What is published of some records, and what people did to them."""

    def homes_of(self, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The crosswalk rows of records `SOURCE:ID`, by key."""
        c = tables.crosswalk.c
        query = select(*(c[name] for name in CROSSWALK.names)).where(visible(tables.crosswalk))
        rows = of_keys(self, query, (c.source, c.record_id), _keys(keys)).to_pylist()
        return {key_of(row): row for row in rows}

    def records_of(self, golden_ids: Sequence[str]) -> list[dict[str, Any]]:
        """The crosswalk rows of customers, by record."""
        c = tables.crosswalk.c
        query = select(*(c[name] for name in CROSSWALK.names)).where(
            visible(tables.crosswalk), c.golden_id.in_(list(golden_ids))
        )
        rows: list[dict[str, Any]] = self.table(query.order_by(c.source, c.record_id)).to_pylist()
        return rows

    def changed_last(self, limit: int) -> list[dict[str, Any]]:
        """The customers that changed last (schema GOLDEN), the latest first."""
        c = tables.golden.c
        query = select(*(c[name] for name in GOLDEN.names)).where(visible(tables.golden), c.state == "current")
        rows: list[dict[str, Any]] = self.table(query.order_by(c.cursor.desc()).limit(limit)).to_pylist()
        return rows

    def facts_of(self, keys: Sequence[str]) -> list[dict[str, Any]]:
        """The invoices, tickets and the like of records, the latest first."""
        c = tables.facts.c
        query = select(*(c[name] for name in FACT)).where(visible(tables.facts))
        rows = of_keys(self, query, (c.customer_source, c.customer_id), _keys(keys)).to_pylist()
        return sorted(rows, key=lambda row: (row["date"] or "", row["number"] or ""), reverse=True)

    def household(self, household_id: str) -> list[str]:
        """Golden ids of those who live together."""
        c = tables.households.c
        query = select(c.golden_id).where(visible(tables.households), c.household_id == household_id)
        ids: list[str] = self.table(query.order_by(c.golden_id))["golden_id"].to_pylist()
        return ids

    def decided_on(self, keys: Sequence[str]) -> list[dict[str, Any]]:
        """The decisions in force on values and pairs of these records, oldest first, each with the number of its `act`;
        None: it was made at the command line.
        """
        d, made = tables.decisions.c, tables.act_decisions
        query = (
            select(tables.decisions, made.c.act)
            .join_from(tables.decisions, made, made.c.decision == d.seq, isouter=True)
            .where(in_force())
        )
        mine = {*map(split_key, keys), (None, None)}
        rows = of_keys(self, query, (d.left_source, d.left_id), _keys(keys)).to_pylist()
        found = [row for row in rows if (row["right_source"], row["right_id"]) in mine]
        return sorted(found, key=lambda row: row["seq"])


def _keys(keys: Sequence[str]) -> pa.Table:
    return pa.Table.from_pylist(
        [dict(zip(("source", "record_id"), split_key(key), strict=True)) for key in dict.fromkeys(keys)], pa.schema(KEY)
    )
