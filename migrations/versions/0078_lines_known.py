"""All lines that an order was ever told with, where the newest report has not all of them."""

import sqlalchemy as sa
from alembic import op

revision = "0078_lines_known"
down_revision = "0077_sharing_permits"


def upgrade() -> None:
    op.add_column("orders", sa.Column("lines_known", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("orders", "lines_known")
