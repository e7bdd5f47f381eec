"""What kind of customer a row is, and its organisation's name."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from rules import vocabulary as words
from rules.standardise import latin, organisations, people, vocab
from rules.standardise.batch import Batch
from rules.standardise.cells import TEXT, Cells, joined, parted, together

Mask: TypeAlias = npt.NDArray[np.bool_]
"""One truth a row of a table."""
_PERSON, _ORGANISATION = words.PartyType.PERSON.value, words.PartyType.ORGANISATION.value
_MOVED = (
    "full_name",
    "given_name",
    "middle_name",
    "surname",
    "name_latin",
    "given_latin",
    "middle_latin",
    "surname_latin",
    "name_key",
)


@dataclass
class Parties:
    columns: dict[str, Cells]
    """party_type, organisation_name, legal_form, org_core, org_key and the columns of names."""
    split: pa.Array
    """Rows that hold an organisation and the person to ask for there."""
    moved: pa.Array
    """Rows whose name of a person was an organisation's."""


def read(batch: Batch, found: dict[str, Cells], *, split_contacts: bool) -> Parties:
    """Party type of each row: as declared; else by organisation, legal form and words of the name; else person."""
    declared = _declared(batch)
    organisation = batch.scalar("organisation_name")
    named = people.any_name(found)
    firm = pc.is_valid(organisation.column())
    is_firm = _is_firm(declared, found, firm, named)
    moved = pc.and_(is_firm, pc.invert(firm))
    same = _same_name(organisation, found)
    organisation = organisation.otherwise(_name_of_firm(found).only(moved))
    person = pc.and_(pc.equal(declared, _PERSON).fill_null(False), pc.is_valid(declared))
    both = pc.and_(pc.and_(firm, named), pc.invert(pc.or_(person, same)))
    split = both if split_contacts else pc.and_(both, False)
    columns = {k: c.only(pc.invert(moved)) if k in _MOVED and pc.any(moved).as_py() else c for k, c in found.items()}
    kind = pc.if_else(pc.and_(is_firm, pc.invert(pc.and_(same, pc.is_null(declared)))), _ORGANISATION, _PERSON)
    return Parties(
        {**columns, "party_type": Cells.of(kind.cast(TEXT)), **_organisation(batch, organisation)}, split, moved
    )


def _declared(batch: Batch) -> pa.Array:
    """person, organisation or null, from the row or for the whole source."""
    cells = batch.scalar("party_type", kind="party_type")
    kind = cells.read_one(lambda text: vocab.meaning("party_type", text))
    unknown = cells.read_one(lambda text: None if vocab.meaning("party_type", text) else "party_type_unknown")
    batch.doubts.note("records", "party_type", unknown, cells.column())
    whole = batch.source.party_type.value if batch.source.party_type else None
    return kind.otherwise(Cells.constant(whole, batch.rows)).column() if whole else kind.column()


def _is_firm(declared: pa.Array, found: dict[str, Cells], firm: pa.Array, named: pa.Array) -> pa.Array:
    told = pc.equal(declared, _ORGANISATION)
    if pc.all(pc.is_valid(declared)).as_py():
        return told
    lone = found["full_name"].otherwise(found["surname"].only(pc.is_null(found["given_name"].column())))
    sounds = lone.read_one(lambda text: "yes" if organisations.sounds_like_one(text) else None)
    guessed = pc.or_(firm, pc.and_(named, pc.is_valid(sounds.column())))
    return pc.coalesce(told, guessed)


def _name_of_firm(found: dict[str, Cells]) -> Cells:
    parts = joined([found["given_name"], found["middle_name"], found["surname"]])
    return found["full_name"].otherwise(parts)


def _same_name(organisation: Cells, found: dict[str, Cells]) -> pa.Array:
    """Rows in which firm and person bear the same name: one party, not a firm and its contact."""
    if organisation.is_empty() or found["name_latin"].is_empty():
        return pa.array([False] * len(organisation))

    def same(firm: str | None, person: str | None) -> str | None:
        if not firm or not person:
            return None
        return "yes" if sorted(latin.latin(firm).split()) == sorted(person.split()) else None

    pairs = together([organisation, found["name_latin"]])
    return pc.is_valid(pairs.read_one(parted(same)).column())


def _organisation(batch: Batch, name: Cells) -> dict[str, Cells]:
    core, form = name.read(organisations.read, 2)
    own = batch.scalar("legal_form").read_one(organisations.legal_form)
    return {
        "organisation_name": name,
        "legal_form": own.otherwise(form),
        "org_core": core,
        "org_key": core.read_one(latin.key),
    }
