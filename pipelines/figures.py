"""The figures that gates judge (rules/gates.py): what a run would publish, held against what is published."""

import json
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from connectors.store.proposal import Compared, Proposed
from pipelines.context import Run
from rules import duck
from rules.gates import Cluster, Figures, Gates, Money, Quarantined, Rate, TakenBack
from rules.vocabulary import Severity


def figures(run: Run, new: Proposed, found: Compared, limits: Gates) -> Figures:
    """What the gates that compare judge. On a first publication there is only the size of clusters."""
    clusters = _clusters(run, new, limits)
    if not new.base:
        return Figures(0, clusters=clusters)
    seen = _undecided(new.events)
    return Figures(
        customers=found.customers,
        merged=seen.get("merged", 0),
        split=seen.get("split", 0),
        retired=seen.get("retired", 0),
        clusters=clusters,
        quarantine=_quarantine(run, new),
        rates=_rates(run, new),
        money=_money(run, new, found) if new.facts.num_rows and limits.invoices is not None else (),
        taken_back=_taken_back(run, found),
    )


def _undecided(events: pa.Table) -> dict[str, int]:
    """Events by kind, without those that people decided."""
    own = events.filter(pc.not_equal(events["cause"], "decision"))["event"]
    return {row["values"]: row["counts"] for row in pc.value_counts(own).to_pylist()}


def _ask(sql: str, **tables: pa.Table) -> list[tuple[Any, ...]]:
    with duck.session() as con:
        for name, table in tables.items():
            con.register(name, table)
        return con.sql(sql).fetchall()


def _clusters(run: Run, new: Proposed, limits: Gates) -> tuple[Cluster, ...]:
    """Customers of more records than the limit."""
    if limits.cluster is None:
        return ()
    large = _ask(
        f"""select golden_id, count(*) as records from crosswalk where state = 'active' group by 1
        having records > {limits.cluster:d} order by 2 desc, 1""",  # noqa: S608 - a number
        crosswalk=new.crosswalk,
    )
    published = run.store.golden(ids=[golden_id for golden_id, _ in large]).select(["golden_id", "records"])
    before = {row["golden_id"]: row["records"] for row in published.to_pylist()}
    return tuple(Cluster(golden_id, records, before.get(golden_id, 0)) for golden_id, records in large)


def _quarantine(run: Run, new: Proposed) -> tuple[Quarantined, ...]:
    """Sources that were published before."""
    rows = _ask(
        """with now as (
            select source, count(*) filter (state <> 'retired') as records,
                count(*) filter (state = 'quarantined') as quarantined
            from crosswalk group by 1),
        was as (
            select source, coalesce(sum(records) filter (state = 'quarantined'), 0) as quarantined
            from states group by 1)
        select source, now.records, was.quarantined::int, now.quarantined from now join was using (source) order by 1
        """,
        crosswalk=new.crosswalk,
        states=_states(run, new),
    )
    return tuple(Quarantined(*row) for row in rows)


def _states(run: Run, new: Proposed) -> pa.Table:
    """How many records of each source are published in which state; where the run before tells, it is asked."""
    if new.scope is None or run.before is None:
        return run.store.states()
    with duck.session() as con:
        run.before.view(con, "identify", "crosswalk")
        return con.sql("select source, state, count(*) as records from crosswalk group by all").to_arrow_table()


def _rates(run: Run, new: Proposed) -> tuple[Rate, ...]:
    """Critical expectations that were checked at the last publication and now, the one that fell most first."""
    rows = _ask(
        f"""with seen as (
            select n.source, n.message, w.checked as checked_before, w.failed as failed_before, n.checked, n.failed
            from now n join was w on (n.source, n."table", n.suite, n.rule) = (w.source, w."table", w.suite, w.rule)
                and n.field is not distinct from w.field
            where n.severity = '{Severity.CRITICAL}' and n.checked > 0 and w.checked > 0
                and not coalesce(n.errored, false) and not coalesce(w.errored, false))
        select * from seen order by failed / checked - failed_before / checked_before desc, source, message""",  # noqa: S608 - our own word
        now=new.results,
        was=run.store.results(),
    )
    return tuple(Rate(*row) for row in rows)


