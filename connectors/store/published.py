"""Reading what is published. Every method sees one whole publication; `version` asks for an earlier one."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Select, Table, case, false, func, select, true

from connectors.store import golden, publication, tables, versioned
from connectors.store.base import Base
from connectors.store.keyed import MANY, among, of_ids, of_keys
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

    def past_households(self, ids: list[str] | None = None) -> pa.Table:
        """The last household of every customer there ever was: household_id, golden_id, and whether it is in it now.

        `ids`: of these customers only.
        """
        table = tables.households
        c, other = table.c, table.alias().c
        last = select(func.max(other.from_version)).where(other.golden_id == c.golden_id)
        newest = last.where(other.from_version <= _pointer()).scalar_subquery()
        active = case((visible(table), true()), else_=false()).label("active")
        query = select(c.household_id, c.golden_id, active).where(c.from_version == newest).order_by(c.golden_id)
        return _chosen(self, query, c.golden_id, ids)

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

    def known_ids(self, ids: list[str] | None = None) -> pa.Table:
        """Every golden id there ever was: golden_id, born (order of first publication), alive; `ids`: of these only."""
        c = tables.golden.c
        first = select(c.golden_id, func.min(c.cursor).label("born")).group_by(c.golden_id)
        born = _chosen(self, first, c.golden_id, ids)
        born = born.cast(pa.schema([("golden_id", pa.string()), ("born", pa.int64())]))
        current = select(c.golden_id).where(visible(tables.golden), c.state == "current")
        now = _chosen(self, current, c.golden_id, ids)
        return born.append_column("alive", pc.is_in(born["golden_id"], value_set=now["golden_id"]))

    def used(self, ids: pa.Array) -> pa.Array:
        """Which of these were ever the id of a customer or a household, or are a firm's own that may come into use."""
        columns = (tables.golden.c.golden_id, tables.households.c.household_id)
        found = [_chosen(self, select(c).distinct(), c, ids.to_pylist()).column(0) for c in columns]
        found.append(self.table(select(tables.adopted.c.golden_id).distinct()).column(0))
        return pc.is_in(ids, value_set=pa.chunked_array([k for column in found for k in column.chunks], pa.string()))

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
        named = (((f.customer_source, f.customer_id), records), ((f.source, f.record_id), facts))
        parts = [of_keys(self, query, key, rows) for key, rows in named if len(rows)]
        if not parts:
            return self.table(query.where(false()))
        whole = pa.concat_tables(parts)
        return whole.group_by(whole.column_names).aggregate([])  # one that is named both ways stands once

    def made_after(self, to: int, version: int) -> pa.Table:
        """What became of golden ids between two publications: golden_id, state, resolves_to, digest at the later."""
        c = tables.golden.c
        query = select(c.golden_id, c.state, c.resolves_to, c.digest)
        return self.table(query.where(visible(tables.golden, version), c.from_version > to).order_by(c.golden_id))

    def stamps(self, name: str, keys: pa.Table | None = None) -> pa.Table:
        """Key and digest of each published group of a versioned table; of `golden`, the last state of every id.

        `keys`: only of these groups (columns: the key).
        """
        if name == "golden":
            return self._among(golden.stamps(), tables.golden, ("golden_id",), keys)
        of = next(g for g in GROUPS if g.name == name)
        return self._among(versioned.stamps(of), of.table, of.key, keys)

    def first_runs(self, name: str, keys: pa.Table | None = None) -> pa.Table:
        """Key and first_run of each row of `quarantine` or `candidates`: since when it waits. `keys`: only of these."""
        of = next(g for g in GROUPS if g.name == name)
        return self._among(_select(of.table, [*of.key, "first_run"]), of.table, of.key, keys)

    def _among(self, query: Select[Any], table: Table, key: tuple[str, ...], keys: pa.Table | None) -> pa.Table:
        if keys is None:
            return self.table(query)
        return among(of_keys(self, query, [table.c[name] for name in key], keys), keys)

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


def _chosen(base: Base, query: Select[Any], column: Any, ids: list[str] | None) -> pa.Table:
    """The rows of some ids only; None: all."""
    if ids is None or len(ids) <= MANY:
        return of_ids(base, query, column, ids)
    rows = base.table(query)
    return rows.filter(pc.is_in(rows[column.name], value_set=pa.array(ids, pa.string())))
