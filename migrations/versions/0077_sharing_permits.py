"""Creators of a brand who may be paid to one account."""

import sqlalchemy as sa
from alembic import op

revision = "0077_sharing_permits"
down_revision = "0076_hold_reviews"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _id(name: str) -> sa.Column:
    return sa.Column(name, ROW_ID, nullable=False)


def _to(column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_sharing_permits_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name)


def upgrade() -> None:
    op.create_table(
        "sharing_permits",
        _id("brand_id"),
        _id("creator_id"),
        sa.Column("account_ref", sa.String(120), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        _id("permitted_by"),
        sa.Column("permitted_at", sa.DateTime(timezone=True), nullable=False),
        _id("id"),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_sharing_permits_has_a_reason")),
        _to("brand_id", "brands"),
        _to("creator_id", "creators"),
        _to("permitted_by", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sharing_permits")),
        sa.UniqueConstraint(
            "brand_id", "creator_id", "account_ref",
            name=op.f("uq_sharing_permits_brand_id_creator_id_account_ref"),
        ),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("sharing_permits")
