"""The stewards' desk: what a queue is filtered by, who is signed in, and what people do there."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FACETS = ("sources", "departments", "languages", "countries", "places", "text")
ORDERS = {
    "worth": ("worth DESC",), "oldest": ("first_run", "worth DESC"), "likely": ("match_probability DESC",),
    "unsure": ("margin",),
}  # fmt: skip
REST = ("left", "right", "kind", "from_version", "to_version")


def seq() -> sa.Column[Any]:
    return sa.Column("seq", NUMBER, primary_key=True, autoincrement=True)


def texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text()) for name in names]


def required(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def on_sqlite() -> bool:
    return op.get_context().dialect.name == "sqlite"


def told(name: str) -> sa.Column[Any]:
    """Yes or no; no, unless somebody says otherwise."""
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.text("false"))


def numbers(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, NUMBER) for name in names]


def upgrade() -> None:
    doubles: list[sa.Column[Any]] = [sa.Column(name, sa.Double()) for name in ("money", "margin")]
    for column in (*numbers("records"), *doubles, *numbers("settles"), *texts(*FACETS)):
        op.add_column("candidates", column)
    op.add_column("users", sa.Column("subject", sa.Text()))
    op.add_column("users", told("once"))
    op.drop_index("candidates_worth", "candidates")
    for name, first in ORDERS.items():  # to leaf through the queue by it alone
        wanted = first if on_sqlite() else [column.replace("DESC", "DESC NULLS LAST") for column in first]
        op.create_index(f"candidates_{name}", "candidates", [*map(sa.text, wanted), *REST])
    for side in ("left", "right"):  # to find the cases of a record
        op.create_index(f"candidates_{side}", "candidates", [side])
    op.create_index("decisions_time", "decisions", ["time"])
    op.create_index("audit_action", "audit", ["action", "time"])
    for table in ("corrections", "releases"):
        for column in numbers("act", "undoes"):
            op.add_column(table, column)
        op.create_index(f"{table}_act", table, ["act"])
    people()
    batches()


def people() -> None:
    """Sessions, acts, claims and views."""
    op.create_table(
        "sessions", *required("token", "user"), *texts("csrf", "created", "seen", "expires"), told("blind"),
        sa.PrimaryKeyConstraint("token"),
    )  # fmt: skip
    op.create_index("sessions_user", "sessions", ["user"])
    op.create_table(
        "acts", seq(), *required("time", "user", "action"),
        *texts("kind", "left", "right", "answer", "purpose", "expected", "other", "text"), *numbers("batch"),
        sa.Column("seconds", sa.Double()), *numbers("undoes"),
    )  # fmt: skip
    op.create_index("acts_case", "acts", ["left", "right"])
    op.create_index("acts_user", "acts", ["user", "time"])
    op.create_index("acts_batch", "acts", ["batch"])
    op.create_index("acts_undoes", "acts", ["undoes"])
    op.create_table(
        "act_decisions", sa.Column("act", NUMBER, sa.ForeignKey("acts.seq"), nullable=False),
        sa.Column("decision", NUMBER, sa.ForeignKey("decisions.seq"), nullable=False),
        sa.PrimaryKeyConstraint("act", "decision"),
    )  # fmt: skip
    op.create_index("act_decisions_decision", "act_decisions", ["decision"])
    op.create_table(
        "claims", *required("kind", "left", "right", "user", "until"), told("ahead"),
        sa.PrimaryKeyConstraint("kind", "left", "right"),
    )  # fmt: skip
    op.create_index("claims_user", "claims", ["user"])
    op.create_table("views", seq(), *required("user", "name", "query"))
    op.create_index("views_user", "views", ["user", "name"], unique=True)


def batches() -> None:
    """Batches, and rows that went back to their source."""
    op.create_table(
        "batches", seq(), *required("time", "user"), *texts("action", "query", "answer", "state", "token"),
        sa.Column("precision", sa.Double()), *numbers("size", "sample", "looks", "decision"),
    )  # fmt: skip
    op.create_table(
        "batch_cases", sa.Column("batch", NUMBER, sa.ForeignKey("batches.seq"), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False, autoincrement=False), *required("kind", "left", "right"),
        *texts("said"), sa.PrimaryKeyConstraint("batch", "ordinal"),
    )  # fmt: skip
    op.create_index("batch_cases_case", "batch_cases", ["left", "right"])
    op.create_table(
        "returns", seq(), *required("source", "record_id"), *texts("hash", "user", "time", "reason"),
        *numbers("act", "undoes"),
    )  # fmt: skip
    op.create_index("returns_record", "returns", ["source", "record_id"])
    op.create_index("returns_act", "returns", ["act"])
