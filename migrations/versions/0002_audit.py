"""The tables of audit."""

import sqlalchemy as sa
from alembic import op

revision = "0002_audit"
down_revision = "0001_jobs"


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("brand_id", sa.BigInteger(), nullable=True),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("subject_kind", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    op.create_index(
        op.f("ix_audit_entries_brand_id_audit_entries_id"),
        "audit_entries",
        ["brand_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_audit_entries_subject_kind_audit_entries_subject_id_audit_entries_id"),
        "audit_entries",
        ["subject_kind", "subject_id", "id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(
        op.f("ix_audit_entries_subject_kind_audit_entries_subject_id_audit_entries_id"),
        table_name="audit_entries",
    )
    op.drop_index(op.f("ix_audit_entries_brand_id_audit_entries_id"), table_name="audit_entries")
    op.drop_table("audit_entries")
