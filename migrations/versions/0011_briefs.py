"""The tables of briefs."""

import sqlalchemy as sa
from alembic import op

revision = "0011_briefs"
down_revision = "0010_applications"


def upgrade() -> None:
    op.create_table(
        "briefs",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "program_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("goal", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("dos", sa.Text(), nullable=False),
        sa.Column("donts", sa.Text(), nullable=False),
        sa.Column("deliverables", sa.JSON(), nullable=False),
        sa.Column("required_tags", sa.JSON(), nullable=False),
        sa.Column("disclosure_line", sa.String(length=200), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("fee_hold_days", sa.BigInteger(), nullable=False),
        sa.Column("capacity", sa.BigInteger(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_ids", sa.JSON(), nullable=False),
        sa.Column(
            "drafted_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "approved_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_briefs_capacity_positive")),
        sa.CheckConstraint("fee_hold_days >= 0", name=op.f("ck_briefs_hold_not_negative")),
        sa.CheckConstraint("fee_minor > 0", name=op.f("ck_briefs_fee_positive")),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["users.id"], name=op.f("fk_briefs_approved_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_briefs_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["drafted_by"], ["users.id"], name=op.f("fk_briefs_drafted_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["programs.id"], name=op.f("fk_briefs_program_id_programs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_briefs")),
        sa.UniqueConstraint("public_id", name=op.f("uq_briefs_public_id")),
    )
    op.create_index("ix_briefs_brand_status", "briefs", ["brand_id", "status", "id"], unique=False)
    op.create_index("ix_briefs_program_status", "briefs", ["program_id", "status"], unique=False)
    op.create_index("ix_briefs_start", "briefs", ["status", "starts_at"], unique=False)
    op.create_table(
        "assignments",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brief_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "ambassador_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "creator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("brief_version", sa.BigInteger(), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("fee_hold_days", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rounds", sa.BigInteger(), nullable=False),
        sa.Column("end_reason", sa.String(length=300), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("fee_minor > 0", name=op.f("ck_assignments_fee_positive")),
        sa.ForeignKeyConstraint(
            ["ambassador_id"],
            ["ambassadors.id"],
            name=op.f("fk_assignments_ambassador_id_ambassadors"),
        ),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_assignments_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["brief_id"], ["briefs.id"], name=op.f("fk_assignments_brief_id_briefs")
        ),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_assignments_creator_id_creators")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
        sa.UniqueConstraint(
            "brief_id", "ambassador_id", name=op.f("uq_assignments_brief_id_ambassador_id")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_assignments_public_id")),
    )
    op.create_index(
        "ix_assignments_ambassador", "assignments", ["ambassador_id", "id"], unique=False
    )
    op.create_index(
        "ix_assignments_brand_status", "assignments", ["brand_id", "status", "id"], unique=False
    )
    op.create_index(
        "ix_assignments_creator_status",
        "assignments",
        ["creator_id", "status", "due_at"],
        unique=False,
    )
    op.create_index("ix_assignments_due", "assignments", ["status", "due_at"], unique=False)
    op.create_table(
        "brief_versions",
        sa.Column("brief_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "published_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["brief_id"], ["briefs.id"], name=op.f("fk_brief_versions_brief_id_briefs")
        ),
        sa.ForeignKeyConstraint(
            ["published_by"], ["users.id"], name=op.f("fk_brief_versions_published_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brief_versions")),
        sa.UniqueConstraint("brief_id", "number", name=op.f("uq_brief_versions_brief_id_number")),
    )
    op.create_table(
        "submissions",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column(
            "assignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("caption", sa.Text(), nullable=False),
        sa.Column("live_url", sa.String(length=500), nullable=False),
        sa.Column("platform", sa.String(length=40), nullable=False),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("override_reason", sa.String(length=300), nullable=False),
        sa.Column("reject_reason", sa.String(40), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignments.id"],
            name=op.f("fk_submissions_assignment_id_assignments"),
        ),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_submissions_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["users.id"], name=op.f("fk_submissions_decided_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submissions")),
        sa.UniqueConstraint(
            "assignment_id", "version", name=op.f("uq_submissions_assignment_id_version")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_submissions_public_id")),
    )
    op.create_index(
        "ix_submissions_brand_status",
        "submissions",
        ["brand_id", "status", "sent_at", "id"],
        unique=False,
    )
    op.create_index("ix_submissions_live_url", "submissions", ["live_url"], unique=False)
    op.create_table(
        "submission_comments",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column(
            "submission_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("reply_to", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "author_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("is_from_brand", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("quote", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "resolved_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_submission_comments_author_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["reply_to"],
            ["submission_comments.id"],
            name=op.f("fk_submission_comments_reply_to_submission_comments"),
        ),
        sa.ForeignKeyConstraint(
            ["resolved_by"], ["users.id"], name=op.f("fk_submission_comments_resolved_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submissions.id"],
            name=op.f("fk_submission_comments_submission_id_submissions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission_comments")),
        sa.UniqueConstraint("public_id", name=op.f("uq_submission_comments_public_id")),
    )
    op.create_index(
        "ix_submission_comments_submission",
        "submission_comments",
        ["submission_id", "id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index("ix_submission_comments_submission", table_name="submission_comments")
    op.drop_table("submission_comments")
    op.drop_index("ix_submissions_live_url", table_name="submissions")
    op.drop_index("ix_submissions_brand_status", table_name="submissions")
    op.drop_table("submissions")
    op.drop_table("brief_versions")
    op.drop_index("ix_assignments_due", table_name="assignments")
    op.drop_index("ix_assignments_creator_status", table_name="assignments")
    op.drop_index("ix_assignments_brand_status", table_name="assignments")
    op.drop_index("ix_assignments_ambassador", table_name="assignments")
    op.drop_table("assignments")
    op.drop_index("ix_briefs_start", table_name="briefs")
    op.drop_index("ix_briefs_program_status", table_name="briefs")
    op.drop_index("ix_briefs_brand_status", table_name="briefs")
    op.drop_table("briefs")
