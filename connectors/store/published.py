"""Reading what is published. Every method sees one whole publication; `version` asks for an earlier one."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Select, Table, case, false, func, select, true

from connectors.store import golden, publication, tables, versioned
from connectors.store.base import Base
from connectors.store.versioned import GROUPS, visible
from rules.vocabulary import CONTACT_POINTS, CROSSWALK, GOLDEN, RELATIONS

SCHEMAS = {"crosswalk": CROSSWALK, "golden": GOLDEN, "contact_points": CONTACT_POINTS, "relations": RELATIONS}


class Published(Base):
    """The golden table and what belongs to it."""

    def crosswalk(self, version: int | None = None) -> pa.Table:
        """Every customer record with its golden id and state (schema CROSSWALK), by record key."""
        table = tables.crosswalk
        rows = self.table(_select(table, CROSSWALK.names, version).order_by(table.c.source, table.c.record_id))
        return rows.cast(CROSSWALK)

    def golden(self, version: int | None = None, ids: list[str] | None = None) -> pa.Table:
        """The golden table (schema GOLDEN) by golden id; `ids`: only these."""
        table = tables.golden
        query = _select(table, GOLDEN.names, version).where(table.c.state == "current").order_by(table.c.golden_id)
        return of_ids(self, query, table.c.golden_id, ids).cast(GOLDEN)

    def detail(self, name: str, version: int | None = None, ids: list[str] | None = None) -> pa.Table:
        """`contact_points` or `relations` (schemas of vocabulary), by golden id; `ids`: only these."""
        table = tables.metadata.tables[name]
        query = _select(table, SCHEMAS[name].names, version).order_by(table.c.golden_id, table.c.ordinal)
        return of_ids(self, query, table.c.golden_id, ids).cast(SCHEMAS[name])

    def households(self, version: int | None = None) -> pa.Table:
        """household_id and golden_id of every member of a household."""
        table = tables.households
        return self.table(_select(table, ["household_id", "golden_id"], version).order_by(table.c.golden_id))

    def past_households(self) -> pa.Table:
        """The last household of every customer there ever was: household_id, golden_id, and whether it is in it now."""
        c = tables.households.c
        last = select(c.golden_id, func.max(c.from_version).label("last")).where(c.from_version <= _pointer())
        last_of = last.group_by(c.golden_id).subquery()
        on = (last_of.c.golden_id == c.golden_id) & (last_of.c.last == c.from_version)
        active = case((visible(tables.households), true()), else_=false()).label("active")
        query = select(c.household_id, c.golden_id, active).join_from(tables.households, last_of, on)
        return self.table(query.order_by(c.golden_id))

    def candidates(self, limit: int | None = None) -> pa.Table:
        """What people should look at, most valuable first."""
        table = tables.candidates
        names = [
            "kind",
            "left",
            "right",
            "match_weight",
            "match_probability",
            "relation",
            "reason",
            "worth",
            "first_run",
        ]
        best = _select(table, names).order_by(table.c.worth.desc(), table.c.left, table.c.right, table.c.kind)
        return self.table(best.limit(limit))

    def golden_count(self) -> int:
        """How many customers are published."""
        table = tables.golden
        count = select(func.count()).select_from(table).where(visible(table), table.c.state == "current")
        with self.engine.connect() as connection:
            return int(connection.execute(count).scalar_one())

    def known_ids(self) -> pa.Table:
        """Every golden id there ever was: golden_id, born (order of first publication), alive."""
        c = tables.golden.c
        born = self.table(select(c.golden_id, func.min(c.cursor).label("born")).group_by(c.golden_id))
        born = born.cast(pa.schema([("golden_id", pa.string()), ("born", pa.int64())]))
        now = self.table(select(c.golden_id).where(visible(tables.golden), c.state == "current"))
        return born.append_column("alive", pc.is_in(born["golden_id"], value_set=now["golden_id"]))

    def resolve(self, golden_id: str) -> str | None:
        """The golden id that stands for this one today, over any chain of merges.

        None: retired, or never published. A superseded id resolves for ever.
        """
        c = tables.golden.c
        seen = set()
        with self.engine.connect() as connection:
            while golden_id not in seen:
                seen.add(golden_id)
                at = select(c.state, c.resolves_to).where(visible(tables.golden), c.golden_id == golden_id)
                found = connection.execute(at).one_or_none()
                if found is None or found.state == "retired":
                    return None
                if found.state == "current":
                    return golden_id
                golden_id = found.resolves_to
        return None

    def feed(self, since: int = 0, limit: int | None = None) -> pa.Table:
        """What changed after a cursor, in order: cursor, state, resolves_to, and the customer (schema GOLDEN).

        state is current, superseded (by `resolves_to`) or retired; but for `current` there are no values.
        The last row of each golden id up to any cursor gives the golden table as it was there.
        """
        c = tables.golden.c
        columns = [c.cursor, c.state, c.resolves_to, *(c[name] for name in GOLDEN.names)]
        query = select(*columns).where(c.cursor > since, c.from_version <= _pointer()).order_by(c.cursor).limit(limit)
        return self.table(query)

    def events(self, since: int = 0, golden_id: str | None = None) -> pa.Table:
        """Lineage after a number, in order: seq, the columns of EVENTS, run_id and time of the run."""
        e, runs = tables.events.c, tables.runs.c
        columns = [e.seq, e.event, e.golden_id, e.other_golden_id, e.cause, e.user, e.detail, runs.run_id]
        query = select(*columns, runs.started.label("time")).join_from(
            tables.events, tables.runs, runs.version == e.version
        )
        query = query.where(e.seq > since, e.version <= _pointer()).order_by(e.seq)
        if golden_id is not None:
            query = query.where((e.golden_id == golden_id) | (e.other_golden_id == golden_id))
        return self.table(query)

    def results(self, version: int | None = None) -> pa.Table:
        """What the expectations of a publication found (schema RESULTS)."""
        table = tables.quality_results
        at: Any = _pointer() if version is None else version
        columns = [c for c in table.c if c.name not in ("seq", "version")]
        return self.table(select(*columns).where(table.c.version == at).order_by(table.c.seq))

    def facts(self) -> pa.Table:
        """Invoices, tickets and the like, by record key."""
        table = tables.facts
        of = next(g for g in GROUPS if g.table is table)
        return self.table(_select(table, of.payload).order_by(table.c.source, table.c.record_id, table.c.ordinal))

    # --- for gates and publishing ---

    def states(self) -> pa.Table:
        """source, state, records: how many records of each source are active, quarantined, retired."""
        c = tables.crosswalk.c
        counted = select(c.source, c.state, func.count().label("records")).where(visible(tables.crosswalk))
        return self.table(counted.group_by(c.source, c.state).order_by(c.source, c.state))

    def attributed(self, records: pa.Table, facts: pa.Table) -> pa.Table:
        """Facts with an amount and whom each counts for: source, record_id, ordinal, amount, currency, golden_id.

        Those of the customer records in `records` and those in `facts`, both by key (source, record_id).
        """
        f, c = tables.facts.c, tables.crosswalk.c
        on = (c.source == f.customer_source) & (c.record_id == f.customer_id) & visible(tables.crosswalk)
        query = select(f.source, f.record_id, f.ordinal, f.amount, f.currency, c.golden_id)
        query = query.join_from(tables.facts, tables.crosswalk, on, isouter=True)
        query = query.where(visible(tables.facts), f.amount.is_not(None))
        if len(records) + len(facts) > MANY:
            return self.table(query)
        parts = [
            self.table(query.where(key[0] == source, key[1].in_(some)))  # in this shape SQLite goes by the index
            for key, rows in (((f.customer_source, f.customer_id), records), ((f.source, f.record_id), facts))
            for source in pc.unique(rows["source"]).to_pylist()
            for some in _some(rows.filter(pc.equal(rows["source"], source))["record_id"].to_pylist())
        ]
        if not parts:
            return self.table(query.where(false()))
        whole = pa.concat_tables(parts)
        return whole.group_by(whole.column_names).aggregate([])  # one that is named both ways stands once

    def made_after(self, to: int, version: int) -> pa.Table:
        """What became of golden ids between two publications: golden_id, state, resolves_to, digest at the later."""
        c = tables.golden.c
        query = select(c.golden_id, c.state, c.resolves_to, c.digest)
        return self.table(query.where(visible(tables.golden, version), c.from_version > to).order_by(c.golden_id))

    def stamps(self, name: str) -> pa.Table:
        """Key and digest of each published group of a versioned table; of `golden`, the last state of every id."""
        if name == "golden":
            return self.table(golden.stamps())
        return self.table(versioned.stamps(next(g for g in GROUPS if g.name == name)))

    def first_runs(self, name: str) -> pa.Table:
        """Key and first_run of each row of `quarantine` or `candidates`: since when it waits."""
        of = next(g for g in GROUPS if g.name == name)
        return self.table(_select(of.table, [*of.key, "first_run"]))

    def publish(self, what: publication.Publication, at: publication.Boundary = publication.nowhere) -> None:
        """Make a publication visible in one step. Raises publication.Conflict."""
        publication.write(self.engine, what, at)

    def repair(self) -> bool:
        """Take back a publication that was killed half way; call it only under the lock of a run."""
        return publication.repair(self.engine)


def _pointer() -> Any:
    return select(tables.published.c.version).scalar_subquery()


def _select(table: Table, names: list[str], version: int | None = None) -> Select[Any]:
    return select(*(table.c[name] for name in names)).where(visible(table, version))


SOME = 500
MANY = 20_000
"""Above this many keys it is quicker to read a table whole than key by key."""


def of_ids(base: Base, query: Select[Any], column: Any, ids: list[str] | None) -> pa.Table:
    """The rows of some ids only, asked for a few hundred at a time."""
    if ids is None:
        return base.table(query)
    return pa.concat_tables([base.table(query.where(column.in_(some))) for some in _some(ids)])


def _some(keys: list[Any]) -> list[list[Any]]:
    """A few hundred at a time; one empty list where there are none."""
    return [keys[n : n + SOME] for n in range(0, max(len(keys), 1), SOME)]
