"""Golden ids that the firm brings along, and values that Goldseam wrote into a source."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def seq() -> sa.Column[int]:
    return sa.Column("seq", NUMBER, primary_key=True, autoincrement=True)


def upgrade() -> None:
    op.create_table(
        "adopted", seq(),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("source", "record_id", "golden_id")),
        *(sa.Column(name, sa.Text()) for name in ("user", "time", "file")),
    )  # fmt: skip
    op.create_index("adopted_record", "adopted", ["source", "record_id"])
    op.create_table(
        "written", seq(), *(sa.Column(name, sa.Text(), nullable=False) for name in ("source", "record_id", "field")),
        *(sa.Column(name, sa.Text()) for name in ("value", "time")),
    )  # fmt: skip
    op.create_index("written_record", "written", ["source", "record_id"])
