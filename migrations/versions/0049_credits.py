"""What a credit note takes back of which invoice, at the rate that stood there."""

import sqlalchemy as sa
from alembic import op

revision = "0049_credits"
down_revision = "0048_policy_proposals"


def upgrade() -> None:
    op.add_column("invoices", sa.Column("credits", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    op.drop_column("invoices", "credits")
