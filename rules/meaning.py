"""What the columns of an unknown table mean: read off the headers in ten languages, and held against the values.

A header proposes, the values decide: a column `Email` that holds names is no e-mail, and a column without a
telling header may still be one. `defaults/columns.yml` holds the words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import pyarrow as pa

from rules import column_names as names
from rules import column_sets as sets
from rules import column_values as look
from rules.column_fits import UNTESTED, Meaning, by_values, fits
from rules.column_values import Values
from rules.vocabulary import RAW_PREFIX

__all__ = ["Meaning", "agreed", "recognise"]

SPARSE: Final = 0.02
"""Columns filled in fewer rows carry no evidence worth a mistake, unless header and values agree fully."""
LONGEST_TEXT: Final = 80
"""Characters, on average, above which a column is free text."""
NOTED: Final = 0.05
"""Share of notes with a telephone or e-mail address from which these are looked for in all of them."""
PERSON_NUMBER: Final = "person_number"
"""In columns.yml: a number of a person that is no national id (passport, driving licence)."""


def recognise(table: pa.Table, fixed: Mapping[str, str] | None = None) -> tuple[Meaning, ...]:
    """One Meaning a column of a table of text, in its order; columns of RAW_PREFIX are left out.

    `fixed`: column -> target, as a person said. Every target is one of schema.TARGETS or `text.NAME`; each that takes
    one value a record is given once, or to columns that no row fills together.
    """
    columns = {name: look.look(table[name]) for name in table.column_names if name not in RAW_PREFIX}
    said = fixed or {}
    found = [
        Meaning(name, said[name], 1.0, "as you said", said=True) if name in said else _meaning(name, values)
        for name, values in columns.items()
    ]
    found = sets.guess(found, columns)
    found = sets.settle_names(found, columns)
    found = sets.settle_addresses(found, columns)
    found = _person_numbers(found, columns)
    return tuple(_something(sets.once(found, columns, _text), columns))


def agreed(tables: Sequence[Sequence[Meaning]]) -> tuple[tuple[Meaning, ...], ...]:
    """The meanings of several tables, in which one header means one thing: what the surest of them says."""
    best: dict[str, Meaning] = {}
    for m in (m for found in tables for m in found if m.target != "ignore"):
        known = best.setdefault(names.fold(m.column), m)
        if (m.said, m.confidence) > (known.said, known.confidence):
            best[names.fold(m.column)] = m
    return tuple(tuple(_as(m, best.get(names.fold(m.column)), found) for m in found) for found in tables)


def _as(m: Meaning, best: Meaning | None, found: Sequence[Meaning]) -> Meaning:
    """A meaning as another table has it, where its own table has no other column for that."""
    if best is None or m.said or m.target in (best.target, "ignore"):
        return m
    if any(other.target == best.target for other in found):
        return m
    return replace(m, target=best.target, why=f"{best.why}, in another file")


def _meaning(name: str, values: Values) -> Meaning:
    """What one column means, taken alone."""
    if not values.filled:
        return Meaning(name, "ignore", 1.0, "empty")
    if _is_key(name, values):
        return Meaning(name, "ignore", 0.9, "looks like the record key: every row has another", is_key=True)
    if names.fold(name) in names.known("origins") and values.distinct <= max(50, values.rows // 100):
        return Meaning(name, "ignore", 0.9, f"tells where a row came from ({values.distinct} values)")
    headers = names.candidates(name)
    for target, sure in headers:
        agree = fits(target, values)
        if target == "ignore":
            return Meaning(name, "ignore", sure, "says nothing of who someone is")
        if target == "text":
            return _text(name, values)
        if target == "note" and (told := _note_with_contacts(values)):
            return Meaning(
                name, "note.contact", sure, f"by its header; {told:.0%} of the values hold a number or address"
            )
        if agree >= 0:
            why = "by its header" + ("" if agree == UNTESTED else f"; {agree:.0%} of the values fit")
            return _if_not_sparse(Meaning(name, target, round(sure * (0.5 + agree / 2), 2), why), sure, values)
    if headers:
        return _contradicted(name, headers[0][0], values)
    given = by_values(values)
    if given:
        sure = round(0.8 * given[1], 2)
        why = f"by its values: {given[1]:.0%} fit"
        return _if_not_sparse(Meaning(name, given[0], sure, why), 0.9, values)
    return _text(name, values)


def _note_with_contacts(values: Values) -> float:
    """Share of notes that hold an e-mail address or a long number; 0 where it is too small to look for them."""
    share = values.share(look.holds_contact)
    return share if share >= NOTED and share * len(values.sample) >= 2 else 0.0


def _is_key(name: str, values: Values) -> bool:
    return values.is_unique and values.fill == 1.0 and is_called_key(name, values)


def is_called_key(name: str, values: Values) -> bool:
    """Whether a column has the name of a record's key, whatever its values are."""
    folded = names.fold(name)
    tokens = folded.split()
    ends = len(tokens) > 1 and tokens[-1] in names.known("key_ends") and values.share(look.is_identifier) > 0.5
    named = folded in names.known("keys") or names.aliases().get(folded) == "customer_no"
    return named or (ends and names.aliases().get(folded) is None and not names.by_header(name))


