"""The words everyone else uses: columns, tables, flags, relations, severities.

One table of this module is one Arrow schema. Every stage reads and writes these tables and no others, so a
new column is added here first. Text stays text: nothing but dates of our own making and numbers that we
count is typed.
"""

from enum import StrEnum
from typing import Final

import pyarrow as pa

TEXT: Final = pa.string()
KEY: Final = (pa.field("source", TEXT, nullable=False), pa.field("record_id", TEXT, nullable=False))


def _schema(*fields: str | pa.Field) -> pa.Schema:
    """A schema keyed by record, in which a bare name is a column of text."""
    return pa.schema([*KEY, *(pa.field(f, TEXT) if isinstance(f, str) else f for f in fields)])


class PartyType(StrEnum):
    PERSON = "person"
    ORGANISATION = "organisation"


class Status(StrEnum):
    LEAD = "lead"
    ACTIVE = "active"
    LAPSED = "lapsed"
    CLOSED = "closed"
    DECEASED = "deceased"


class Flag(StrEnum):
    """A doubt about one value; it always names the rule that raised it."""

    SUSPECT = "suspect"  # perhaps invented by whoever typed it: loses trust, never deleted
    AMBIGUOUS = "ambiguous"  # may be read in two ways (03/04/1985)
    STALE = "stale"  # was true once
    WITHHELD = "withheld"  # failed a warning rule: kept out of matching and survivorship
    INVALID = "invalid"  # no reader accepts it; the raw text is kept
    REPAIRED = "repaired"  # the text was mended (mojibake, a lost leading zero)


class Severity(StrEnum):
    CRITICAL = "critical"  # the record cannot be identified: its row is quarantined whole
    WARNING = "warning"  # this cell is withheld, the record goes on
    INFO = "info"  # flagged


class Dimension(StrEnum):
    COMPLETENESS = "completeness"
    VALIDITY = "validity"
    UNIQUENESS = "uniqueness"
    CONSISTENCY = "consistency"
    TIMELINESS = "timeliness"
    ACCURACY = "accuracy"


class Relation(StrEnum):
    """What two records are to each other."""

    SAME = "same"
    MOVED = "moved"
    HOUSEHOLD = "household"
    NAMESAKE = "namesake"
    COINCIDENCE = "coincidence"
    UNRELATED = "unrelated"


class Judgement(StrEnum):
    SAME = "same"
    DIFFERENT = "different"
    RELATED = "related"


class Role(StrEnum):
    """What agreement in a field speaks for: the same person, the same family, the same place, the same firm."""

    PERSON = "person"
    FAMILY = "family"
    PLACE = "place"
    ORGANISATION = "organisation"
    TEXT = "text"


class PointKind(StrEnum):
    EMAIL = "email"
    PHONE = "phone"


# Columns of `records` that a source may fill with one value a record. `contact_of` and `merged_into` hold a record id
# of the same source, or a key SOURCE:ID: whose contact this is, and whom users of the source merged it into.
SCALARS: Final = (
    "party_type", "status", "full_name", "given_name", "middle_name", "surname", "birth_name",
    "organisation_name", "legal_form", "birth_date", "gender", "language",
    "tax_id", "tax_id_scheme", "national_id", "iban", "customer_no",
    "contact_of", "merged_into", "segment", "account_owner", "terms",
    "department", "operator", "form_no", "batch", "entered_at", "scan", "updated_at",
)  # fmt: skip

# Parts of an entry of a list, as a column map names them: `address.street`, `address.billing.street`,
# `phone.mobile`, `phone`, `email.work`, `consent.marketing`.
ADDRESS_PARTS: Final = ("full", "street", "house_number", "unit", "postcode", "city", "region", "country")
ADDRESS_TYPES: Final = ("home", "billing", "delivery", "work", "other")
PHONE_TYPES: Final = ("mobile", "landline", "fax", "other")
EMAIL_TYPES: Final = ("personal", "work", "billing", "other")

# Further words of a column map. `birth_date.*` for a date in three columns; `text.NAME` is a column that has
# no meaning of its own but may be compared; `note` is free text in which nothing is looked for, and
# `note.contact` one in which the customer's own phones, e-mail addresses and addresses are.
BIRTH_DATE_PARTS: Final = ("day", "month", "year")

# Columns of a fact, as a column map names them.
FACT_COLUMNS: Final = ("customer_id", "kind", "number", "date", "amount", "currency")

# --- tables -----------------------------------------------------------------------------------------------

# Where a row stood. `hash` is of the row's own content; `line` counts from 1 as a person would.
PLACE: Final = (
    pa.field("file", TEXT), pa.field("sheet", TEXT), pa.field("line", pa.int64()), pa.field("hash", TEXT),
)  # fmt: skip

