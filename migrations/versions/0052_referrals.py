"""Recruiting: what it pays, invitations, recruits and their recruiters' shares."""

import sqlalchemy as sa
from alembic import op

revision = "0052_referrals"
down_revision = "0051_bonuses"
ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}")
    )


def upgrade() -> None:
    op.add_column(
        "applications", sa.Column("invite", sa.String(20), nullable=False, server_default="")
    )
    op.create_table(
        "referral_terms",
        sa.Column("brand_id", ROW, nullable=False),
        sa.Column("program_id", ROW, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("basis", sa.String(length=40), nullable=False),
        sa.Column("levels", sa.JSON(), nullable=False),
        sa.Column("first_sale_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("hold_days", sa.BigInteger(), nullable=False),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_by", ROW, nullable=True),
        sa.Column("id", ROW, nullable=False),
        sa.CheckConstraint(
            "first_sale_minor >= 0", name=op.f("ck_referral_terms_first_sale_is_not_negative")
        ),
        sa.CheckConstraint("hold_days BETWEEN 0 AND 120", name=op.f("ck_referral_terms_hold")),
        _key("referral_terms", "brand_id", "brands"),
        _key("referral_terms", "program_id", "programs"),
        _key("referral_terms", "published_by", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_terms")),
        sa.UniqueConstraint(
            "program_id", "version", name=op.f("uq_referral_terms_program_id_version")
        ),
    )
    op.create_table(
        "referral_invites",
        sa.Column("ambassador_id", ROW, nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("id", ROW, nullable=False),
        _key("referral_invites", "ambassador_id", "ambassadors"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_invites")),
        sa.UniqueConstraint("ambassador_id", name=op.f("uq_referral_invites_ambassador_id")),
        sa.UniqueConstraint("code", name=op.f("uq_referral_invites_code")),
    )
    op.create_table(
        "recruits",
        sa.Column("program_id", ROW, nullable=False),
        sa.Column("creator_id", ROW, nullable=False),
        sa.Column("parent_id", ROW, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("bonus_id", ROW, nullable=True),
        sa.Column("id", ROW, nullable=False),
        _key("recruits", "program_id", "programs"),
        _key("recruits", "creator_id", "creators"),
        _key("recruits", "parent_id", "ambassadors"),
        _key("recruits", "bonus_id", "commissions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recruits")),
        sa.UniqueConstraint(
            "program_id", "creator_id", name=op.f("uq_recruits_program_id_creator_id")
        ),
    )
    op.create_index("ix_recruits_parent", "recruits", ["parent_id", "id"])
    op.create_table(
        "referral_overrides",
        sa.Column("child_id", ROW, nullable=False),
        sa.Column("level", sa.BigInteger(), nullable=False),
        sa.Column("commission_id", ROW, nullable=False),
        sa.Column("terms_id", ROW, nullable=False),
        sa.Column("id", ROW, nullable=False),
        sa.CheckConstraint("level BETWEEN 1 AND 2", name=op.f("ck_referral_overrides_two_levels")),
        _key("referral_overrides", "child_id", "commissions"),
        _key("referral_overrides", "commission_id", "commissions"),
        _key("referral_overrides", "terms_id", "referral_terms"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_overrides")),
        sa.UniqueConstraint("child_id", "level", name=op.f("uq_referral_overrides_child_id_level")),
        sa.UniqueConstraint("commission_id", name=op.f("uq_referral_overrides_commission_id")),
    )


def downgrade() -> None:
    for table in ("referral_overrides", "recruits", "referral_invites", "referral_terms"):
        op.drop_table(table)
    op.drop_column("applications", "invite")
