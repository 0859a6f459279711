"""What a commission that is not an order's own sale is owed for, once."""

import sqlalchemy as sa
from alembic import op

revision = "0047_extras"
down_revision = "0046_terms_answers"


def upgrade() -> None:
    op.add_column("commissions", sa.Column("source", sa.String(120), nullable=True))
    op.execute(
        "UPDATE commissions SET source = 'assignment:' || assignment_id "
        "WHERE assignment_id IS NOT NULL"
    )
    op.create_index("uq_commissions_source", "commissions", ["source"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_commissions_source", "commissions")
    op.drop_column("commissions", "source")
