"""By what stewards filter and search the review queue: both records of each candidate, looked up once a run."""

from typing import Final

import pyarrow as pa

from pipelines.context import Run
from rules import duck, search
from rules.vocabulary import QUEUE, STANDARD_TABLES

RECORDS: Final = (
    "full_name", "given_name", "surname", "birth_name", "organisation_name", "name_latin", "birth_date", "tax_id",
    "tax_id_norm", "national_id", "customer_no", "iban_norm",
)  # fmt: skip
POINTS: Final = ("value", "canonical")
ADDRESSES: Final = ("full", "street", "house_number", "postcode", "city", "street_norm", "city_norm")


def with_facets(run: Run, queue: pa.Table) -> pa.Table:
    """Schema QUEUE of a queue of schema CANDIDATES."""
    with duck.session() as con:
        con.register("queue", queue)
        con.register("places", _places(run))
        con.execute(_ENDS)
        for name, schema in STANDARD_TABLES.items():
            if run.folder.parts("validate", name):
                run.folder.view(con, "validate", name)
            else:
                con.register(name, schema.empty_table())
        con.execute(_WORDS)
        return con.sql(_FACETS).to_arrow_table().cast(QUEUE)


def _places(run: Run) -> pa.Table:
    """Country, language and department of each source, for records that do not say."""
    rows = [
        {"source": name, "country": s.country, "language": s.language, "department": s.department}
        for name, s in run.workspace.sources.items()
    ]
    texts = pa.schema([(n, pa.string()) for n in ("source", "country", "language", "department")])
    return pa.Table.from_pylist(rows, texts)


def _joined(columns: tuple[str, ...]) -> str:
    quoted = ", ".join(f'"{name}"' for name in columns)
    return f"concat_ws(' ', {quoted})"


_ENDS: Final = """
    create temp table ends as
    select distinct key, split_part(key, ':', 1) as source, substr(key, strpos(key, ':') + 1) as record_id
    from (select unnest(["left", "right"]) as key from queue)"""

_WORDS: Final = f"""
    create temp table words as
    with point as (
        select source, record_id, string_agg({_joined(POINTS)}, ' ' order by position) as said
        from points semi join ends using (source, record_id) group by all),
    place as (
        select source, record_id, any_value(country order by position) as country,
            string_agg({_joined(ADDRESSES)}, ' ' order by position) as said
        from addresses semi join ends using (source, record_id) group by all)
    select e.key, e.source, coalesce(r.department, s.department) as department,
        coalesce(r.language, s.language) as language, coalesce(a.country, s.country) as country,
        concat_ws(' ', e.key, {", ".join(f"r.{name}" for name in RECORDS)}, p.said, a.said) as said
    from ends e left join records r using (source, record_id) left join point p using (source, record_id)
        left join place a using (source, record_id) left join places s using (source)"""  # noqa: S608 - our own names


def _list(*columns: str) -> str:
    """Both records' values of a column (of several, a slash between), each once, between bars; null where neither has
    one.
    """
    left, right = (" || '/' || ".join(f"{side}.{column}" for column in columns) for side in "lr")
    both = f"list_sort(list_distinct([{left}, {right}]))"
    return f"case when len({both}) > 0 then '|' || array_to_string({both}, '|') || '|' end"


_FACETS: Final = f"""
    select q.* exclude (place), {_list("source")} as sources, {_list("department")} as departments,
        {_list("language")} as languages, {_list("country")} as countries, {_list("department", "country")} as places,
        {search.sql("concat_ws(' ', l.said, r.said)")} as text, abs(match_probability - 0.5) as margin
    from (select *, row_number() over () as place from queue) q
        left join words l on l.key = q."left" left join words r on r.key = q."right"
    order by place"""  # noqa: S608 - our own names