NAMED: Final = 3
"""Facts that are named, the largest amounts."""

# Facts by key and currency; a key that stands twice is one fact.
_MONEY: Final = f"""
    with was as (
        select source, record_id, currency, sum(try_cast(amount as decimal(28, 4))) as amount,
            min(golden_id) as customer
        from published group by all),
    now as (
        select f.source, f.record_id, f.currency, sum(try_cast(f.amount as decimal(28, 4))) as amount,
            min(c.golden_id) as customer
        from (select * from facts semi join was using (source, record_id)) f
            left join crosswalk c on (c.source, c.record_id) = (f.customer_source, f.customer_id)
        where f.amount is not null group by all),
    lives as (select golden_id from golden),
    lived as (
        select golden_id from lives
            where golden_id not in (select golden_id from events where event in ('created', 'split', 'returned'))
        union select other_golden_id from events where event = 'merged'
        union select golden_id from events where event = 'retired'),
    kept as (
        select w.source || ':' || w.record_id as key, coalesce(w.currency, '') as currency, abs(w.amount) as amount,
            n.customer is null or n.customer not in (select golden_id from lives) as lost,
            n.customer <> w.customer and not exists (
                select 1 from events e where e.event in ('merged', 'split')
                    and (e.golden_id, e.other_golden_id) = (n.customer, w.customer)) as moved
        from was w join now n on (w.source, w.record_id) = (n.source, n.record_id)
            and w.currency is not distinct from n.currency and w.amount = n.amount
        where w.customer in (select golden_id from lived) and w.amount <> 0),
    total as (
        select coalesce(currency, '') as currency, sum(abs(try_cast(amount as decimal(28, 4)))) as amount
        from facts group by 1 having amount > 0)
    select currency, any_value(t.amount)::double, coalesce(sum(k.amount) filter (lost), 0)::double,
        coalesce(sum(k.amount) filter (moved and not lost), 0)::double, count(*) filter (lost or moved),
        (list(key order by k.amount desc, key) filter (lost or moved))[:{NAMED}]
    from total t left join kept k using (currency) group by 1 order by 1"""  # noqa: S608 - our own number


def _money(run: Run, new: Proposed, found: Compared) -> tuple[Money, ...]:
    """Amounts by currency, and which of those that are as they were published count elsewhere now.

    Only facts whose customer's record, or who themselves, are not as published can: the others are not looked at.
    """
    changed = found.publication.groups
    rows = _ask(
        _MONEY,
        published=run.store.attributed(changed["crosswalk"].closed, changed["facts"].closed),
        facts=new.facts.select(["source", "record_id", "customer_source", "customer_id", "amount", "currency"]),
        crosswalk=new.crosswalk,
        golden=pa.table({"golden_id": found.ids}),
        events=new.events,
    )
    return tuple(
        Money(currency, total, lost, moved, facts, tuple(named or ()))
        for currency, total, lost, moved, facts, named in rows
    )


def _taken_back(run: Run, found: Compared) -> TakenBack | None:
    """What the publication in force took back, where it is a rollback, and what of it this run would do again."""
    last = run.store.last_published()
    summary = next((row["summary"] for row in run.store.runs().to_pylist() if row["run_id"] == last), None)
    told = json.loads(summary or "{}").get("rolled_back")
    if not told:
        return None
    made = run.store.made_after(told["to"], run.store.version() - 1)
    ((again,),) = _ask(
        """select count(*) from made m where exists (
            select 1 from opened o where o.state = m.state and o.digest is not distinct from m.digest
                and o.resolves_to is not distinct from m.resolves_to
                and (o.golden_id = m.golden_id or m.state = 'current'))""",
        made=made,
        opened=found.publication.golden.opened.select(["golden_id", "state", "resolves_to", "digest"]),
    )
    return TakenBack(told["runs"][-1], made.num_rows, again)
