"""What was typed waits in the session while a person proves herself again."""

import sqlalchemy as sa
from alembic import op

revision = "0022_session_typed"
down_revision = "0021_codes"


def upgrade() -> None:
    op.add_column("sessions", sa.Column("typed", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("sessions", "typed")
