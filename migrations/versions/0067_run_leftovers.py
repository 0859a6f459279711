"""What comparing a run with its rails left over."""

import sqlalchemy as sa
from alembic import op

revision = "0067_run_leftovers"
down_revision = "0066_account_due"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "run_leftovers",
        sa.Column("run_id", ROW_ID, nullable=False),
        sa.Column("payout_id", ROW_ID, nullable=True),
        sa.Column("provider_ref", sa.String(120), nullable=False),
        sa.Column("ours_minor", sa.BigInteger(), nullable=True),
        sa.Column("ours_currency", sa.String(3), nullable=True),
        sa.Column("theirs_minor", sa.BigInteger(), nullable=True),
        sa.Column("theirs_currency", sa.String(3), nullable=True),
        sa.Column("id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["payout_runs.id"], name=op.f("fk_run_leftovers_run_id_payout_runs")
        ),
        sa.ForeignKeyConstraint(
            ["payout_id"], ["payouts.id"], name=op.f("fk_run_leftovers_payout_id_payouts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_leftovers")),
    )
    op.create_index(
        op.f("ix_run_leftovers_run_id_run_leftovers_id"), "run_leftovers", ["run_id", "id"]
    )
    op.create_index(op.f("ix_run_leftovers_payout_id"), "run_leftovers", ["payout_id"])


def downgrade() -> None:
    op.drop_table("run_leftovers")
