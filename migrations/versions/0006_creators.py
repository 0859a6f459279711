"""The tables of creators."""

import sqlalchemy as sa
from alembic import op

revision = "0006_creators"
down_revision = "0005_programs"


def upgrade() -> None:
    op.create_table(
        "creators",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("handle", sa.String(length=40), nullable=False),
        sa.Column("folded_handle", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("bio", sa.Text(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("is_adult", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_creators_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_creators")),
        sa.UniqueConstraint("folded_handle", name=op.f("uq_creators_folded_handle")),
        sa.UniqueConstraint("public_id", name=op.f("uq_creators_public_id")),
        sa.UniqueConstraint("user_id", name=op.f("uq_creators_user_id")),
    )
    op.create_table(
        "channels",
        sa.Column(
            "creator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("platform", sa.String(40), nullable=False),
        sa.Column("handle", sa.String(length=120), nullable=False),
        sa.Column("folded_handle", sa.String(length=120), nullable=False),
        sa.Column("url", sa.String(length=400), nullable=False),
        sa.Column("followers", sa.BigInteger(), nullable=False),
        sa.Column("likes_per_post", sa.BigInteger(), nullable=True),
        sa.Column("comments_per_post", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("followers >= 0", name=op.f("ck_channels_followers")),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_channels_creator_id_creators")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
        sa.UniqueConstraint(
            "creator_id",
            "platform",
            "folded_handle",
            name=op.f("uq_channels_creator_id_platform_folded_handle"),
        ),
    )
    op.create_table(
        "payout_destinations",
        sa.Column(
            "creator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("rail", sa.String(40), nullable=False),
        sa.Column("account_ref", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("label_masked", sa.String(length=80), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cooling_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_payout_destinations_creator_id_creators")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_destinations")),
        sa.UniqueConstraint(
            "creator_id", "rail", name=op.f("uq_payout_destinations_creator_id_rail")
        ),
    )
    op.create_index(
        op.f("ix_payout_destinations_account_ref"),
        "payout_destinations",
        ["account_ref"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_payout_destinations_account_ref"), table_name="payout_destinations")
    op.drop_table("payout_destinations")
    op.drop_table("channels")
    op.drop_table("creators")
