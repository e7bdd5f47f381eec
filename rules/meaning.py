"""What the columns of an unknown table mean: read off the headers in nine languages, and held against the values.

A header proposes, the values decide: a column `Email` that holds names is no e-mail, and a column without a
telling header may still be one. `defaults/columns.yml` holds the words.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

import pyarrow as pa

from rules import column_names as names
from rules import column_values as look
from rules import schema
from rules.column_values import Values
from rules.vocabulary import RAW_PREFIX, SCALARS

SPARSE = 0.02
"""Columns filled in fewer rows carry no evidence worth a mistake, unless header and values agree fully."""
LONGEST_TEXT = 80
"""Characters, on average, above which a column is free text."""
NUMBERS = frozenset({"national_id", "tax_id", "customer_no", "iban"})
PERSONAL = frozenset({"given_name", "middle_name", "surname", "birth_date", "birth_date.year", "gender", "national_id"})


@dataclass(frozen=True)
class Meaning:
    """What one column was taken for, how sure (0 to 1), and why, in words."""

    column: str
    target: str
    confidence: float
    why: str
    is_key: bool = False
    """It looks like the table's own record id."""


def recognise(table: pa.Table, country: str | None = None) -> tuple[Meaning, ...]:  # noqa: ARG001 - for postcodes and ids by country, later
    """One Meaning a column of a table of text, in its order; columns of RAW_PREFIX are left out.

    Every target is one of schema.TARGETS or `text.NAME`; each that takes one value a record is given once.
    """
    columns = {name: look.look(table[name]) for name in table.column_names if name not in RAW_PREFIX}
    found = [_meaning(name, values) for name, values in columns.items()]
    found = _parts_of_names(found, columns)
    found = _addresses(found, columns)
    return tuple(_once(found, columns))


# --- values ------------------------------------------------------------------------------------------------

Test = Callable[[Values], float]


def _share(test: Callable[[str], bool]) -> Test:
    return lambda values: values.share(test)


def _names(values: Values) -> float:
    return values.share(lambda v: look.is_lettered(v) and len(v) <= 80)


FITS: dict[str, tuple[float, Test]] = {
    "email": (0.5, _share(look.is_email)),
    "phone": (0.6, _share(look.is_phone)),
    "birth_date": (0.6, _share(look.is_date)),
    "birth_date.day": (0.8, _share(lambda v: look.is_number(v, 0, 31))),
    "birth_date.month": (0.8, _share(lambda v: look.is_number(v, 0, 12) or look.is_lettered(v))),
    "birth_date.year": (0.8, _share(lambda v: look.is_number(v, 0, 99) or look.is_birth_year(v))),
    "iban": (0.5, _share(look.is_iban)),
    "tax_id": (0.6, _share(look.is_identifier)),
    "national_id": (0.6, _share(look.is_identifier)),
    "customer_no": (0.3, _share(look.has_digit)),
    "postcode": (0.6, _share(look.is_postcode)),
    "house_number": (0.5, _share(lambda v: look.has_digit(v) and len(v) <= 12)),
    "city": (0.6, _names),
    "region": (0.5, _share(look.is_short)),
    "country": (0.6, _names),
    "street": (0.5, _share(lambda v: sum(c.isalpha() for c in v) >= 3 and not look.is_email(v))),
    "full": (0.5, _share(lambda v: sum(c.isalpha() for c in v) >= 3 and not look.is_email(v))),
    "gender": (0.5, _share(lambda v: len(v) <= 12)),
    "given_name": (0.6, _names),
    "surname": (0.6, _names),
    "middle_name": (0.6, _names),
    "birth_name": (0.6, _names),
    "full_name": (0.6, _names),
    "name": (0.5, _names),
    "organisation_name": (0.5, _share(lambda v: any(c.isalpha() for c in v) and not look.is_email(v))),
}
"""By the last part of a target: the least share of values that must pass, and the test."""


def _fits(target: str, values: Values) -> float:
    """How well values agree with a target: 1 is fully, below 0 is a contradiction."""
    key = (
        target
        if target in FITS
        else target.rpartition(".")[2]
        if target.startswith("address.")
        else target.partition(".")[0]
    )
    if key not in FITS:
        return 0.5
    least, test = FITS[key]
    share = test(values)
    return share if share >= least else share - 1.0


def by_values(values: Values) -> tuple[str, float] | None:
    """The target that values alone give away, and their share."""
    tests = (("email", look.is_email, 0.7), ("iban", look.is_iban, 0.8), ("phone", look.is_written_phone, 0.8))
    for target, test, least in tests:
        share = values.share(test)
        if share >= least:
            return target, share
    return None


