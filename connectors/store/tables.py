"""The state database: every table, in SQLAlchemy Core. `migrations/` brings a database to this; a test compares them.

Published tables are *versioned*: a row counts for the publications `from_version <= v < to_version` (null: still).
A publication writes its rows while nobody can see them and moves the pointer (`published.version`) last, so that
no reader ever sees half of one, and what a customer looked like at any publication stays readable.

`golden` is also the change feed: each change of a customer is one more row, `cursor` is its order, and the end of
a golden id (superseded by another, or retired) is a row too.
"""

from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Column, Double, ForeignKey, Index, Integer, MetaData, Table, Text, text

metadata: Final = MetaData()

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
DIALECT: Final = "dialect"
"""Of an index that is another one on another kind of database: its own kind."""

# SQLite numbers rows by itself only where the column is declared INTEGER.
NUMBER: Final = BigInteger().with_variant(Integer, SQLITE)


def _texts(*names: str) -> list[Column[Any]]:
    return [Column(name, Text) for name in names]


def _keys(*names: str) -> list[Column[Any]]:
    return [Column(name, Text, primary_key=True) for name in names]


def _span() -> list[Column[Any]]:
    """The publications for which a row counts, and what its group of rows looked like (see versioned.py)."""
    return [
        Column("from_version", Integer, primary_key=True, autoincrement=False),
        Column("to_version", Integer),
        Column("digest", Text, nullable=False),
    ]


def _ordinal() -> Column[Any]:
    """Numbers the rows of one group from 0."""
    return Column("ordinal", Integer, primary_key=True, autoincrement=False)


def _seq() -> Column[Any]:
    return Column("seq", NUMBER, primary_key=True, autoincrement=True)


# --- runs and sources -------------------------------------------------------------------------------------

# One row (id 1). `version` is the pointer readers go by; `writing` the publication being written, if any.
published = Table(
    "published", metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("writing", Integer),
    *_texts("run_id", "at"),
)  # fmt: skip

# status: running, published, unchanged, held, failed. `version` is the publication a published run made.
runs = Table(
    "runs", metadata, Column("run_id", Text, primary_key=True), Column("started", Text, nullable=False),
    *_texts("finished", "status"), Column("version", Integer, unique=True), Column("summary", Text),
)  # fmt: skip

# The watermark of each source: what the last publication was made of.
sources = Table(
    "sources", metadata, *_keys("source"), *_texts("state", "fingerprint", "watermark", "run_id", "landed"),
    Column("rows", NUMBER),
)  # fmt: skip

run_sources = Table(
    "run_sources", metadata,
    Column("run_id", Text, ForeignKey("runs.run_id"), primary_key=True), *_keys("source"),
    *_texts("state", "files", "reason", "remedy", "unmapped", "fingerprint"),
    Column("rows", NUMBER), Column("rejected", NUMBER), Column("facts", NUMBER),
)  # fmt: skip

models = Table(
    "models", metadata, Column("number", Integer, primary_key=True, autoincrement=False),
    Column("from_version", Integer, nullable=False), *_texts("run_id", "time"),
    Column("model", Text, nullable=False),
)  # fmt: skip

# --- what people did: append only -------------------------------------------------------------------------

decisions = Table(
    "decisions", metadata, _seq(), Column("kind", Text, nullable=False),
    *_texts("left_source", "left_id", "right_source", "right_id", "field", "value"),
    Column("user", Text, nullable=False), Column("time", Text, nullable=False), Column("reason", Text),
    Column("undoes", NUMBER, ForeignKey("decisions.seq")),
    Index("decisions_left", "left_source", "left_id"),
    Index("decisions_right", "right_source", "right_id"),
    Index("decisions_undoes", "undoes"),
    Index("decisions_time", "time"),
)  # fmt: skip

# Cells of quarantined rows that a steward corrected; the last one in force counts. Here, in releases and in returns:
# `act` is the act that laid the row, `undoes` the row that this one takes back.
corrections = Table(
    "corrections", metadata, _seq(), Column("source", Text, nullable=False), Column("record_id", Text, nullable=False),
    Column("field", Text, nullable=False), Column("value", Text),
    *_texts("user", "time", "reason"), Column("act", NUMBER), Column("undoes", NUMBER),
    Index("corrections_record", "source", "record_id"), Index("corrections_act", "act"),
)  # fmt: skip

# Rows let through as they are. `hash` is the row's content then: a changed row is judged anew.
releases = Table(
    "releases", metadata, _seq(), Column("source", Text, nullable=False), Column("record_id", Text, nullable=False),
    *_texts("hash", "user", "time", "reason"), Column("act", NUMBER), Column("undoes", NUMBER),
    Index("releases_record", "source", "record_id"), Index("releases_act", "act"),
)  # fmt: skip

