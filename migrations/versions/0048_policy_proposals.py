"""Changes of money policy that two people agree on; the fixed part of what a rail takes."""

import sqlalchemy as sa
from alembic import op

revision = "0048_policy_proposals"
down_revision = "0047_extras"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "policy_proposals",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", ROW_ID, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("proposed_by", ROW_ID, nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waits_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", ROW_ID, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", ROW_ID, nullable=False),
        sa.CheckConstraint(
            "decided_by <> proposed_by OR status <> 'confirmed'",
            name=op.f("ck_policy_proposals_two_people"),
        ),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_policy_proposals_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["users.id"], name=op.f("fk_policy_proposals_decided_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["users.id"], name=op.f("fk_policy_proposals_proposed_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_proposals")),
        sa.UniqueConstraint("public_id", name=op.f("uq_policy_proposals_public_id")),
    )
    op.create_index("ix_policy_proposals_brand", "policy_proposals", ["brand_id", "status", "id"])
    op.create_index(
        "uq_policy_proposals_open",
        "policy_proposals",
        ["brand_id", "kind"],
        unique=True,
        sqlite_where=sa.text("status = 'proposed'"),
        postgresql_where=sa.text("status = 'proposed'"),
    )
    # What was proposed the old way is put forward again: the new way keeps other facts.
    op.execute("UPDATE money_policies SET status = 'withdrawn' WHERE status = 'proposed'")
    op.drop_index("uq_money_policies_proposed", table_name="money_policies")
    op.add_column(
        "paying_terms", sa.Column("fixed_fees", sa.JSON(), nullable=False, server_default="{}")
    )


def downgrade() -> None:
    op.drop_column("paying_terms", "fixed_fees")
    op.create_index(
        "uq_money_policies_proposed",
        "money_policies",
        ["brand_id"],
        unique=True,
        sqlite_where=sa.text("status = 'proposed'"),
        postgresql_where=sa.text("status = 'proposed'"),
    )
    op.drop_table("policy_proposals")
