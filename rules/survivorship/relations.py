"""Who belongs to whom: contacts of organisations, members of households."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules import vocabulary as words
from rules.survivorship.entries import Members
from rules.survivorship.sql import ask

MOST_IN_HOUSEHOLD = 20
"""A larger household (a care home) is not written pair by pair: `golden.household_id` says it all the same."""


def relations(people: Members, households: pa.Table | None) -> pa.Table:
    """vocabulary.RELATIONS: `golden_id` has `other_golden_id` as its contact, or shares a household with it.

    Contacts come from `contact_of`, the key `SOURCE:ID` of an organisation's record; a household's pairs are
    written once, the lower id first. Sorted.
    """
    contacts, homes = _contacts(people), _households(people, households)
    if not len(contacts) and not len(homes):
        return words.RELATIONS.empty_table()
    found = ask(
            "with big as (select household_id from households group by all having count(*) > $most) "
            "select distinct o.golden_id, 'contact' as relation, c.golden_id as other_golden_id "
            "from contacts c join owners o using (key) where o.golden_id <> c.golden_id "
            "union all select distinct a.golden_id, 'household', b.golden_id from households a join households b "
            "on a.household_id = b.household_id and a.golden_id < b.golden_id "
            "where a.household_id not in (from big) order by all",
        {"most": MOST_IN_HOUSEHOLD}, contacts=contacts, owners=_owners(people), households=homes,
    )  # fmt: skip
    return found.cast(words.RELATIONS)


def _contacts(people: Members) -> pa.Table:
    """Records that are contacts: the key of their organisation, and their own golden id."""
    if "contact_of" not in people.records.column_names:
        return _keyed(pa.array([], pa.string()), pa.array([], pa.string()))
    key = people.column("contact_of")
    named = pa.array(np.flatnonzero(key.is_valid().to_numpy(zero_copy_only=False)))
    return _keyed(key.take(named), people.ids.take(pa.array(people.golden).take(named)))


def _owners(people: Members) -> pa.Table:
    source = people.sources.take(pa.array(people.source))
    key = pc.binary_join_element_wise(source, people.record_id, ":")
    return _keyed(key, people.ids.take(pa.array(people.golden)))


def _keyed(key: pa.Array, golden_id: pa.Array) -> pa.Table:
    return pa.table({"key": key, "golden_id": golden_id})


def _households(people: Members, households: pa.Table | None) -> pa.Table:
    """Households of the golden records at hand."""
    if households is None:
        empty = pa.array([], pa.string())
        return pa.table({"household_id": empty, "golden_id": empty})
    rows = households.select(["household_id", "golden_id"])
    known = pc.is_in(rows["golden_id"], value_set=people.ids)
    return rows.filter(pc.and_(known, pc.is_valid(rows["household_id"])))