def _meaning(name: str, values: Values) -> Meaning:
    """What one column means, taken alone."""
    folded = names.fold(name)
    if not values.filled:
        return Meaning(name, "ignore", 1.0, "empty")
    if (
        values.is_unique
        and values.fill == 1.0
        and (folded in names.known("keys") or names.aliases().get(folded) == "customer_no")
    ):
        return Meaning(name, "ignore", 0.9, "a different value in every row: looks like the record key", is_key=True)
    if folded in names.known("origins") and values.distinct <= max(50, values.rows // 100):
        return Meaning(name, "ignore", 0.9, f"tells where a row came from ({values.distinct} values)")
    header = names.by_header(name)
    if header:
        target, sure = header
        agree = _fits(target, values)
        if agree >= 0 and target != "ignore":
            return _if_not_sparse(
                Meaning(name, target, round(sure * (0.5 + agree / 2), 2), f"the header says so, {_percent(agree)}"),
                sure,
                values,
            )
        if agree < 0:
            return _contradicted(name, target, values)
        return Meaning(name, "ignore", sure, "the header names something that does not identify anyone")
    given = by_values(values)
    if given:
        sure = round(0.8 * given[1], 2)
        return _if_not_sparse(
            Meaning(name, given[0], sure, f"{_percent(given[1])} although the header does not say so"), 0.9, values
        )
    return _text(name, values)


def _percent(share: float) -> str:
    return f"{share:.0%} of the values look like it"


def _contradicted(name: str, target: str, values: Values) -> Meaning:
    given = by_values(values)
    if given and given[0] != target.partition(".")[0] and values.fill >= SPARSE:
        return Meaning(name, given[0], 0.6, f"the header says {target}, but {_percent(given[1])}")
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
        return Meaning(
            name, "ignore", 0.5, f"no known meaning, {values.distinct} values in {values.fill:.0%} of the rows"
        )
    if values.share(look.is_url) > 0.5 or (values.is_unique and values.share(look.has_digit) > 0.9):
        return Meaning(name, "ignore", 0.5, "no known meaning, looks like links or numbers of the rows")
    if values.share(look.is_date) > 0.8:
        return Meaning(name, "ignore", 0.5, "dates of an unknown kind")
    return Meaning(name, f"text.{names.slug(name)}", 0.4, "no known meaning: compared as text")


# --- the columns together -----------------------------------------------------------------------------------


def _parts_of_names(found: list[Meaning], columns: dict[str, Values]) -> list[Meaning]:
    """A column `name` is a given name beside a surname, else the name of a person or of an organisation."""
    targets = {m.target for m in found}
    if "surname" in targets and "given_name" not in targets and "name" in targets:
        return [replace(m, target="given_name") if m.target == "name" else m for m in found]
    settled = []
    for m in found:
        if m.target == "name" or (m.target == "full_name" and names.fold(m.column) == "name"):
            target, why = _whose_name(columns[m.column], targets)
            m = replace(m, target=target, why=f"{m.why}; {why}", confidence=min(m.confidence, 0.8))
        settled.append(m)
    return settled


def _whose_name(values: Values, targets: Iterable[str]) -> tuple[str, str]:
    if {"given_name", "surname"} <= set(targets) and "organisation_name" not in targets:
        return "organisation_name" if _firms(values) >= 0.15 else "full_name", "beside name parts"
    if PERSONAL & set(targets):
        return "full_name", "the table is about persons"
    firms, persons = _firms(values), values.share(_has_given_name)
    if persons >= 0.4 and firms < 0.4:
        return "full_name", f"{persons:.0%} hold a given name"
    if firms >= 0.1:
        return "organisation_name", f"{firms:.0%} hold a word of a firm, {persons:.0%} a given name"
    two_or_three = values.share(lambda v: 2 <= len(v.split()) <= 3 and not look.has_digit(v))
    return ("full_name", "mostly two or three words") if two_or_three >= 0.7 else ("organisation_name", "of any length")


def _firms(values: Values) -> float:
    known = names.known("organisations")
    return values.share(lambda v: "&" in v or any(word in known for word in names.fold(v).split()))


@cache
def _given_names() -> frozenset[str]:
    text = files("rules").joinpath("defaults/matching/given_names.yml").read_text("utf-8")
    groups, _ = schema.load(text, "given_names.yml")
    return frozenset(name for group in groups["groups"] for name in group.split())


def _has_given_name(value: str) -> bool:
    return any(word in _given_names() for word in look.folded_words(value))


def _addresses(found: list[Meaning], columns: dict[str, Values]) -> list[Meaning]:
    """`Address` is a street where city or postcode have columns of their own, else a whole address."""
    targets = {m.target for m in found}
    settled = []
    for m in found:
        base, _, part = m.target.rpartition(".")
        if m.target.startswith("address.") and part == "full":
            others = {f"{base}.postcode", f"{base}.city", "address.postcode", "address.city"} & targets
            line = columns[m.column].share(lambda v: v.count(",") >= 2 or "\n" in v)
            if others and f"{base}.street" not in targets and line < 0.3:
                m = replace(m, target=f"{base}.street", why=f"{m.why}; town and postcode stand apart")
        settled.append(m)
    return settled


def _once(found: list[Meaning], columns: dict[str, Values]) -> list[Meaning]:
    """Each target of one value a record goes to the surest and best filled column, addresses likewise."""
    best: dict[str, Meaning] = {}
    for m in found:
        rank = (m.confidence * (0.3 + columns[m.column].fill), -list(columns).index(m.column))
        if m.target not in best or rank > (
            best[m.target].confidence * (0.3 + columns[best[m.target].column].fill),
            -list(columns).index(best[m.target].column),
        ):
            best[m.target] = m
    single = {t for t in best if t in SCALARS or t.startswith(("birth_date.", "address.", "text."))}
    return [
        _second(m, best[m.target], columns[m.column]) if m.target in single and best[m.target] is not m else m
        for m in found
    ]


def _second(meaning: Meaning, best: Meaning, values: Values) -> Meaning:
    """A column whose target another one holds: a second number of a person is compared as text."""
    why = f"{best.column!r} holds the {meaning.target}"
    if meaning.target in NUMBERS and values.fill >= SPARSE:
        return Meaning(meaning.column, f"text.{names.slug(meaning.column)}", 0.5, f"{why}; compared as text")
    return replace(_text(meaning.column, values), why=why)
