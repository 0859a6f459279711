"""The tables of ambassadors."""

import sqlalchemy as sa
from alembic import op

revision = "0007_ambassadors"
down_revision = "0006_creators"


def upgrade() -> None:
    op.create_table(
        "ambassadors",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "program_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "creator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("tier", sa.String(length=40), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_ambassadors_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["creators.id"], name=op.f("fk_ambassadors_creator_id_creators")
        ),
        sa.ForeignKeyConstraint(
            ["program_id"], ["programs.id"], name=op.f("fk_ambassadors_program_id_programs")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ambassadors")),
        sa.UniqueConstraint(
            "program_id", "creator_id", name=op.f("uq_ambassadors_program_id_creator_id")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_ambassadors_public_id")),
    )
    op.create_index(
        op.f("ix_ambassadors_brand_id_ambassadors_status_ambassadors_id"),
        "ambassadors",
        ["brand_id", "status", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_ambassadors_creator_id"), "ambassadors", ["creator_id"], unique=False)
    op.create_table(
        "acceptances",
        sa.Column(
            "ambassador_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "agreement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "accepted_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("ip", sa.String(length=64), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["accepted_by"], ["users.id"], name=op.f("fk_acceptances_accepted_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreements.id"], name=op.f("fk_acceptances_agreement_id_agreements")
        ),
        sa.ForeignKeyConstraint(
            ["ambassador_id"],
            ["ambassadors.id"],
            name=op.f("fk_acceptances_ambassador_id_ambassadors"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acceptances")),
        sa.UniqueConstraint(
            "ambassador_id", "agreement_id", name=op.f("uq_acceptances_ambassador_id_agreement_id")
        ),
    )
    op.create_table(
        "status_changes",
        sa.Column(
            "ambassador_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["ambassador_id"],
            ["ambassadors.id"],
            name=op.f("fk_status_changes_ambassador_id_ambassadors"),
        ),
        sa.ForeignKeyConstraint(["by"], ["users.id"], name=op.f("fk_status_changes_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_changes")),
    )
    op.create_index(
        op.f("ix_status_changes_ambassador_id_status_changes_at_status_changes_id"),
        "status_changes",
        ["ambassador_id", "at", "id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(
        op.f("ix_status_changes_ambassador_id_status_changes_at_status_changes_id"),
        table_name="status_changes",
    )
    op.drop_table("status_changes")
    op.drop_table("acceptances")
    op.drop_index(op.f("ix_ambassadors_creator_id"), table_name="ambassadors")
    op.drop_index(
        op.f("ix_ambassadors_brand_id_ambassadors_status_ambassadors_id"), table_name="ambassadors"
    )
    op.drop_table("ambassadors")
