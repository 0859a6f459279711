"""The operator stops all sending."""

import sqlalchemy as sa
from alembic import op

revision = "0075_sending_stops"
down_revision = "0074_bank_payouts"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STANDS = sa.text("released_at IS NULL")


def _id(name: str, *, optional: bool = False) -> sa.Column:
    return sa.Column(name, ROW_ID, nullable=optional)


def _user(column: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_sending_stops_{column}_users")
    return sa.ForeignKeyConstraint([column], ["users.id"], name=name)


def _check(name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_sending_stops_{name}"))


def upgrade() -> None:
    op.create_table(
        "sending_stops",
        sa.Column("reach", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        _id("stopped_by"),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=False),
        _id("released_by", optional=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        _id("id"),
        _check("released_by_somebody", "(released_at IS NULL) = (released_by IS NULL)"),
        _check("has_a_reason", "reason <> ''"),
        _user("stopped_by"),
        _user("released_by"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sending_stops")),
    )
    op.create_index(
        "uq_sending_stops_stands", "sending_stops", ["reach"],
        unique=True, sqlite_where=STANDS, postgresql_where=STANDS,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("sending_stops")
