"""What there ever was of a customer: every span of its rows, and of the records that were ever its."""

from collections.abc import Sequence
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Select, select, tuple_

from connectors.store import tables
from connectors.store.base import Base
from connectors.store.keyed import of_ids
from connectors.store.runlog import publications
from connectors.store.versioned import visible

SPAN: Final = ("from_version", "to_version")
DETAILS: Final = {
    "contact_points": ("golden_id", "kind", "value"),
    "relations": ("golden_id", "relation", "other_golden_id"),
}


class Lives(Base):
    """The past of single customers, through the indexes: quick however many there are."""

    def publications(self) -> pa.Table:
        """Every publication in order: version, run_id, time (see runlog)."""
        return self.table(publications())

    def spans(self, name: str, golden_id: str) -> pa.Table:
        """Every row of `golden`, `contact_points` or `relations` that a customer ever had, with its publications."""
        table = tables.metadata.tables[name]
        names = [c.name for c in table.c if c.name not in SPAN] if name == "golden" else DETAILS[name]
        return self.table(_spans(table, names).where(table.c.golden_id == golden_id))

    def holdings(self, golden_id: str) -> pa.Table:
        """Every span of every record that was ever this customer's: source, record_id, golden_id, state, span."""
        own, c = tables.crosswalk.alias().c, tables.crosswalk.c
        ever = select(own.source, own.record_id).where(own.golden_id == golden_id)
        return self.table(_spans(tables.crosswalk, _RECORD).where(tuple_(c.source, c.record_id).in_(ever)))

    def held_since(self, golden_ids: list[str]) -> pa.Table:
        """The records that these customers have, and since which publication: item (the key, chr(0) between), since."""
        c = tables.crosswalk.c
        query = select(c.source, c.record_id, c.from_version).where(visible(tables.crosswalk))
        rows = of_ids(self, query, c.golden_id, golden_ids)
        keys = pc.binary_join_element_wise(rows["source"], rows["record_id"], "\0")
        return pa.table({"item": keys, "since": rows["from_version"]})

    def stations(self, source: str, record_id: str) -> pa.Table:
        """Every span of one record, in order: source, record_id, golden_id, state, span."""
        c = tables.crosswalk.c
        return self.table(_spans(tables.crosswalk, _RECORD).where(c.source == source, c.record_id == record_id))

    def known(self, golden_id: str) -> bool:
        """Whether there ever was a customer of this golden id."""
        table = tables.golden
        newest = select(table.c.golden_id).where(visible(table), table.c.golden_id == golden_id)
        with self.engine.connect() as connection:
            return connection.execute(newest).first() is not None


_RECORD: Final = ("source", "record_id", "golden_id", "state")


def _spans(table: Any, names: Sequence[str]) -> Select[Any]:
    pointer = select(tables.published.c.version).scalar_subquery()
    columns = [table.c[name] for name in (*names, *SPAN)]
    return select(*columns).where(table.c.from_version <= pointer).order_by(table.c.from_version, *columns[:2])
