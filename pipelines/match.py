"""Stage 4: which records are one customer. Reads what validate passed, writes pairs and cluster labels."""

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.context import Run, StageResult
from rules import identity
from rules.matching import config, engine
from rules.matching.blocks.table import Appraised, appraise
from rules.matching.engine import Matched
from rules.standardise import phones
from rules.vocabulary import ADDRESSES, FEATURES, FLAGS, POINTS, RECORDS, STANDARD_TABLES

MODEL = "model.json"

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
    con = duckdb.connect()
    try:
        for name, table, schema in (
            ("records", records, RECORDS), ("points", points, POINTS), ("addresses", addresses, ADDRESSES),
            ("flags", flags, FLAGS),
        ):  # fmt: skip
            con.register(name, table if table is not None else schema.empty_table())
        return _found(con, records.column_names)
    finally:
        con.close()


def features_of(run: Run) -> pa.Table:
    """The same from the tables of validate, read from their files column by column and never held whole."""
    con = duckdb.connect()
    try:
        con.execute("set preserve_insertion_order = false")
        for name in ("records", "points", "addresses", "flags"):
            try:
                run.folder.view(con, "validate", name)
            except FileNotFoundError:
                con.register(name, STANDARD_TABLES[name].empty_table())
        return _found(con, con.sql("select * from records limit 0").columns)
    finally:
        con.close()


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


def match(run: Run) -> StageResult:
    """Pairs, labels (cluster and household of each record), the health of each cluster, and the model."""
    found = engine.match(
        features_of(run),
        config=config_of(run),
        model=run.store.model(),
        constraints=_decided(run),
        progress=run.progress,
    )
    _write(run, found)
    clusters = len(pc.unique(found.labels["cluster_id"]))
    return StageResult(
        "match", len(found.labels), clusters, notes=found.notes,
        counts={"pairs": len(found.pairs), "clusters": clusters, "duplicates": len(found.labels) - clusters},
    )  # fmt: skip


def engine_of(run: Run, *, fresh: bool = False, labels: pa.Table | None = None) -> Matched:
    """The matching of a run that is over, once more with its own model, to ask it why; `fresh`: with a new one, which
    learns from `labels`.
    """
    return engine.match(
        features_of(run),
        config=config_of(run),
        model=None if fresh else (run.folder.root / "match" / MODEL).read_text("utf-8"),
        constraints=_decided(run),
        labels=labels,
        binding=False,
    )


def blocking_of(run: Run) -> list[Appraised]:
    """The blocking rules for the records of a run that is over."""
    return appraise(features_of(run), config_of(run))


def config_of(run: Run) -> config.Matching:
    """`rules/matching.yml`; the own numbers and domains of the firm are no evidence. Raises schema.Mistakes."""
    path = run.workspace.rules_file("matching.yml")
    said = config.read(path.read_text("utf-8"), "rules/matching.yml") if path else config.Matching()
    firm = run.workspace.firm
    numbers = tuple(n.canonical for text in firm.own_phones for n in phones.read(text, firm.country) if n.canonical)
    domains = tuple("@" + d.lower().lstrip("@") for d in firm.own_domains)
    own = {"phones": numbers, "mobiles": numbers, "emails": domains}
    return said.model_copy(update={"leave_out": {**{k: v for k, v in own.items() if v}, **said.leave_out}})


def _decided(run: Run) -> pa.Table:
    """What people decided, as it bears on the records that are there."""
    decisions: pa.Table = run.store.decisions()
    if not len(decisions):
        return decisions
    return identity.binding(decisions, run.folder.read("validate", "records", columns=["source", "record_id"]))


def _write(run: Run, found: Matched) -> None:
    for name, table in (
        ("pairs", found.pairs), ("labels", found.labels), ("health", found.health), ("contrary", found.contrary),
        ("blocking", found.blocking_table()), ("left_out", found.left_out_table()),
    ):  # fmt: skip
        run.folder.write("match", name, table)
    path = run.folder.root / "match" / MODEL
    path.write_text(found.model, "utf-8")
