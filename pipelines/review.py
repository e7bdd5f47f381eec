"""What people are asked: the review queue of a run."""

import duckdb
import pyarrow as pa

from connectors.store.runs import RunFolder
from pipelines import upstream
from pipelines.context import Run
from rules import identity
from rules.identity.candidates import BILLED, DOUBTS
from rules.identity.contradicted import MARKS, contradicted
from rules.matching import config
from rules.vocabulary import CANDIDATES, PAIRS


def queue(run: Run, labels: pa.Table, brought: pa.Table) -> pa.Table:
    """Schema CANDIDATES: decisions that the data contradict, then doubts, the most valuable first.

    `brought`: records with a golden id of the firm's own (schema BROUGHT of rules.identity.upstream).
    """
    decisions = run.store.decisions()
    matched = bool(run.folder.parts("match", "pairs"))
    pairs = run.folder.read("match", "pairs", columns=PAIRS.names) if matched else PAIRS.empty_table()
    sure = _thresholds(run)
    doubts = identity.candidates(
        pairs, labels, decisions, merge=sure.merge, review=sure.review, billed=billed(run), doubts=_doubts(run),
        said=upstream.said(run, brought),
    )  # fmt: skip
    return pa.concat_tables([_contradicted(run, decisions, labels), doubts])


def _thresholds(run: Run) -> config.Thresholds:
    own = run.workspace.rules_file("matching.yml")
    return config.read(own.read_text("utf-8"), "rules/matching.yml").thresholds if own else config.Thresholds()


def billed(run: Run) -> pa.Table:
    """What was billed to each record, whatever the currency: only the order of magnitude counts."""
    if not run.folder.parts("validate", "facts"):
        return BILLED.empty_table()
    con = duckdb.connect()
    con.register("facts", run.folder.read("validate", "facts", columns=["customer_source", "customer_id", "amount"]))
    found = con.sql("""
        select customer_source as source, customer_id as record_id, sum(abs(try_cast(amount as double))) as amount
        from facts where customer_source is not null and customer_id is not null group by all having amount is not null
        order by all""").to_arrow_table()
    con.close()
    return found.cast(BILLED)


def _doubts(run: Run) -> pa.Table:
    """Rows without ids that may be earlier records, of all sources."""
    parts = {name: run.folder.read("land", "key_doubts", name) for name in run.folder.parts("land", "key_doubts")}
    named = [part.add_column(0, "source", pa.repeat(name, len(part))) for name, part in parts.items()]
    return pa.concat_tables(named).cast(DOUBTS) if named else DOUBTS.empty_table()


def _contradicted(run: Run, decisions: pa.Table, labels: pa.Table) -> pa.Table:
    if not decisions.num_rows:
        return CANDIDATES.empty_table()
    now, before = (_marks(folder, decisions) for folder in (run.folder, run.before))
    con = duckdb.connect()
    con.register("labels", labels)
    con.register("decisions", decisions)
    mine = con.sql(f"select l.* from labels l where (source, record_id) in ({_NAMED})").to_arrow_table()  # noqa: S608 - our own words
    con.close()
    return contradicted(decisions, now, before, mine, run.store.candidates().select(["kind", "reason"]))


_NAMED = "select left_source, left_id from decisions union select right_source, right_id from decisions"


def _marks(folder: RunFolder | None, decisions: pa.Table) -> pa.Table:
    """Schema MARKS of the records that decisions name, and of those that stand under their ids now."""
    if folder is None or not folder.parts("validate", "records"):
        return MARKS.empty_table()
    con = duckdb.connect()
    con.register("decisions", decisions)
    folder.view(con, "validate", "records")
    found = con.sql(rf"""
        select source, record_id, tax_id_norm as tax_id, tax_id_scheme, national_id_norm as national_id, birth_date
        from records where (source, record_id) in ({_NAMED})
            or (source, regexp_replace(record_id, '@\d+$', '')) in ({_NAMED})""").to_arrow_table()  # noqa: S608 - likewise
    con.close()
    return found.cast(MARKS)