# Columns that land puts in front of a source's own columns, which keep the header they came with.
RAW_PREFIX: Final = ("_record_id", "_file", "_sheet", "_line", "_hash")

FACTS: Final = _schema(
    "customer_source", "customer_id", "kind", "number", "date", "amount", "currency", "payload", *PLACE
)
REJECTS: Final = pa.schema([
    ("source", TEXT), ("file", TEXT), ("sheet", TEXT), ("line", pa.int64()),
    ("content", TEXT), ("reason", TEXT), ("remedy", TEXT),
    ("data", pa.bool_()),  # false: a total, a note, a title, which was left out and loses nobody; null counts as true
    ("raw", TEXT),  # JSON of its cells by column, as in QUARANTINE, where the reader could part them
])  # fmt: skip

# One row a source: what became of it in this run. `state`: landed, unchanged (as in the last published run),
# carried (failed; its last good snapshot stands in, and retires nothing), failed (nothing to carry).
SOURCES: Final = pa.schema([
    ("source", TEXT), ("state", TEXT), ("rows", pa.int64()), ("rejected", pa.int64()), ("facts", pa.int64()),
    ("files", TEXT), ("reason", TEXT), ("remedy", TEXT), ("unmapped", TEXT), ("fingerprint", TEXT),
    ("landed_at", TEXT),  # ISO time at which the source last landed or was seen to be unchanged
])  # fmt: skip

# One row a file that a source's snapshot was read from: `files: new` does not read its content again, and what a
# place far away says of it (`version`: ETag or the like) saves fetching it again. `modified` is an ISO time.
LANDED_FILES: Final = pa.schema([
    ("source", TEXT), ("file", TEXT), ("sha256", TEXT), ("size", pa.int64()), ("modified", TEXT), ("version", TEXT),
    ("rows", pa.int64()),
])  # fmt: skip

# What standardise makes of a raw row. The columns of SCALARS hold the value as it stood, trimmed and mended,
# for people; the columns after them hold the form that is compared. `text.NAME` columns may follow.
RECORDS: Final = _schema(
    *SCALARS,
    "name_latin",  # every part of a person's name: transliterated, lower case, single blanks, in the order given
    "given_latin", "middle_latin", "surname_latin", "birth_name_latin",
    "name_key",  # sorted consonant skeletons of name_latin: for blocking only
    "org_core",  # the organisation's name without legal form, transliterated, lower case
    "org_key",  # sorted skeletons of org_core
    "tax_id_norm",  # the number as its scheme writes it; null where its checksum fails
    "national_id_norm",
    "iban_norm",
    "hash",  # of the raw row, which knows where it stands: a sorted sheet changes no standard record
)  # fmt: skip

POINTS: Final = _schema(
    pa.field("position", pa.int32()),  # from 0, in the order of the source's columns
    "kind", "type",
    "value",  # as it stood, trimmed
    "canonical",  # E.164, or the comparison form of an e-mail address; null where it is not valid
    "since",  # ISO date on which the source says it was true; null where it does not say
)  # fmt: skip

ADDRESSES: Final = _schema(
    pa.field("position", pa.int32()),
    "type", "full", "street", "house_number", "unit", "postcode", "city", "region",
    "country",  # ISO 3166 alpha-2
    # forms that are compared
    "street_norm",  # Latin, lower case, kind of street spelled one way, without number
    "house_norm", "unit_norm", "postcode_norm", "city_norm", "region_norm",
    "address_key",  # sorted numbers, then sorted folded words longer than 3
    "since",
)  # fmt: skip

CONSENTS: Final = _schema("point", "purpose", "given", "date")

# One row a doubt. `position` is the entry of a list (null: a column of `records`); `table` is one of TABLES.
FLAGS: Final = _schema("table", pa.field("position", pa.int32()), "field", "flag", "rule", "value", "message")

STANDARD_TABLES: Final = {
    "records": RECORDS, "points": POINTS, "addresses": ADDRESSES, "consents": CONSENTS, "flags": FLAGS,
}  # fmt: skip

# One row a rule a source: what was checked, how much of it failed.
RESULTS: Final = pa.schema([
    ("source", TEXT), ("table", TEXT), ("suite", TEXT), ("rule", TEXT), ("field", TEXT), ("severity", TEXT),
    ("dimension", TEXT), ("checked", pa.int64()), ("failed", pa.int64()), ("errored", pa.bool_()), ("message", TEXT),
])  # fmt: skip

# One row a quarantined record; all its reasons, and the record whole (JSON of the raw row).
QUARANTINE: Final = _schema(pa.field("reasons", pa.list_(TEXT)), "raw", *PLACE)

