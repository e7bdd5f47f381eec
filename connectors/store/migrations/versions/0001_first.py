"""The first schema."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COMPACT: dict[str, Any] = {"sqlite_with_rowid": False}


# Views for people and tools that come by SQL: the pointer is minded for them.
VIEWS = {
    "golden_now": (
        "select g.* from golden g, published p where g.state = 'current' and g.from_version <= p.version"
        " and (g.to_version is null or g.to_version > p.version)"
    ),
    "crosswalk_now": (
        "select c.source, c.record_id, c.golden_id, c.state from crosswalk c, published p"
        " where c.from_version <= p.version and (c.to_version is null or c.to_version > p.version)"
    ),
    "feed": "select g.* from golden g, published p where g.from_version <= p.version",
}


def texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text()) for name in names]


def required(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def number(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, NUMBER, nullable=nullable)


def integer(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=nullable)


def span() -> list[sa.Column[Any]]:
    return [integer("from_version", nullable=False), integer("to_version"), *required("digest")]


def key(*names: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*names)


def seq() -> sa.Column[Any]:
    return sa.Column("seq", NUMBER, primary_key=True, autoincrement=True)


def upgrade() -> None:
    runs_and_sources()
    people()
    identity()
    details()
    queues()
    journals()
    for name, select in VIEWS.items():
        op.execute(f"create view {name} as {select}")
    op.execute("insert into published (id, version) values (1, 0)")


def runs_and_sources() -> None:
    op.create_table(
        "published", integer("id", nullable=False), integer("version", nullable=False), integer("writing"),
        *texts("run_id", "at"), key("id"),
    )  # fmt: skip
    op.create_table(
        "runs", *required("run_id", "started"), *texts("finished", "status"), integer("version"), *texts("summary"),
        key("run_id"), sa.UniqueConstraint("version"),
    )  # fmt: skip
    op.create_table(
        "sources", *required("source"), *texts("state", "fingerprint", "watermark", "run_id", "landed"),
        number("rows"), key("source"),
    )  # fmt: skip
    op.create_table(
        "run_sources", *required("run_id", "source"),
        *texts("state", "files", "reason", "remedy", "unmapped", "fingerprint"),
        number("rows"), number("rejected"), number("facts"),
        key("run_id", "source"), sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"]),
    )  # fmt: skip
    op.create_table(
        "models", integer("number", nullable=False), integer("from_version", nullable=False),
        *texts("run_id", "time"), *required("model"), key("number"),
    )  # fmt: skip


def people() -> None:
    op.create_table(
        "decisions", seq(), *required("kind"),
        *texts("left_source", "left_id", "right_source", "right_id", "field", "value"),
        *required("user", "time"), *texts("reason"), number("undoes"),
        sa.ForeignKeyConstraint(["undoes"], ["decisions.seq"]),
    )  # fmt: skip
    op.create_index("decisions_left", "decisions", ["left_source", "left_id"])
    op.create_index("decisions_right", "decisions", ["right_source", "right_id"])
    op.create_index("decisions_undoes", "decisions", ["undoes"])
    op.create_table(
        "corrections", seq(), *required("source", "record_id", "field"), *texts("value", "user", "time", "reason")
    )
    op.create_index("corrections_record", "corrections", ["source", "record_id"])
    op.create_table("releases", seq(), *required("source", "record_id"), *texts("hash", "user", "time", "reason"))
    op.create_index("releases_record", "releases", ["source", "record_id"])
    op.create_table(
        "users", seq(), *required("name"), *texts("email", "role", "password", "limits", "created"),
        sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.text("true")), sa.UniqueConstraint("name"),
    )  # fmt: skip
    op.create_table("audit", seq(), *required("time"), *texts("user", "action", "subject", "detail"))


def identity() -> None:
    op.create_table(
        "crosswalk", *required("source", "record_id"), integer("from_version", nullable=False), integer("to_version"),
        *texts("golden_id", "state"), key("source", "record_id", "from_version"), **COMPACT,
    )  # fmt: skip
    op.create_index("crosswalk_golden_id", "crosswalk", ["golden_id"])
    op.create_table(
        "golden", number("cursor", nullable=False), *required("golden_id", "state"), *texts("resolves_to"),
        integer("from_version", nullable=False), integer("to_version"), *texts("digest"),
        *texts("party_type", "status", "display_name", "given_name", "surname", "organisation_name", "birth_date"),
        *texts("tax_id", "email", "phone", "street", "house_number", "postcode", "city", "region", "country"),
        *texts("language", "household_id"), number("records"), *texts("sources"), sa.Column("quality", sa.Double()),
        number("version"), *texts("updated_at"), key("cursor"),
    )  # fmt: skip
    op.create_index("golden_golden_id", "golden", ["golden_id", "from_version"], unique=True)


def details() -> None:
    op.create_table(
        "contact_points", *required("golden_id"), *span(), integer("ordinal", nullable=False),
        *texts("kind", "type", "value"), sa.Column("primary", sa.Boolean()),
        *texts("since", "last_confirmed", "sources"), key("golden_id", "from_version", "ordinal"), **COMPACT,
    )  # fmt: skip
    op.create_table(
        "relations", *required("golden_id"), *span(), integer("ordinal", nullable=False),
        *texts("relation", "other_golden_id"), key("golden_id", "from_version", "ordinal"), **COMPACT,
    )  # fmt: skip
    op.create_index("relations_other", "relations", ["other_golden_id"])
    op.create_table(
        "households", *required("golden_id"), *span(), *required("household_id"),
        key("golden_id", "from_version"), **COMPACT,
    )  # fmt: skip
    op.create_index("households_household_id", "households", ["household_id"])
    op.create_table(
        "facts", *required("source", "record_id"), *span(), integer("ordinal", nullable=False),
        *texts("customer_source", "customer_id", "kind", "number", "date", "amount", "currency", "payload"),
        *texts("file", "sheet"), number("line"), *texts("hash"),
        key("source", "record_id", "from_version", "ordinal"), **COMPACT,
    )  # fmt: skip
    op.create_index("facts_customer", "facts", ["customer_source", "customer_id"])


def queues() -> None:
    op.create_table(
        "quarantine", *required("source", "record_id"), *span(), *required("reasons"), *texts("raw", "file", "sheet"),
        number("line"), *texts("hash", "owner", "first_run"), key("source", "record_id", "from_version"), **COMPACT,
    )  # fmt: skip
    op.create_table(
        "candidates", *required("kind", "left", "right"), *span(),
        sa.Column("match_weight", sa.Double()), sa.Column("match_probability", sa.Double()),
        *texts("relation", "reason"), sa.Column("worth", sa.Double()), *texts("first_run"),
        key("kind", "left", "right", "from_version"), **COMPACT,
    )  # fmt: skip
    op.create_index("candidates_worth", "candidates", ["worth"])


def journals() -> None:
    op.create_table(
        "events", number("seq", nullable=False), integer("version", nullable=False), *required("event"),
        *texts("golden_id", "other_golden_id", "cause", "user", "detail"), key("seq"),
    )  # fmt: skip
    op.create_index("events_golden_id", "events", ["golden_id"])
    op.create_index("events_other_golden_id", "events", ["other_golden_id"])
    op.create_index("events_version", "events", ["version"])
    op.create_table(
        "quality_results", number("seq", nullable=False), integer("version", nullable=False),
        *texts("source", "table", "suite", "rule", "field", "severity", "dimension"),
        number("checked"), number("failed"), sa.Column("errored", sa.Boolean()), *texts("message"), key("seq"),
    )  # fmt: skip
    op.create_index("quality_results_version", "quality_results", ["version"])
