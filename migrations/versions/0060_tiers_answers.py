"""Whom new tiers take something from, what each ambassador answers, and whose ladder a line is."""

import sqlalchemy as sa
from alembic import op

revision = "0060_tiers_answers"
down_revision = "0059_click_pay"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("tier_ladders", sa.Column("lost", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column(
        "tier_ladders",
        sa.Column("silence_keeps", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("tier_list_lines", sa.Column("ladder_id", sa.BigInteger(), nullable=True))
    op.create_table(
        "tiers_answers",
        sa.Column("ambassador_id", ROW_ID, nullable=False),
        sa.Column("ladder_id", ROW_ID, nullable=False),
        sa.Column("answer", sa.String(40), nullable=False),
        sa.Column("is_latest", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", ROW_ID, nullable=True),
        sa.Column("ip", sa.String(length=64), nullable=False),
        sa.Column("id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["ambassador_id"],
            ["ambassadors.id"],
            name=op.f("fk_tiers_answers_ambassador_id_ambassadors"),
        ),
        sa.ForeignKeyConstraint(["by"], ["users.id"], name=op.f("fk_tiers_answers_by_users")),
        sa.ForeignKeyConstraint(
            ["ladder_id"],
            ["tier_ladders.id"],
            name=op.f("fk_tiers_answers_ladder_id_tier_ladders"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tiers_answers")),
    )
    op.create_index(
        op.f("ix_tiers_answers_ambassador_id_tiers_answers_ladder_id_tiers_answers_id"),
        "tiers_answers",
        ["ambassador_id", "ladder_id", "id"],
    )
    op.create_index(
        op.f("ix_tiers_answers_ladder_id_tiers_answers_is_latest_tiers_answers_answer"),
        "tiers_answers",
        ["ladder_id", "is_latest", "answer"],
    )


def downgrade() -> None:
    op.drop_table("tiers_answers")
    op.drop_column("tier_list_lines", "ladder_id")
    for name in ("silence_keeps", "lost"):
        op.drop_column("tier_ladders", name)
