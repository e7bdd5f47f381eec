"""The columns of a table taken together: what one of them means often depends on what stands beside it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

import numpy as np

from rules import column_lists as lists
from rules import column_names as names
from rules import column_values as look
from rules.column_fits import Meaning, fits
from rules.column_values import Values
from rules.vocabulary import SCALARS

Columns: TypeAlias = Mapping[str, Values]
Text: TypeAlias = Callable[[str, Values], Meaning]
"""What a column is taken for that has no meaning of its own."""

NUMBERS: Final = frozenset({"national_id", "tax_id", "customer_no", "iban"})
PERSONAL: Final = frozenset(
    {"given_name", "middle_name", "surname", "birth_date", "birth_date.year", "gender", "national_id"}
)
JOINED: Final = frozenset({"given_name", "surname"})
"""Several columns of one header (`Apellido 1`, `Apellido 2`) are parts of one value."""
NAMED: Final = frozenset({"name", "full_name", "given_name", "surname", "organisation_name"})
TWICE: Final = 0.005
"""Share of rows in which two columns may both be filled and still be taken for one, as of several sheets."""


def apart(a: Values, b: Values) -> bool:
    """Whether hardly a row fills both columns: they come from sheets or systems that call one thing by two names."""
    both = int(np.count_nonzero(a.where & b.where))
    return both <= TWICE * min(a.filled, b.filled)


def _beside(meaning: Meaning, found: Iterable[Meaning], columns: Columns, *targets: str) -> bool:
    """Whether a column of one of the targets is filled in the same rows."""
    own = columns[meaning.column]
    return any(m.target in targets and m is not meaning and not apart(own, columns[m.column]) for m in found)


# --- names --------------------------------------------------------------------------------------------------


def settle_names(found: Sequence[Meaning], columns: Columns) -> list[Meaning]:
    """A column `name` is a given name beside a surname, a surname beside a given name, else a person's or a firm's."""
    found = _pair_of_names(found, columns)
    settled = []
    for m in found:
        if _is_first_name(m, found, columns):
            m = replace(m, target="given_name", why=f"{m.why}; a surname stands beside it")
        if m.said or not (m.target == "name" or (m.target == "full_name" and names.fold(m.column) == "name")):
            settled.append(m)
            continue
        target, why = _kind_of_name(m, found, columns)
        settled.append(replace(m, target=target, why=f"{m.why}; {why}", confidence=min(m.confidence, 0.8)))
    return settled


def _is_first_name(m: Meaning, found: Sequence[Meaning], columns: Columns) -> bool:
    """`First, what's your name?` beside `And your surname?`: words of one, so it is no whole name."""
    whole = m.target == "full_name" and not m.said and columns[m.column].words < 1.5
    return whole and _beside(m, found, columns, "surname") and not _beside(m, found, columns, "given_name")


def _pair_of_names(found: Sequence[Meaning], columns: Columns) -> list[Meaning]:
    """Two columns `name`, one of given names and one of surnames."""
    pair = [m for m in found if m.target == "name" and not m.said and columns[m.column].words < 1.7]
    if len(pair) != 2 or {m.target for m in found} & {"given_name", "surname"}:
        return list(found)
    given = [columns[m.column].share(lists.is_given_name) for m in pair]
    first = 0 if given[0] >= given[1] else 1
    targets = {pair[first].column: "given_name", pair[1 - first].column: "surname"}
    return [replace(m, target=targets[m.column]) if m.column in targets else m for m in found]


def _kind_of_name(meaning: Meaning, found: Sequence[Meaning], columns: Columns) -> tuple[str, str]:
    given = _beside(meaning, found, columns, "given_name")
    surname = _beside(meaning, found, columns, "surname")
    if surname and not given:
        return "given_name", "a surname stands beside it"
    if given and not surname and columns[meaning.column].words < 1.8:
        return "surname", "a given name stands beside it"
    return _whose_name(columns[meaning.column], {m.target for m in found})


def _whose_name(values: Values, targets: set[str]) -> tuple[str, str]:
    if {"given_name", "surname"} <= targets and "organisation_name" not in targets:
        return "organisation_name" if lists.firms(values) >= 0.15 else "full_name", "beside name parts"
    if PERSONAL & targets:
        return "full_name", "the table is about persons"
    firms, persons = lists.firms(values), values.share(lists.is_given_name)
    if persons >= 0.4 and firms < 0.4:
        return "full_name", f"{persons:.0%} hold a given name"
    if firms >= 0.1:
        return "organisation_name", f"{firms:.0%} hold a word of a firm, {persons:.0%} a given name"
    if values.share(look.is_two_or_three_words) >= 0.7:
        return "full_name", "mostly two or three words"
    if any(t.partition(".")[0] in ("address", "phone", "email", "tax_id", "iban") for t in targets):
        return "organisation_name", "of any length"
    return "text.name", "nothing in the table tells of a customer: compared as text"


# --- columns whose header says nothing ----------------------------------------------------------------------


def guess(found: Sequence[Meaning], columns: Columns) -> list[Meaning]:
    """Names, birth dates and addresses by their values alone, where no header of the table names any.

    Only columns of unknown meaning are looked at, and each kind only where the table has none of it.
    """
    open_ = [m for m in found if _is_open(m, columns)]
    targets = {m.target for m in found}
    guessed: dict[str, str] = {}
    if not targets & NAMED:
        guessed |= _guess_names([m.column for m in open_], columns)
    if not any(t.startswith("birth_date") for t in targets):
        guessed |= _guess_birth([m.column for m in open_], columns)
    if not any(t.startswith("address.") for t in targets):
        guessed |= _guess_address([m.column for m in open_ if m.column not in guessed], columns)
    if not any(names.by_header(m.column) for m in found):
        guessed |= _guess_phone([m.column for m in open_ if m.column not in guessed], columns)
    why = "by its values; the header says nothing"
    return [replace(m, target=guessed[m.column], confidence=0.6, why=why) if m.column in guessed else m for m in found]


def _is_open(m: Meaning, columns: Columns) -> bool:
    unknown = m.target == "ignore" or m.target.startswith("text.")
    header = names.fold(m.column) in names.known("origins") or names.by_header(m.column)
    return unknown and not (m.said or m.is_key or header) and columns[m.column].fill >= 0.3


def _guess_names(open_: Sequence[str], columns: Columns) -> dict[str, str]:
    """A whole name, or a given name and the surname beside it, or a firm's name."""
    given = {c: columns[c].share(lists.is_given_name) for c in open_ if columns[c].share(look.is_lettered) >= 0.9}
    whole = {c: g for c, g in given.items() if 1.8 <= columns[c].words <= 4.5 and g >= 0.4}
    if whole:
        return {max(whole, key=lambda c: (whole[c], -open_.index(c))): "full_name"}
    single = {c: g for c, g in given.items() if columns[c].words < 1.5}
    family = {c: columns[c].share(lists.is_surname) for c in single}
    first = max(single, key=lambda c: (single[c] - family[c], -open_.index(c)), default=None)
    if first is not None and single[first] >= 0.5 and single[first] > family[first]:
        rest = {c: s for c, s in family.items() if c != first and s >= 0.15 and columns[c].distinct > 2}
        last = max(rest, key=lambda c: (rest[c], -open_.index(c)), default=None)
        return {first: "given_name"} | ({last: "surname"} if last else {})
    firms = {c: lists.firms(columns[c]) for c in given}
    firm = max(firms, key=lambda c: (firms[c], -open_.index(c)), default=None)
    return {firm: "organisation_name"} if firm is not None and firms[firm] >= 0.3 else {}