# Golden ids of the firm's own, until the run that publishes their record; the last one of a record counts.
adopted = Table(
    "adopted", metadata, _seq(), Column("source", Text, nullable=False), Column("record_id", Text, nullable=False),
    Column("golden_id", Text, nullable=False), *_texts("user", "time", "file"),
    Index("adopted_record", "source", "record_id"),
)  # fmt: skip

# Values that Goldseam wrote into a record of a source (a CRM). `field` is the word of the source's column map, as
# `surname` or `email`.
written = Table(
    "written", metadata, _seq(), Column("source", Text, nullable=False), Column("record_id", Text, nullable=False),
    Column("field", Text, nullable=False), *_texts("value", "time"), Index("written_record", "source", "record_id"),
)  # fmt: skip

# --- the desk ---------------------------------------------------------------------------------------------

# `subject`: whom a provider of OpenID Connect means. `limits`: JSON (people.limits_as_text). `once`: the password was
# given by an administrator, and serves to choose another.
users = Table(
    "users", metadata, _seq(), Column("name", Text, nullable=False, unique=True),
    *_texts("email", "role", "password", "limits", "created", "subject"),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("once", Boolean, nullable=False, server_default=text("false")),
)  # fmt: skip

# Who is signed in. `token` is a digest: whoever reads this table can be nobody. `blind`: score and colleagues are
# hidden.
sessions = Table(
    "sessions", metadata, *_keys("token"), Column("user", Text, nullable=False),
    *_texts("csrf", "created", "seen", "expires"),
    Column("blind", Boolean, nullable=False, server_default=text("false")), Index("sessions_user", "user"),
)  # fmt: skip

audit = Table(
    "audit", metadata, _seq(), Column("time", Text, nullable=False), *_texts("user", "action", "subject", "detail"),
    Index("audit_action", "action", "time"),
)  # fmt: skip

# Everything people do at the desk, append only: answer, take_out, split, value, comment, assign, skip, batch, undo...
# `kind`, `left`, `right` name the case; `purpose` says why it was shown; `expected` is what is known of a known pair.
acts = Table(
    "acts", metadata, _seq(), Column("time", Text, nullable=False), Column("user", Text, nullable=False),
    Column("action", Text, nullable=False),
    *_texts("kind", "left", "right", "answer", "purpose", "expected", "other", "text"),
    Column("batch", NUMBER), Column("seconds", Double), Column("undoes", NUMBER),
    Index("acts_case", "left", "right"), Index("acts_user", "user", "time"), Index("acts_batch", "batch"),
    Index("acts_undoes", "undoes"),
)  # fmt: skip

# Which decisions an act made: undoing it undoes them.
act_decisions = Table(
    "act_decisions", metadata, Column("act", NUMBER, ForeignKey("acts.seq"), primary_key=True),
    Column("decision", NUMBER, ForeignKey("decisions.seq"), primary_key=True),
    Index("act_decisions_decision", "decision"),
)  # fmt: skip

# Who works on a case now, so that nobody else does.
claims = Table(
    "claims", metadata, *_keys("kind", "left", "right"), Column("user", Text, nullable=False),
    Column("until", Text, nullable=False), Column("ahead", Boolean, nullable=False, server_default=text("false")),
    Index("claims_user", "user"),
)  # fmt: skip

# Filters of the queue that somebody keeps under a name.
views = Table(
    "views", metadata, _seq(), Column("user", Text, nullable=False), Column("name", Text, nullable=False),
    Column("query", Text, nullable=False), Index("views_user", "user", "name", unique=True),
)  # fmt: skip

# Cases of one kind that are decided by a sample; a review pack is one of all (`action`: batch, pack). A batch's cases
# stand in random order, the first `sample` of them are the sample; `looks`: how often it was judged. `decision`: the
# last decision when the batch was made. `said`: why a case was left out.
batches = Table(
    "batches", metadata, _seq(), Column("time", Text, nullable=False), Column("user", Text, nullable=False),
    *_texts("action", "query", "answer", "state", "token"), Column("precision", Double), Column("size", NUMBER),
    Column("sample", NUMBER), Column("looks", NUMBER), Column("decision", NUMBER),
)  # fmt: skip

batch_cases = Table(
    "batch_cases", metadata, Column("batch", NUMBER, ForeignKey("batches.seq"), primary_key=True), _ordinal(),
    Column("kind", Text, nullable=False), Column("left", Text, nullable=False), Column("right", Text, nullable=False),
    Column("said", Text), Index("batch_cases_case", "left", "right"),
)  # fmt: skip

# Quarantined rows that went back to the owner of their source. `hash` is the row's content then.
returns = Table(
    "returns", metadata, _seq(), Column("source", Text, nullable=False), Column("record_id", Text, nullable=False),
    *_texts("hash", "user", "time", "reason"), Column("act", NUMBER), Column("undoes", NUMBER),
    Index("returns_record", "source", "record_id"), Index("returns_act", "act"),
)  # fmt: skip

# --- what is published: versioned -------------------------------------------------------------------------

