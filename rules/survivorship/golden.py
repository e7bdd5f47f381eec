"""The golden table itself, put together from what survived."""

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules import vocabulary as words
from rules.survivorship.entries import Members
from rules.survivorship.ledger import Ledger
from rules.survivorship.lists import source_names
from rules.survivorship.runs import Floats

FILLED_ELSEWHERE: Final = frozenset(
    {"golden_id", "display_name", "household_id", "records", "sources", "quality", "version", "updated_at"}
)


def golden(ledger: Ledger, households: pa.Table | None, quality: Floats) -> pa.Table:
    """vocabulary.GOLDEN, sorted by golden id; publish fills version and updated_at."""
    people = ledger.members
    size = ledger.size
    columns: dict[str, pa.Array] = {
        "golden_id": people.ids,
        "display_name": display_names(ledger),
        "household_id": _households(people, households),
        "records": pa.array(np.bincount(people.golden, minlength=size), pa.int64()),
        "sources": source_names(people, people.golden, np.arange(len(people.golden))),
        "quality": pa.array(quality),
        "version": pa.nulls(size, pa.int64()),
        "updated_at": pa.nulls(size, pa.string()),
    }
    for field in words.GOLDEN:
        if field.name not in FILLED_ELSEWHERE:
            columns[field.name] = ledger.column(field.name)
    return pa.table([columns[field.name] for field in words.GOLDEN], schema=words.GOLDEN)


def display_names(ledger: Ledger) -> pa.Array:
    """What to call a customer; never empty.

    A person: given name and surname, else the full name, or the half that is known. An organisation: its name with
    its legal form as it stood. Nobody's name known: e-mail, phone, number, or the key of the first record.
    """
    given, surname, full, firm = (ledger.column(n) for n in ("given_name", "surname", "full_name", "organisation_name"))
    both = pc.binary_join_element_wise(given, surname, " ")
    either = pc.coalesce(given, surname)
    person = pc.coalesce(both, full, either)
    is_firm = pc.fill_null(pc.equal(ledger.column("party_type"), "organisation"), False)
    name = pc.if_else(is_firm, pc.coalesce(firm, person), pc.coalesce(person, firm))
    other = [ledger.column(n) for n in ("email", "phone", "customer_no")]
    return pc.coalesce(ledger.column("display_name"), name, *other, _first_keys(ledger.members))


def _first_keys(people: Members) -> pa.Array:
    first = np.flatnonzero(np.diff(people.golden, prepend=-1))
    sources = pc.take(people.sources, pa.array(people.source[first]))
    return pc.binary_join_element_wise(sources, pc.take(people.record_id, pa.array(first)), ":")


def _households(people: Members, households: pa.Table | None) -> pa.Array:
    if households is None or not len(households):
        return pa.nulls(len(people.ids), pa.string())
    at = pc.index_in(people.ids, value_set=households["golden_id"].combine_chunks())
    return pc.take(households["household_id"].combine_chunks(), at)
