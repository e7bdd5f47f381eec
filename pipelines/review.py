"""What people are asked: the review queue of a run."""

import duckdb
import pyarrow as pa

from connectors.store.runs import RunFolder
from pipelines import doubtful, upstream
from pipelines.context import Run
from rules import duck, identity
from rules.identity.candidates import BILLED, DOUBTS
from rules.identity.contradicted import MARKS, contradicted
from rules.matching import config
from rules.vocabulary import CANDIDATES, KEY


def queue(con: duckdb.DuckDBPyConnection, run: Run, brought: pa.Table) -> pa.Table:
    """Schema CANDIDATES: decisions that the data contradict, then doubts, the most valuable first.

    `con` has `labels`. `brought`: records with a golden id of the firm's own (schema BROUGHT of
    rules.identity.upstream).
    """
    decisions, doubts, said, sure = run.store.decisions(), _doubts(run), upstream.said(run, brought), _thresholds(run)
    pairs = doubtful.pairs(con, run, sure, said)
    clusters = doubtful.clusters(con, pairs, decisions, doubts, said)
    found = identity.candidates(
        pairs, clusters, decisions, merge=sure.merge, review=sure.review, billed=billed(run, _keys(clusters, doubts)),
        doubts=doubts, said=said,
    )  # fmt: skip
    return pa.concat_tables([_contradicted(con, run, decisions), found])


def _thresholds(run: Run) -> config.Thresholds:
    own = run.workspace.rules_file("matching.yml")
    return config.read(own.read_text("utf-8"), "rules/matching.yml").thresholds if own else config.Thresholds()


def billed(run: Run, records: pa.Table | None = None) -> pa.Table:
    """What was billed to each record, whatever the currency: only the order of magnitude counts.

    `records`: source and record_id of those in question; None: all.
    """
    if not run.folder.parts("validate", "facts"):
        return BILLED.empty_table()
    some = "" if records is None else "and (customer_source, customer_id) in (select source, record_id from records)"
    with duck.session() as con:
        run.folder.view(con, "validate", "facts")
        con.register("records", pa.schema(KEY).empty_table() if records is None else records)
        found = con.sql(f"""
            select customer_source as source, customer_id as record_id, sum(abs(try_cast(amount as double))) as amount
            from facts where customer_source is not null and customer_id is not null {some}
            group by all having amount is not null order by all""")  # noqa: S608 - our own words
        return found.to_arrow_table().cast(BILLED)


def _keys(clusters: pa.Table, doubts: pa.Table) -> pa.Table:
    """The records of clusters, and those that are gone and may be one of them."""
    gone = doubts.select(["source", "earlier"]).rename_columns(["source", "record_id"])
    return pa.concat_tables([rows.select(["source", "record_id"]).cast(pa.schema(KEY)) for rows in (clusters, gone)])


def _doubts(run: Run) -> pa.Table:
    """Rows without ids that may be earlier records, of all sources."""
    parts = {name: run.folder.read("land", "key_doubts", name) for name in run.folder.parts("land", "key_doubts")}
    named = [part.add_column(0, "source", pa.repeat(name, len(part))) for name, part in parts.items()]
    return pa.concat_tables(named).cast(DOUBTS) if named else DOUBTS.empty_table()


def _contradicted(con: duckdb.DuckDBPyConnection, run: Run, decisions: pa.Table) -> pa.Table:
    if not decisions.num_rows:
        return CANDIDATES.empty_table()
    now, before = (_marks(folder, decisions) for folder in (run.folder, run.before))
    con.register("decisions", decisions)
    mine = con.sql(f"select l.* from labels l where (source, record_id) in ({_NAMED})").to_arrow_table()  # noqa: S608 - our own words
    return contradicted(decisions, now, before, mine, run.store.candidates().select(["kind", "reason"]))


_NAMED = "select left_source, left_id from decisions union select right_source, right_id from decisions"


def _marks(folder: RunFolder | None, decisions: pa.Table) -> pa.Table:
    """Schema MARKS of the records that decisions name, and of those that stand under their ids now."""
    if folder is None or not folder.parts("validate", "records"):
        return MARKS.empty_table()
    with duck.session() as con:
        con.register("decisions", decisions)
        folder.view(con, "validate", "records")
        found = con.sql(rf"""
            select source, record_id, tax_id_norm as tax_id, tax_id_scheme, national_id_norm as national_id, birth_date
            from records where (source, record_id) in ({_NAMED})
                or (source, regexp_replace(record_id, '@\d+$', '')) in ({_NAMED})""").to_arrow_table()  # noqa: S608 - likewise
    return found.cast(MARKS)