# A primary key that is the table itself (SQLite) is the quickest to write and to look up.
_COMPACT: Final[dict[str, Any]] = {"sqlite_with_rowid": False}

# digest is left out: golden id and state are all there is to compare.
crosswalk = Table(
    "crosswalk", metadata, *_keys("source", "record_id"), *_span()[:1],
    Column("to_version", Integer), *_texts("golden_id", "state"),
    Index("crosswalk_golden_id", "golden_id"), **_COMPACT,
)  # fmt: skip

# state: current, superseded (by `resolves_to`), retired. The last two hold no values.
golden = Table(
    "golden", metadata, Column("cursor", NUMBER, primary_key=True, autoincrement=False),
    Column("golden_id", Text, nullable=False), Column("state", Text, nullable=False), Column("resolves_to", Text),
    Column("from_version", Integer, nullable=False), Column("to_version", Integer), Column("digest", Text),
    *_texts(
        "party_type", "status", "display_name", "given_name", "surname", "organisation_name", "birth_date", "tax_id",
        "email", "phone", "street", "house_number", "postcode", "city", "region", "country", "language",
        "household_id",
    ),
    Column("records", NUMBER), Column("sources", Text), Column("quality", Double), Column("version", NUMBER),
    Column("updated_at", Text),
    Index("golden_golden_id", "golden_id", "from_version", unique=True),
)  # fmt: skip

contact_points = Table(
    "contact_points", metadata, *_keys("golden_id"), *_span(), _ordinal(), *_texts("kind", "type", "value"),
    Column("primary", Boolean), *_texts("since", "last_confirmed", "sources"),
    **_COMPACT,
)  # fmt: skip

relations = Table(
    "relations", metadata, *_keys("golden_id"), *_span(), _ordinal(), *_texts("relation", "other_golden_id"),
    Index("relations_other", "other_golden_id"), **_COMPACT,
)  # fmt: skip

households = Table(
    "households", metadata, *_keys("golden_id"), *_span(), Column("household_id", Text, nullable=False),
    Index("households_household_id", "household_id"), **_COMPACT,
)  # fmt: skip

facts = Table(
    "facts", metadata, *_keys("source", "record_id"), *_span(), _ordinal(),
    *_texts("customer_source", "customer_id", "kind", "number", "date", "amount", "currency", "payload"),
    *_texts("file", "sheet"), Column("line", NUMBER), Column("hash", Text),
    Index("facts_customer", "customer_source", "customer_id"), **_COMPACT,
)  # fmt: skip

quarantine = Table(
    "quarantine", metadata, *_keys("source", "record_id"), *_span(),
    Column("reasons", Text, nullable=False), Column("raw", Text), *_texts("file", "sheet"), Column("line", NUMBER),
    *_texts("hash", "owner", "first_run"), **_COMPACT,
)  # fmt: skip

candidates = Table(
    "candidates", metadata, *_keys("kind", "left", "right"), *_span(),
    Column("match_weight", Double), Column("match_probability", Double), *_texts("relation", "reason"),
    Column("worth", Double), Column("records", NUMBER), Column("money", Double), Column("settles", NUMBER),
    *_texts("sources", "departments", "languages", "countries", "places", "text"), Column("margin", Double),
    Column("first_run", Text), Index("candidates_left", "left"), Index("candidates_right", "right"),
    **_COMPACT,
)  # fmt: skip


def _order(name: str, *first: str, most: str = "") -> None:
    """An order of the queue (desk/filter.py) has an index that tells by itself which cases come on which page. `most`:
    of this column the most comes first. What is unknown comes last: SQLite has it so by itself, PostgreSQL has to be
    told.
    """
    c, rest = candidates.c, ("left", "right", "kind", "from_version", "to_version")
    for dialect in (SQLITE, POSTGRESQL):
        falling = [c[most].desc() if dialect == SQLITE else c[most].desc().nulls_last()] if most else []
        columns = (*(c[n] for n in first), *falling, *(c[n] for n in rest))
        Index(f"candidates_{name}", *columns, info={DIALECT: dialect}).ddl_if(dialect=dialect)


_order("worth", most="worth")
_order("oldest", "first_run", most="worth")
_order("likely", most="match_probability")
_order("unsure", "margin")

# --- what is published: only ever added to ----------------------------------------------------------------

events = Table(
    "events", metadata, Column("seq", NUMBER, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False), Column("event", Text, nullable=False), Column("golden_id", Text),
    *_texts("other_golden_id", "cause", "user", "detail"),
    Index("events_golden_id", "golden_id"), Index("events_other_golden_id", "other_golden_id"),
    Index("events_version", "version"),
)  # fmt: skip

quality_results = Table(
    "quality_results", metadata, Column("seq", NUMBER, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    *_texts("source", "table", "suite", "rule", "field", "severity", "dimension"),
    Column("checked", NUMBER), Column("failed", NUMBER), Column("errored", Boolean), Column("message", Text),
    Index("quality_results_version", "version"),
)  # fmt: skip
