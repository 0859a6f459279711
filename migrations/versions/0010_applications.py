"""The tables of applications."""

import sqlalchemy as sa
from alembic import op

revision = "0010_applications"
down_revision = "0009_sales"


def upgrade() -> None:
    op.create_table(
        "applications",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "program_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "creator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("is_adult", sa.Boolean(), nullable=False),
        sa.Column("has_consented", sa.Boolean(), nullable=False),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("draft_token", sa.String(length=64), nullable=True),
        sa.Column("fit_score", sa.BigInteger(), nullable=False),
        sa.Column("engagement_bp", sa.BigInteger(), nullable=True),
        sa.Column("meets_criteria", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("undo_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(40), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reapply_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("may_reapply", sa.Boolean(), nullable=False),
        sa.Column("wanted_code", sa.String(length=20), nullable=False),
        sa.Column(
            "claimed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "ambassador_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["ambassador_id"],
            ["ambassadors.id"],
            name=op.f("fk_applications_ambassador_id_ambassadors"),
        ),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_applications_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["claimed_by"], ["users.id"], name=op.f("fk_applications_claimed_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_applications_creator_id_creators")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["users.id"], name=op.f("fk_applications_decided_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["programs.id"], name=op.f("fk_applications_program_id_programs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
        sa.UniqueConstraint("draft_token", name=op.f("uq_applications_draft_token")),
        sa.UniqueConstraint("public_id", name=op.f("uq_applications_public_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_applications_reference")),
    )
    op.create_index(
        op.f(
            "ix_applications_brand_id_applications_status_applications_submitted_at_applications_id"
        ),
        "applications",
        ["brand_id", "status", "submitted_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_applications_creator_id"), "applications", ["creator_id"], unique=False
    )
    op.create_index(
        "uq_applications_open_one",
        "applications",
        ["program_id", "creator_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('submitted', 'info_needed', 'shortlisted')"),
        postgresql_where=sa.text("status IN ('submitted', 'info_needed', 'shortlisted')"),
    )


def downgrade() -> None:
    op.drop_index(
        "uq_applications_open_one",
        table_name="applications",
        sqlite_where=sa.text("status IN ('submitted', 'info_needed', 'shortlisted')"),
        postgresql_where=sa.text("status IN ('submitted', 'info_needed', 'shortlisted')"),
    )
    op.drop_index(op.f("ix_applications_creator_id"), table_name="applications")
    op.drop_index(
        op.f(
            "ix_applications_brand_id_applications_status_applications_submitted_at_applications_id"
        ),
        table_name="applications",
    )
    op.drop_table("applications")
