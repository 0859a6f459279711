"""Up to which entry earlier payouts cover an account, from an index alone."""

from alembic import op

revision = "0055_payouts_covered"
down_revision = "0054_tier_periods"


def upgrade() -> None:
    op.create_index(
        "ix_payouts_covered",
        "payouts",
        ["creator_id", "brand_id", "currency", "status", "up_to_entry_id"],
    )


def downgrade() -> None:
    op.drop_index("ix_payouts_covered", "payouts")
