"""The columns of `records` that hold a person's name."""

from functools import partial
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from rules import suspicion
from rules.standardise import countries, latin, names
from rules.standardise.batch import Batch
from rules.standardise.cells import Cells, joined, parted, together

PARTS = ("given_name", "middle_name", "surname", "birth_name")
_READ = ("given_name", "middle_name", "surname")
Doubt: TypeAlias = tuple[str, Cells, Cells]
"""Field, rule, value."""


def read(batch: Batch) -> tuple[dict[str, Cells], list[Doubt]]:
    """full_name, its parts, and their Latin forms; parts of a whole name only where the source has none.

    The doubts are for rows that turn out to be persons.
    """
    own = {part: _part(batch, part) for part in PARTS}
    full = batch.scalar("full_name", names=True)
    split, doubt = _split(batch, full, own)
    found = {part: own[part].otherwise(split[part]) if part in split else own[part] for part in PARTS}
    doubts: list[Doubt] = [("full_name", doubt, full)]
    for name, cells in {"full_name": full, **own}.items():
        if name != "middle_name" and not cells.is_empty():
            doubts.append((name, cells.read_one(partial(_suspect, name)), cells))
    doubts += _swapped(own["given_name"], own["surname"])
    return {"full_name": full, **found, **latin_forms(batch, full, found)}, doubts


def _part(batch: Batch, part: str) -> Cells:
    cells = batch.scalar(part, names=True, join=True)
    if cells.is_empty() or part != "given_name":
        return cells
    return cells.read_one(lambda text: names.without_titles(text, batch.source.country) or text)


def _split(batch: Batch, full: Cells, own: dict[str, Cells]) -> tuple[dict[str, Cells], Cells]:
    """The parts of whole names, for rows in which the source gives neither given name nor surname; and the doubt."""
    if full.is_empty():
        return {}, full
    header = batch.plan.scalars["full_name"][0]
    order, country = batch.survey.name_orders.get(header), batch.source.country
    columns = full.read(lambda text: names.read(text, country, order), len(names.Name._fields))
    _, given, middle, surname, doubt = columns
    if own["given_name"].is_empty() and own["surname"].is_empty():
        return dict(zip(_READ, (given, middle, surname), strict=True)), doubt
    bare = pc.and_(pc.is_null(own["given_name"].column()), pc.is_null(own["surname"].column()))
    parts = {part: cells.only(bare) for part, cells in zip(_READ, (given, middle, surname), strict=True)}
    return parts, doubt.only(bare)


def _swapped(given: Cells, surname: Cells) -> list[Doubt]:
    """Given names and surnames that stand in each other's columns."""
    if given.is_empty() or surname.is_empty():
        return []
    pairs = together([given, surname])
    rule = pairs.read_one(parted(lambda g, s: "name_parts_swapped" if names.look_swapped(g, s) else None))
    return [("given_name", rule, given), ("surname", rule, surname)]


def _suspect(name: str, text: str) -> str | None:
    """The rule that suspects a name; an initial for a given name is none."""
    if name == "given_name" and len(text.strip(" .")) == 1:
        return None
    return suspicion.name(text)


def latin_forms(batch: Batch, full: Cells, parts: dict[str, Cells]) -> dict[str, Cells]:
    """Comparison forms: a whole name in the order given, or its parts one after the other."""
    language = countries.language(batch.source.country)

    def to_latin(text: str) -> str | None:
        return latin.latin(text, language) or None

    forms = {part: parts[part].read_one(to_latin) for part in PARTS}
    whole = full.read_one(lambda text: to_latin(names.bare(text, batch.source.country)))
    name = whole.otherwise(joined([forms[p] for p in _READ]))
    return {
        "name_latin": name,
        "given_latin": forms["given_name"],
        "middle_latin": forms["middle_name"],
        "surname_latin": forms["surname"],
        "birth_name_latin": forms["birth_name"],
        "name_key": name.read_one(latin.key),
    }


def any_name(found: dict[str, Cells]) -> pa.Array:
    """Rows that name a person."""
    columns = [found[n].column() for n in ("full_name", "given_name", "surname")]
    return pc.is_valid(pc.coalesce(*columns))
