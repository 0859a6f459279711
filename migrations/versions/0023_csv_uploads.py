"""Files of orders: checked first, then imported."""

import sqlalchemy as sa
from alembic import op

revision = "0023_csv_uploads"
down_revision = "0022_session_typed"
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "csv_uploads",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("brand_id", BIG, nullable=False),
        sa.Column("by_id", BIG, nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("rejected", sa.BigInteger(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_csv_uploads_brand_id_brands")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_csv_uploads_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_csv_uploads")),
        sa.UniqueConstraint("public_id", name=op.f("uq_csv_uploads_public_id")),
    )
    op.create_index(
        op.f("ix_csv_uploads_brand_id_csv_uploads_id"),
        "csv_uploads",
        ["brand_id", "id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_csv_uploads_brand_id_csv_uploads_id"), table_name="csv_uploads")
    op.drop_table("csv_uploads")
