"""Who belongs to whom: contacts of organisations, members of households."""

import pyarrow as pa
import pyarrow.compute as pc

from rules import vocabulary as words
from rules.duck import ask

MOST_IN_HOUSEHOLD = 20
"""A larger household (a care home) is not written pair by pair: `golden.household_id` says it all the same."""

_NOBODY = pa.table({"household_id": pa.array([], pa.string()), "golden_id": pa.array([], pa.string())})


def relations(records: pa.Table, clusters: pa.Table, households: pa.Table | None) -> pa.Table:
    """vocabulary.RELATIONS: `golden_id` has `other_golden_id` as its contact, or shares a household with it.

    `records`: source, record_id and `contact_of`, the key `SOURCE:ID` of an organisation's record (those without one
    may be left out); `clusters`: source, record_id, golden_id of all records. A household's pairs are written once,
    the lower id first. Sorted.
    """
    contacts, homes = _contacts(records), _households(clusters, households)
    if not len(contacts) and not len(homes):
        return words.RELATIONS.empty_table()
    found = ask(
            "with big as (select household_id from households group by all having count(*) > $most), "
            "owners as (select source || ':' || record_id as key, golden_id from named where golden_id <> '') "
            "select distinct o.golden_id, 'contact' as relation, n.golden_id as other_golden_id "
            "from contacts c join named n using (source, record_id) join owners o on o.key = c.contact_of "
            "where o.golden_id <> n.golden_id and n.golden_id <> '' "
            "union all select distinct a.golden_id, 'household', b.golden_id from households a join households b "
            "on a.household_id = b.household_id and a.golden_id < b.golden_id "
            "where a.household_id not in (from big) order by all",
        {"most": MOST_IN_HOUSEHOLD}, contacts=contacts, households=homes,
        named=clusters.select(["source", "record_id", "golden_id"]),
    )  # fmt: skip
    return found.cast(words.RELATIONS)


def _contacts(records: pa.Table) -> pa.Table:
    """Records that are contacts, with the key of their organisation."""
    if "contact_of" not in records.column_names:
        return pa.table({name: pa.array([], pa.string()) for name in ("source", "record_id", "contact_of")})
    named = records.select(["source", "record_id", "contact_of"])
    return named.filter(pc.is_valid(named["contact_of"]))


def _households(clusters: pa.Table, households: pa.Table | None) -> pa.Table:
    """Households of the golden records at hand."""
    if households is None:
        return _NOBODY
    rows = households.select(["household_id", "golden_id"])
    known = pc.is_in(rows["golden_id"], value_set=pc.unique(clusters["golden_id"]))
    return rows.filter(pc.and_(known, pc.is_valid(rows["household_id"])))
