"""Patterns, wishes, pools, batches and validity of codes; checks of links; guesses."""

import sqlalchemy as sa
from alembic import op

revision = "0021_codes"
down_revision = "0020_attribution_whole"


def upgrade() -> None:
    op.create_table(
        "guess_windows",
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guess_windows")),
        sa.UniqueConstraint("source", "starts_at", name=op.f("uq_guess_windows_source_starts_at")),
    )
    op.create_index(
        op.f("ix_guess_windows_starts_at"), "guess_windows", ["starts_at"], unique=False
    )
    op.create_table(
        "blocked_words",
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("word", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_blocked_words_brand_id_brands")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocked_words")),
        sa.UniqueConstraint("brand_id", "word", name=op.f("uq_blocked_words_brand_id_word")),
    )
    op.create_table(
        "code_alerts",
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_code_alerts_brand_id_brands")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_alerts")),
        sa.UniqueConstraint(
            "brand_id", "source", "starts_at", name=op.f("uq_code_alerts_brand_id_source_starts_at")
        ),
    )
    op.create_index(
        op.f("ix_code_alerts_brand_id_code_alerts_starts_at"),
        "code_alerts",
        ["brand_id", "starts_at"],
        unique=False,
    )
    op.create_table(
        "code_pools",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "program_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("discount_bp", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_code_pools_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["programs.id"], name=op.f("fk_code_pools_program_id_programs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_pools")),
        sa.UniqueConstraint("public_id", name=op.f("uq_code_pools_public_id")),
    )
    op.create_index(
        op.f("ix_code_pools_brand_id_code_pools_id"), "code_pools", ["brand_id", "id"], unique=False
    )
    op.create_table(
        "tracking_settings",
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "program_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("pattern", sa.String(length=80), nullable=False),
        sa.Column("utm", sa.JSON(), nullable=False),
        sa.Column("end_grace_days", sa.BigInteger(), nullable=False),
        sa.Column("pool_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint(
            "end_grace_days BETWEEN 0 AND 30", name=op.f("ck_tracking_settings_grace")
        ),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_tracking_settings_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["programs.id"], name=op.f("fk_tracking_settings_program_id_programs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracking_settings")),
        sa.UniqueConstraint("program_id", name=op.f("uq_tracking_settings_program_id")),
    )
    op.create_index(
        op.f("ix_tracking_settings_brand_id"), "tracking_settings", ["brand_id"], unique=False
    )
    op.create_table(
        "code_batches",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "program_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("pool_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("pattern", sa.String(length=80), nullable=False),
        sa.Column("discount_bp", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("use_limit", sa.BigInteger(), nullable=True),
        sa.Column("wanted", sa.BigInteger(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("skipped", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_code_batches_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["pool_id"], ["code_pools.id"], name=op.f("fk_code_batches_pool_id_code_pools")
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["programs.id"], name=op.f("fk_code_batches_program_id_programs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_batches")),
        sa.UniqueConstraint("public_id", name=op.f("uq_code_batches_public_id")),
    )
    op.create_index(
        op.f("ix_code_batches_brand_id_code_batches_id"),
        "code_batches",
        ["brand_id", "id"],
        unique=False,
    )
    op.create_table(
        "code_requests",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "ambassador_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("wanted", sa.String(length=20), nullable=False),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("answer", sa.String(length=300), nullable=False),
        sa.Column("code_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["ambassador_id"],
            ["ambassadors.id"],
            name=op.f("fk_code_requests_ambassador_id_ambassadors"),
        ),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_code_requests_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["code_id"], ["discount_codes.id"], name=op.f("fk_code_requests_code_id_discount_codes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_requests")),
        sa.UniqueConstraint("public_id", name=op.f("uq_code_requests_public_id")),
    )
    op.create_index(
        op.f("ix_code_requests_ambassador_id_code_requests_id"),
        "code_requests",
        ["ambassador_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_code_requests_brand_id_code_requests_status_code_requests_id"),
        "code_requests",
        ["brand_id", "status", "id"],
        unique=False,
    )
    op.create_table(
        "link_checks",
        sa.Column("link_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("health", sa.String(40), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.Column("leads_to", sa.String(length=2000), nullable=False),
        sa.Column("broken_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_link_checks_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["link_id"], ["affiliate_links.id"], name=op.f("fk_link_checks_link_id_affiliate_links")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_checks")),
        sa.UniqueConstraint("link_id", name=op.f("uq_link_checks_link_id")),
    )
    op.create_index(
        op.f("ix_link_checks_brand_id_link_checks_health_link_checks_link_id"),
        "link_checks",
        ["brand_id", "health", "link_id"],
        unique=False,
    )
    op.create_index(op.f("ix_link_checks_next_at"), "link_checks", ["next_at"], unique=False)
    op.create_table(
        "pooled_codes",
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pool_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("lookalike", sa.String(length=20), nullable=False),
        sa.Column("code_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_pooled_codes_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["code_id"], ["discount_codes.id"], name=op.f("fk_pooled_codes_code_id_discount_codes")
        ),
        sa.ForeignKeyConstraint(
            ["pool_id"], ["code_pools.id"], name=op.f("fk_pooled_codes_pool_id_code_pools")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pooled_codes")),
        sa.UniqueConstraint(
            "brand_id", "lookalike", name=op.f("uq_pooled_codes_brand_id_lookalike")
        ),
    )
    op.create_index(
        op.f("ix_pooled_codes_pool_id_pooled_codes_code_id_pooled_codes_id"),
        "pooled_codes",
        ["pool_id", "code_id", "id"],
        unique=False,
    )
    op.add_column(
        "discount_codes", sa.Column("valid_from", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "discount_codes", sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("discount_codes", sa.Column("use_limit", sa.BigInteger(), nullable=True))
    op.add_column("discount_codes", sa.Column("batch_id", sa.BigInteger(), nullable=True))
    op.create_index(
        op.f("ix_discount_codes_batch_id_discount_codes_id"),
        "discount_codes",
        ["batch_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_discount_codes_valid_until"), "discount_codes", ["valid_until"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_discount_codes_valid_until"), table_name="discount_codes")
    op.drop_index(op.f("ix_discount_codes_batch_id_discount_codes_id"), table_name="discount_codes")
    op.drop_column("discount_codes", "batch_id")
    op.drop_column("discount_codes", "use_limit")
    op.drop_column("discount_codes", "valid_until")
    op.drop_column("discount_codes", "valid_from")
    op.drop_index(
        op.f("ix_pooled_codes_pool_id_pooled_codes_code_id_pooled_codes_id"),
        table_name="pooled_codes",
    )
    op.drop_table("pooled_codes")
    op.drop_index(op.f("ix_link_checks_next_at"), table_name="link_checks")
    op.drop_index(
        op.f("ix_link_checks_brand_id_link_checks_health_link_checks_link_id"),
        table_name="link_checks",
    )
    op.drop_table("link_checks")
    op.drop_index(
        op.f("ix_code_requests_brand_id_code_requests_status_code_requests_id"),
        table_name="code_requests",
    )
    op.drop_index(
        op.f("ix_code_requests_ambassador_id_code_requests_id"), table_name="code_requests"
    )
    op.drop_table("code_requests")
    op.drop_index(op.f("ix_code_batches_brand_id_code_batches_id"), table_name="code_batches")
    op.drop_table("code_batches")
    op.drop_index(op.f("ix_tracking_settings_brand_id"), table_name="tracking_settings")
    op.drop_table("tracking_settings")
    op.drop_index(op.f("ix_code_pools_brand_id_code_pools_id"), table_name="code_pools")
    op.drop_table("code_pools")
    op.drop_index(op.f("ix_code_alerts_brand_id_code_alerts_starts_at"), table_name="code_alerts")
    op.drop_table("code_alerts")
    op.drop_table("blocked_words")
    op.drop_index(op.f("ix_guess_windows_starts_at"), table_name="guess_windows")
    op.drop_table("guess_windows")
