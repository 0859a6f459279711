"""The tables of notifications."""

import sqlalchemy as sa
from alembic import op

revision = "0015_notifications"
down_revision = "0014_payouts"


def upgrade() -> None:
    op.create_table(
        "messages",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("dedupe", sa.String(length=200), nullable=False),
        sa.Column("letter", sa.String(length=60), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("dedupe", name=op.f("uq_messages_dedupe")),
        sa.UniqueConstraint("public_id", name=op.f("uq_messages_public_id")),
    )
    op.create_index(
        op.f("ix_messages_recipient_messages_id"), "messages", ["recipient", "id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_messages_recipient_messages_id"), table_name="messages")
    op.drop_table("messages")