PAIRS: Final = pa.schema(
    [
        ("left_source", TEXT),
        ("left_id", TEXT),
        ("right_source", TEXT),
        ("right_id", TEXT),
        ("match_weight", pa.float64()),
        ("match_probability", pa.float64()),
        ("relation", TEXT),
    ]
)  # fmt: skip  (then level_<column>: int8)

CLUSTERS: Final = _schema(
    pa.field("cluster_id", pa.int64()),  # a number of this run only
    "household",  # a label of this run only, shared by the clusters of one household
)

# The features that matching compares: one row a record, text in comparison form (Latin, lower case), null where
# missing. A list column holds every value of a record; two records agree on it as well as their best pair of values.
FEATURES: Final = _schema(
    "party_type",
    "given_name",
    "middle_name",
    "surname",
    "birth_name",
    "name",  # all parts of a person's name, for records whose name could not be split
    "organisation",
    "birth_date",  # ISO; a year or year-month alone is allowed
    "gender",
    "tax_id",
    "national_id",
    "customer_no",
    pa.field("emails", pa.list_(TEXT)),
    pa.field("mobiles", pa.list_(TEXT)),  # E.164
    pa.field("phones", pa.list_(TEXT)),  # E.164 landlines and numbers of unknown kind
    "street",
    "house_number",
    "unit",
    "postcode",
    "city",
    "region",
    "country",
    "address_key",
)  # fmt: skip  (then text.NAME columns)

CROSSWALK: Final = _schema("golden_id", "state")  # state: active, retired, quarantined

GOLDEN: Final = pa.schema([
    *((name, TEXT) for name in (
        "golden_id", "party_type", "status", "display_name", "given_name", "surname", "organisation_name",
        "birth_date", "tax_id", "email", "phone", "street", "house_number", "postcode", "city", "region",
        "country", "language", "household_id",
    )),
    ("records", pa.int64()), ("sources", TEXT), ("quality", pa.float64()), ("version", pa.int64()),
    ("updated_at", TEXT),
])  # fmt: skip

CONTACT_POINTS: Final = pa.schema([
    ("golden_id", TEXT), ("kind", TEXT), ("type", TEXT), ("value", TEXT), ("primary", pa.bool_()),
    ("since", TEXT), ("last_confirmed", TEXT), ("sources", TEXT),
])  # fmt: skip

# What people should look at: `kind` is pair, cluster, key (a row without id, which may be an earlier record that is
# gone: `right`), or decision (which the data now contradict); `left` and `right` are record keys `SOURCE:ID`.
CANDIDATES: Final = pa.schema([
    ("kind", TEXT), ("left", TEXT), ("right", TEXT), ("cluster_id", pa.int64()), ("match_weight", pa.float64()),
    ("match_probability", pa.float64()), ("relation", TEXT), ("reason", TEXT), ("worth", pa.float64()),
    ("records", pa.int64()), ("money", pa.float64()), ("settles", pa.int64()),
])  # fmt: skip

# By what a queue is filtered, searched and ordered, of both records of a candidate: the lists joined by `|`, with one
# at either end; `places` department and country of one record, a slash between; `text` every value of theirs, lower
# case and without accents; `margin` how far the match probability is from even (margin sampling: Settles, Active
# Learning Literature Survey, 2009).
FACETS: Final = pa.schema([
    ("sources", TEXT), ("departments", TEXT), ("languages", TEXT), ("countries", TEXT), ("places", TEXT),
    ("text", TEXT), ("margin", pa.float64()),
])  # fmt: skip
QUEUE: Final = pa.schema([*CANDIDATES, *FACETS])

# Decisions of people, append only; kind: same, different, related, split, value, or undo (which names `undoes`).
DECISIONS: Final = pa.schema([
    ("seq", pa.int64()), ("kind", TEXT), ("left_source", TEXT), ("left_id", TEXT), ("right_source", TEXT),
    ("right_id", TEXT), ("field", TEXT), ("value", TEXT), ("user", TEXT), ("time", TEXT), ("reason", TEXT),
    ("undoes", pa.int64()),
])  # fmt: skip

RELATIONS: Final = pa.schema([("golden_id", TEXT), ("relation", TEXT), ("other_golden_id", TEXT)])

PROVENANCE: Final = pa.schema([
    ("golden_id", TEXT), ("field", TEXT), ("value", TEXT), ("source", TEXT), ("record_id", TEXT), ("rule", TEXT),
    ("losers", TEXT),  # JSON: [{"value", "source", "record_id"}], capped, most telling first
])  # fmt: skip

EVENTS: Final = pa.schema([
    ("event", TEXT),  # created, merged, split, changed, retired, returned
    ("golden_id", TEXT), ("other_golden_id", TEXT),
    ("cause", TEXT),  # data, rule, decision, rollback
    ("user", TEXT), ("detail", TEXT),
])  # fmt: skip
