"""What became of money between a creator's account at the provider and her bank."""

import sqlalchemy as sa
from alembic import op

revision = "0074_bank_payouts"
down_revision = "0073_pay_dates"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "bank_payouts",
        sa.Column("creator_id", ROW_ID, nullable=False),
        sa.Column("account_ref", sa.String(120), nullable=False),
        sa.Column("provider_ref", sa.String(120), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("failure_code", sa.String(80), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_bank_payouts_creator_id_creators")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_payouts")),
        sa.UniqueConstraint(
            "account_ref", "provider_ref", name=op.f("uq_bank_payouts_account_ref_provider_ref")
        ),
    )
    op.create_index("ix_bank_payouts_account", "bank_payouts", ["account_ref", "state", "told_at"])
    op.create_index("ix_bank_payouts_creator", "bank_payouts", ["creator_id", "id"])


def downgrade() -> None:
    op.drop_table("bank_payouts")
