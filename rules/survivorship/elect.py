"""Every field of the golden records, by the rules of `survivorship.yml`."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from rules.survivorship import exchange, frequencies
from rules.survivorship.claims import Claims, claims_of
from rules.survivorship.config import Group, Survivorship
from rules.survivorship.entries import Entries
from rules.survivorship.frequencies import Frequencies
from rules.survivorship.ledger import Ledger, Survivors, survivors
from rules.survivorship.runs import Ints
from rules.survivorship.vote import CODE, Verdicts, vote
from rules.survivorship.writings import Writings, filled_parts, writings

# Columns of a record that say where it comes from or how it is compared: nothing of the customer's own.
NOT_SURVIVING = frozenset(
    {"source", "record_id", "contact_of", "merged_into", "department", "operator", "form_no", "batch", "entered_at",
     "scan", "updated_at", "returned", "name_key", "org_key", "name_latin", "middle_latin", "given_latin",
     "surname_latin", "birth_name_latin", "org_core", "tax_id_norm", "national_id_norm", "iban_norm"}
    | {"hash"}
)  # fmt: skip


def single_fields(entries: Entries, config: Survivorship) -> Iterator[str]:
    """The fields of the records that belong to no group."""
    grouped = {part for group in config.groups.values() for part in group.fields}
    for name in entries.table.column_names:
        if name not in NOT_SURVIVING and name not in grouped:
            yield name


def field(ledger: Ledger, entries: Entries, name: str, config: Survivorship, known: Frequencies | None) -> None:
    """Let one field survive by itself."""
    rule = config.field(name)
    claims = claims_of(entries, name, rule.compare, config)
    verdicts = vote(claims, rule, name, config, known)
    ledger.add(name, survivors(entries, claims, verdicts, np.arange(len(claims.entry)), config.losers))
    entries.forget()


def group(
    ledger: Ledger, entries: Entries, group: Group, config: Survivorship, known: Frequencies | None
) -> Writings | None:
    """Let the fields of a group survive together; the writings where that is how they are chosen."""
    entries = exchange.straighten(entries, group, known)
    if group.together == "record":
        _by_record(ledger, entries, group, config, known)
        return None
    found = writings(entries, group, config)
    for part in group.fields:
        claims = _claims(entries, part, group, config)
        heard = np.flatnonzero(found.voice[claims.entry])
        verdicts = vote(claims.take(heard), group, part, config, known)
        ledger.add(part, survivors(entries, claims, verdicts, heard, config.losers))
    entries.forget()
    return found


def _by_record(ledger: Ledger, entries: Entries, group: Group, config: Survivorship, known: Frequencies | None) -> None:
    """The weightiest part is elected; the record that wins gives the others."""
    main = max(group.fields, key=lambda part: group.fields[part])
    claims = _claims(entries, main, group, config)
    verdicts = vote(claims, group, main, config, known)
    everyone = np.arange(len(claims.entry))
    ledger.add(main, survivors(entries, claims, verdicts, everyone, config.losers))
    winners = claims.entry[verdicts.claim]
    for part in group.fields:
        if part != main:
            ledger.add(part, _with_winner(entries, _claims(entries, part, group, config), winners, config))
    entries.forget()


def _with_winner(entries: Entries, claims: Claims, winners: Ints, config: Survivorship) -> Survivors:
    claim = np.flatnonzero(np.isin(claims.entry, winners))
    size = len(claim)
    verdicts = Verdicts(
        claims.golden[claim], claim, np.full(size, CODE["with_group"]), np.ones(size), np.ones(size, np.int64), claim
    )
    return survivors(entries, claims, verdicts, np.arange(len(claims.entry)), config.losers)


def _claims(entries: Entries, part: str, group: Group, config: Survivorship) -> Claims:
    claims = claims_of(entries, part, group.compare.get(part), config)
    return Claims(**{**claims.__dict__, "filled": filled_parts(entries, group)[claims.entry]})


def spelled(lists: dict[str, Entries], config: Survivorship) -> Frequencies:
    """The frequencies of all fields whose spelling is judged; `lists`: entries of records and of addresses."""
    columns = {}
    for name, rule in config.fields.items():
        if rule.spelling:
            columns[name] = _column(lists["records"], name, rule.compare, config)
    for group_name, rules in config.groups.items():
        entries = lists["addresses" if group_name == "address" else "records"]
        for part in rules.fields if rules.spelling else ():
            if part not in rules.exact:
                columns[part] = _column(entries, part, rules.compare.get(part), config)
        entries.forget()
    return frequencies.fit(columns, len(lists["records"].members.ids))


def _column(entries: Entries, name: str, form: str | None, config: Survivorship) -> tuple[Ints, pa.Array]:
    claims = claims_of(entries, name, form, config)
    return claims.golden, frequencies.plain_form(claims.form, claims.value)
