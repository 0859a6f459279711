"""Budgets of briefs, and what each assignment owes for good (R95)."""

import sqlalchemy as sa
from alembic import op

revision = "0058_brief_budgets"
down_revision = "0057_rewards"

OWED = """
UPDATE assignments SET owed_minor = coalesce(
    (SELECT c.amount_minor - c.reversed_minor FROM commissions c
     WHERE c.assignment_id = assignments.id),
    CASE WHEN status = 'completed' THEN fee_minor ELSE 0 END)
"""


def upgrade() -> None:
    op.add_column("briefs", sa.Column("budget_minor", sa.BigInteger(), nullable=True))
    op.add_column(
        "assignments",
        sa.Column("owed_minor", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.execute(OWED)


def downgrade() -> None:
    op.drop_column("assignments", "owed_minor")
    op.drop_column("briefs", "budget_minor")