def _guess_birth(open_: Sequence[str], columns: Columns) -> dict[str, str]:
    """The dates that spread as births do: over 20 years and more, most of them long ago."""
    for column in open_:
        values = columns[column]
        if values.share(look.is_date) < 0.8:
            continue
        years = look.years(values)
        tenth = len(years) // 10
        if years and years[-1 - tenth] - years[tenth] >= 20 and 1920 <= years[len(years) // 2] <= 2012:
            return {column: "birth_date"}
    return {}


def _guess_phone(open_: Sequence[str], columns: Columns) -> dict[str, str]:
    """Bare numbers of nine to thirteen digits, most of them different: in a table whose headers all say nothing."""

    def is_number(value: str) -> bool:
        return look.is_phone(value) and not look.is_amount(value) and 9 <= sum(c.isdigit() for c in value) <= 13

    for column in open_:
        values = columns[column]
        if values.distinct >= 0.4 * values.filled and values.share(is_number) >= 0.95:
            return {column: "phone"}
    return {}


def _guess_address(open_: Sequence[str], columns: Columns) -> dict[str, str]:
    """A column of streets, and the postcode and the town that stand within two columns of it."""
    streets = {c: columns[c].share(lists.is_street) for c in open_}
    street = max(streets, key=lambda c: (streets[c], -open_.index(c)), default=None)
    if street is None or streets[street] < 0.4:
        return {}
    if columns[street].share(lambda v: v.count(",") >= 2) > 0.5:
        return {street: "address.full"}
    order = list(columns)
    at = order.index(street)
    near = [c for c in order[max(0, at - 2) : at + 4] if c in open_ and c != street]
    found = {street: "address.street"}
    code = next((c for c in near if look.is_like_postcodes(columns[c])), None)
    towns = [c for c in near if columns[c].share(look.is_lettered) >= 0.95 and columns[c].words <= 2.5]
    return found | ({code: "address.postcode"} if code else {}) | ({towns[0]: "address.city"} if towns else {})


# --- addresses ----------------------------------------------------------------------------------------------


def settle_addresses(found: Sequence[Meaning], columns: Columns) -> list[Meaning]:
    """`Address` is a street where city or postcode have columns of their own; a number beside a street is its."""
    targets = {m.target for m in found}
    settled: list[Meaning] = []
    for m in found:
        base, _, part = m.target.rpartition(".")
        if m.said:
            pass
        elif m.target.startswith("address.") and part == "full":
            others = {f"{base}.postcode", f"{base}.city", "address.postcode", "address.city"} & targets
            line = columns[m.column].share(lambda v: v.count(",") >= 2 or "\n" in v)
            if others and f"{base}.street" not in targets and line < 0.3:
                m = replace(m, target=f"{base}.street", why=f"{m.why}; town and postcode stand apart")
        elif settled and _is_house_number(m, settled[-1], columns, targets):
            base = settled[-1].target.rpartition(".")[0]
            m = Meaning(m.column, f"{base}.house_number", 0.7, "a number beside the street")
        settled.append(m)
    return settled


def _is_house_number(m: Meaning, before: Meaning, columns: Columns, targets: set[str]) -> bool:
    base, _, part = before.target.rpartition(".")
    plain = names.fold(m.column) in names.known("keys") and not m.is_key
    free = part == "street" and base.startswith("address") and f"{base}.house_number" not in targets
    return plain and free and fits("address.house_number", columns[m.column]) > 0.8


# --- one column a target ------------------------------------------------------------------------------------


def once(found: Sequence[Meaning], columns: Columns, text: Text) -> list[Meaning]:
    """Each target of one value a record goes to the surest and best filled column, of numbers to what repeats most.

    Two keep it where no row fills both, or where they are numbered parts of one name. The others become text.
    """
    order = list(columns)

    def rank(m: Meaning) -> tuple[bool, int, float, int]:
        values = columns[m.column]
        repeats = values.filled - values.distinct if m.target in NUMBERS else 0
        return m.said, repeats, m.confidence * (0.3 + values.fill), -order.index(m.column)

    held: dict[str, list[Meaning]] = {}
    settled: dict[str, Meaning] = {}
    for m in sorted(found, key=rank, reverse=True):
        others = held.setdefault(m.target, [])
        if not _is_single(m.target) or m.said or all(_shares(m, o, columns) for o in others):
            others.append(m)
            settled[m.column] = m
        else:
            settled[m.column] = _second(m, others[0], columns[m.column], text)
    return told_apart([settled[m.column] for m in found])


def _is_single(target: str) -> bool:
    return target in SCALARS or target.startswith(("birth_date.", "address."))


def _shares(m: Meaning, other: Meaning, columns: Columns) -> bool:
    """Whether two columns may hold one target between them."""
    if m.target in JOINED and names.base(m.column) == names.base(other.column) and names.base(m.column):
        return True
    if m.target in NUMBERS or m.target.startswith("birth_date."):
        return False
    return min(m.confidence, other.confidence) >= 0.8 and apart(columns[m.column], columns[other.column])


def _second(meaning: Meaning, best: Meaning, values: Values, text: Text) -> Meaning:
    """A column whose target another one holds: a second number of a person is compared as text."""
    why = f"{best.column!r} holds the {best.target}"
    if meaning.target in NUMBERS:
        return Meaning(meaning.column, f"text.{names.slug(meaning.column)}", 0.5, f"{why}; compared as text")
    return replace(text(meaning.column, values), why=why)


def told_apart(found: Sequence[Meaning]) -> list[Meaning]:
    """Columns of text under names of their own: `text.note`, `text.note_2`."""
    taken = {m.target for m in found if m.said}
    settled = []
    for m in found:
        if m.target.startswith("text.") and not m.said:
            base, number = m.target, 1
            while m.target in taken:
                number += 1
                m = replace(m, target=f"{base}_{number}")
            taken.add(m.target)
        settled.append(m)
    return settled
