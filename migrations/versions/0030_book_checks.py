"""What the last look at all the books found."""

import sqlalchemy as sa
from alembic import op

revision = "0030_book_checks"
down_revision = "0029_flags"


def upgrade() -> None:
    op.create_table(
        "book_checks",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wrong_count", sa.Integer(), nullable=False),
        sa.Column("first_wrong", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book_checks")),
    )


def downgrade() -> None:
    op.drop_table("book_checks")