def _contradicted(name: str, target: str, values: Values) -> Meaning:
    if target.startswith("birth_date"):
        other = next((t for t in ("birth_date", "birth_date.year") if t != target and fits(t, values) >= 0), None)
        if other:
            return Meaning(
                name, other, 0.8, f"the header tells of a birth; {fits(other, values):.0%} of the values fit"
            )
    given = by_values(values)
    if given and given[0] != target.partition(".")[0] and values.fill >= SPARSE:
        return Meaning(name, given[0], 0.6, f"by its values ({given[1]:.0%} fit), though the header says {target}")
    return replace(_text(name, values), why=f"the header says {target}, but the values do not")


def _if_not_sparse(meaning: Meaning, sure: float, values: Values) -> Meaning:
    """The meaning, unless the column is nearly empty and not beyond doubt."""
    if values.fill >= SPARSE or (sure == 1.0 and meaning.confidence >= 0.95):
        return meaning
    return Meaning(meaning.column, "ignore", 0.6, f"filled in {values.fill:.1%} of the rows only")


def _text(name: str, values: Values) -> Meaning:
    """A column without a meaning of its own: compared as text where that can tell records apart."""
    if values.distinct == 1:
        return Meaning(name, "ignore", 0.9, "the same value in every row")
    if values.mean_length > LONGEST_TEXT:
        return Meaning(name, "ignore", 0.8, "free text")
    if values.fill < 0.5 or values.distinct < 5:
        why = f"meaning unknown, {values.distinct} values in {values.fill:.0%} of the rows"
        return Meaning(name, "ignore", 0.5, why)
    if values.share(look.is_url) > 0.5:
        return Meaning(name, "ignore", 0.5, "meaning unknown, looks like links")
    if values.share(lambda v: look.is_date(v, bare=not values.is_unique)) > 0.8:
        return Meaning(name, "ignore", 0.5, "dates of an unknown kind")
    if values.is_unique and values.words <= 1.5 and values.share(look.has_digit) > 0.9:
        return Meaning(name, "ignore", 0.5, "meaning unknown, looks like numbers of the rows")
    return Meaning(name, f"text.{names.slug(name)}", 0.4, "meaning unknown: compared as text")


def _person_numbers(found: Sequence[Meaning], columns: sets.Columns) -> list[Meaning]:
    """Passports and licences: the one that finds most stands for the national id, unless that finds more itself.

    Numbers of two kinds never agree, so they are never put into one column: the others are text.
    """

    def finds(m: Meaning) -> tuple[int, bool, int]:
        values = columns[m.column]
        return values.filled - values.distinct, m.target == "national_id", values.filled

    best = max((m for m in found if m.target in (PERSON_NUMBER, "national_id")), key=finds, default=None)
    why = "a number of a person: compared as text"
    return [
        m if m.target != PERSON_NUMBER
        else replace(m, target="national_id") if m is best
        else replace(m, target=f"text.{names.slug(m.column)}", why=why)
        for m in found
    ]  # fmt: skip


def _something(found: Sequence[Meaning], columns: sets.Columns) -> list[Meaning]:
    """The meanings; where nothing would be compared at all, every filled column but the key as text."""
    if any(m.target not in ("ignore", "note", "note.contact") for m in found):
        return list(found)
    why = "nothing else in the table can be compared: as text"
    return sets.told_apart(
        [
            m if m.said or m.is_key or columns[m.column].distinct < 2
            else Meaning(m.column, f"text.{names.slug(m.column)}", 0.3, why)
            for m in found
        ]
    )  # fmt: skip
