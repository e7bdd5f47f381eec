"""Which pairs and clusters of a run may be in the review queue: of millions, the few that it is made of."""

from typing import Final

import duckdb
import pyarrow as pa

from pipelines.context import Run
from rules.matching.config import Thresholds
from rules.vocabulary import KEY, PAIRS


def pairs(con: duckdb.DuckDBPyConnection, run: Run, sure: Thresholds, said: pa.Table) -> pa.Table:
    """The pairs (schema PAIRS) that may be candidates, or say whether another is. `con` has `labels`.

    Those between two clusters that are alike, those within one that are not, those that hold a record in its cluster by
    weak evidence with whatever else holds it there, and those of which somebody speaks (`said`, schema SAID).
    """
    if not run.folder.parts("match", "pairs"):
        return PAIRS.empty_table()
    run.folder.view(con, "match", "pairs")
    con.register("said", said)
    con.execute(_NEAR, {"review": sure.review, "told": bool(said.num_rows)})
    found = con.sql(_ASKED, params={"merge": sure.merge, "review": sure.review})
    return found.to_arrow_table().cast(PAIRS)


def clusters(
    con: duckdb.DuckDBPyConnection, pairs: pa.Table, decisions: pa.Table, doubts: pa.Table, said: pa.Table
) -> pa.Table:
    """All records (source, record_id, cluster_id) of the clusters of these pairs, and of the records named besides."""
    for name, data in (("asked", pairs), ("decisions", decisions), ("doubts", doubts), ("said", said)):
        con.register(name, data)
    return con.sql(_CLUSTERS).to_arrow_table().cast(pa.schema([*KEY, ("cluster_id", pa.int64())]))


_COLUMNS: Final = "left_source, left_id, right_source, right_id, match_weight, match_probability, relation"

_NEAR: Final = f"""
    create temp table near as
    with named as (select "left" as key from said union select "right" from said),
    placed as (
        select {_COLUMNS}, l.cluster_id = r.cluster_id as within,
            $told and left_source || ':' || left_id in (from named)
                and right_source || ':' || right_id in (from named) as told
        from pairs join labels l on (l.source, l.record_id) = (left_source, left_id)
            join labels r on (r.source, r.record_id) = (right_source, right_id)
        where $told or match_probability >= $review or relation not in ('same', 'moved'))
    from placed where told or match_probability >= $review or (within and relation not in ('same', 'moved'))"""  # noqa: S608 - our own names

_ASKED: Final = f"""
    with weak as (from near where within and match_probability >= $review and match_probability < $merge),
    held as (
        select left_source as source, left_id as record_id from weak
        union select right_source, right_id from weak)
    select {_COLUMNS} from near
    where told or not within or match_probability < $review
        or (left_source, left_id) in (from held) or (right_source, right_id) in (from held)"""  # noqa: S608 - our own names

_CLUSTERS: Final = """
    with named as (
        select left_source as source, left_id as record_id from asked
        union select right_source, right_id from asked
        union select left_source, left_id from decisions union select right_source, right_id from decisions
        union select source, record_id from doubts),
    groups as (
        select cluster_id from labels semi join named using (source, record_id)
        union select cluster_id from labels where source || ':' || record_id in (
            select "left" from said union select "right" from said))
    select source, record_id, cluster_id from labels semi join groups using (cluster_id)"""
