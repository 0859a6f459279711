"""Whom new terms take something from, and what each ambassador answers."""

import sqlalchemy as sa
from alembic import op

revision = "0046_terms_answers"
down_revision = "0045_brief_clock"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NO = {"nullable": False, "server_default": sa.false()}


def upgrade() -> None:
    op.add_column("programs", sa.Column("notice_was_days", sa.BigInteger(), nullable=True))
    op.add_column(
        "programs", sa.Column("notice_was_until", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("programs", sa.Column("silence_keeps", sa.Boolean(), **NO))
    op.add_column(
        "commission_terms", sa.Column("lost", sa.JSON(), nullable=False, server_default="{}")
    )
    op.add_column("commission_terms", sa.Column("silence_keeps", sa.Boolean(), **NO))
    op.create_table(
        "terms_answers",
        sa.Column("ambassador_id", ROW_ID, nullable=False),
        sa.Column("terms_id", ROW_ID, nullable=False),
        sa.Column("answer", sa.String(40), nullable=False),
        sa.Column("is_latest", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", ROW_ID, nullable=True),
        sa.Column("ip", sa.String(length=64), nullable=False),
        sa.Column("id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["ambassador_id"],
            ["ambassadors.id"],
            name=op.f("fk_terms_answers_ambassador_id_ambassadors"),
        ),
        sa.ForeignKeyConstraint(["by"], ["users.id"], name=op.f("fk_terms_answers_by_users")),
        sa.ForeignKeyConstraint(
            ["terms_id"],
            ["commission_terms.id"],
            name=op.f("fk_terms_answers_terms_id_commission_terms"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms_answers")),
    )
    op.create_index(
        op.f("ix_terms_answers_ambassador_id_terms_answers_terms_id_terms_answers_id"),
        "terms_answers",
        ["ambassador_id", "terms_id", "id"],
    )
    op.create_index(
        op.f("ix_terms_answers_terms_id_terms_answers_is_latest_terms_answers_answer"),
        "terms_answers",
        ["terms_id", "is_latest", "answer"],
    )


def downgrade() -> None:
    op.drop_table("terms_answers")
    for name in ("silence_keeps", "lost"):
        op.drop_column("commission_terms", name)
    for name in ("silence_keeps", "notice_was_until", "notice_was_days"):
        op.drop_column("programs", name)
