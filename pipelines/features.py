"""What matching compares of each record (vocabulary.FEATURES), out of the tables of validate.

A run keeps the features of its records; the next one works out those of the records that changed, and takes over the
others.
"""

from dataclasses import dataclass
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from connectors.store.runs import RunFolder
from pipelines import touched
from pipelines.context import Run
from rules import duck
from rules.matching.again.before import key
from rules.vocabulary import ADDRESSES, FEATURES, FLAGS, POINTS, RECORDS, STANDARD_TABLES

STAGE: Final = "match"
KEYED: Final = (("source", "record_id"),)
"""The columns by which tables of all sources are amended."""
MOST: Final = 0.3
"""Where more records than this share changed, all are worked out: that is quicker."""

FEATURES_SQL = r"""
with doubt as (
    select distinct source, record_id, field, rule from flags where flag = 'suspect' and "table" = 'records'
),
doubted_point as (select distinct source, record_id, position from flags where flag = 'suspect' and "table" = 'points'),
point as (
    select source, record_id, kind, type, position,
           coalesce(canonical, case when kind = 'phone' and length(regexp_replace(value, '\D', '', 'g')) >= 6
                                    then regexp_replace(value, '\D', '', 'g') end) as canonical
    from points anti join doubted_point using (source, record_id, position)
),
reached as (
    select source, record_id,
           list(canonical order by position) filter (kind = 'email') as emails,
           list(canonical order by position) filter (kind = 'phone' and type = 'mobile') as mobiles,
           list(canonical order by position)
               filter (kind = 'phone' and coalesce(type, 'other') not in ('mobile', 'fax')) as phones
    from point where canonical is not null group by source, record_id
),
address as (
    select * from addresses
    qualify row_number() over (
        partition by source, record_id
        order by street_norm is null,
                 case type when 'home' then 0 when 'billing' then 1 when 'work' then 2 else 3 end, position
    ) = 1
),
doubts as (
    select source, record_id,
           bool_or(field = 'birth_date' and rule not in ('date_heaped', 'date_implausible')) as birth_date,
           bool_or(field = 'birth_date' and rule = 'date_heaped') as heaped, bool_or(field = 'tax_id') as tax_id,
           bool_or(field = 'national_id') as national_id
    from doubt group by source, record_id
)
select r.source, r.record_id, r.party_type,
       r.given_latin as given_name, r.middle_latin as middle_name, r.surname_latin as surname,
       r.birth_name_latin as birth_name, r.name_latin as name,
       coalesce(r.org_core, case when r.party_type = 'organisation' then r.name_latin end) as organisation,
       case when coalesce(d.birth_date, false) then null
            when coalesce(d.heaped, false) then left(r.birth_date, 4) else r.birth_date end as birth_date, r.gender,
       case when not coalesce(d.tax_id, false) then coalesce(r.tax_id_scheme || ':', '') || r.tax_id_norm end as tax_id,
       case when not coalesce(d.national_id, false) then r.national_id_norm end as national_id,
       r.customer_no, p.emails, p.mobiles, p.phones,
       a.street_norm as street, a.house_norm as house_number, a.unit_norm as unit, a.postcode_norm as postcode,
       a.city_norm as city, a.region_norm as region, a.country, a.address_key
       {text}
from records r
left join reached p using (source, record_id)
left join address a using (source, record_id)
left join doubts d using (source, record_id)
order by r.source, r.record_id
"""


def features(records: pa.Table, points: pa.Table, addresses: pa.Table, flags: pa.Table | None = None) -> pa.Table:
    """vocabulary.FEATURES and the `text.NAME` columns of standard records; `flags`: suspect values are left out."""
    with duck.session() as con:
        for name, table, schema in (
            ("records", records, RECORDS), ("points", points, POINTS), ("addresses", addresses, ADDRESSES),
            ("flags", flags, FLAGS),
        ):  # fmt: skip
            con.register(name, table if table is not None else schema.empty_table())
        return _found(con, records.column_names)


def features_of(run: Run, wanted: pa.Table | None = None) -> pa.Table:
    """The same from the tables of validate, read from their files column by column and never held whole.

    `wanted`: keys of the records that are asked for; None: all.
    """
    # A database of its own: the order of rows is given up for all of a database.
    with duckdb.connect(config={"preserve_insertion_order": False}) as con:
        if wanted is not None:
            con.register("wanted", wanted)
        for name in ("records", "points", "addresses", "flags"):
            try:
                run.folder.view(con, "validate", name, f"all_{name}")
            except FileNotFoundError:
                con.register(f"all_{name}", STANDARD_TABLES[name].empty_table())
            some = "" if wanted is None else " semi join wanted using (source, record_id)"
            con.execute(f"create temp view {name} as from all_{name}{some}")
        return _found(con, con.sql("select * from records limit 0").columns)


def _found(con: duckdb.DuckDBPyConnection, columns: list[str]) -> pa.Table:
    """FEATURES_SQL over tables or views of this connection; `columns`: those of its records."""
    text = sorted(c for c in columns if c.startswith("text."))
    extra = "".join(f', r."{c}"' for c in (t.replace('"', '""') for t in text))
    found = con.sql(FEATURES_SQL.format(text=extra)).to_arrow_table()
    schema = pa.schema([*FEATURES, *(pa.field(t, pa.string()) for t in text)])
    return pa.table([_filled(found[f.name].cast(f.type), f) for f in schema], schema=schema)


def _filled(column: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray:
    """Record keys are never null; everything else may be."""
    if not field.nullable and column.null_count:
        raise ValueError(f"{column.null_count} records have no {field.name}")
    return column


@dataclass(frozen=True)
class Kept:
    """The features of this run's records, and what is other than in an earlier run."""

    features: pa.Table
    changed: pa.Table
    """Keys of the records that are new, other or gone."""
    earlier: pa.Table
    """Features of these as they were."""


def whole(run: Run) -> pa.Table:
    """The features of all records, worked out and kept."""
    found = features_of(run)
    run.folder.write(STAGE, "features", found)
    return found


def amended(run: Run, before: RunFolder) -> Kept | None:
    """The features of an earlier run with those of the records that changed since; None where too many did."""
    part = before.parts(STAGE, "features")["all"]
    keys = touched.records(run.folder, before)
    if len(keys) > MOST * max(part.count, 1):
        return None
    new, was = features_of(run, keys), part.read()
    old = _of(was, keys)
    changed = _differing(new, old)
    new, old = _of(new, changed), _of(old, changed)
    run.folder.amend(STAGE, "features", new, changed, part, by=KEYED)
    return Kept(pa.concat_tables([_of(was, changed, there=False), new], promote_options="permissive"), changed, old)


def _of(table: pa.Table, keys: pa.Table, *, there: bool = True) -> pa.Table:
    """The rows of some records, or those of all others."""
    found = pc.is_in(key(table["source"], table["record_id"]), value_set=key(keys["source"], keys["record_id"]))
    return table.filter(found if there else pc.invert(found))


def _differing(new: pa.Table, old: pa.Table) -> pa.Table:
    """Keys of the records of which the features are other, or that have none any more."""
    columns = pa.unify_schemas([new.schema, old.schema]).empty_table()
    new, old = (pa.concat_tables([columns, t], promote_options="permissive") for t in (new, old))
    return duck.ask(
        """
        select distinct source, record_id from (
            select source, record_id from (from new except from old)
            union all select source, record_id from (from old except from new))""",
        new=new, old=old,
    )  # fmt: skip
