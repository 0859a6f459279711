"""Whom finance asked for an account that can be paid."""

import sqlalchemy as sa
from alembic import op

revision = "0063_asked_for_accounts"
down_revision = "0062_tier_offer"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE = "destination_asks"


def _to(column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{TABLE}_{column}_{target}")
    )


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("creator_id", ROW_ID, nullable=False),
        sa.Column("brand_id", ROW_ID, nullable=False),
        sa.Column("asked_by", ROW_ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", ROW_ID, nullable=False),
        _to("creator_id", "creators"),
        _to("brand_id", "brands"),
        _to("asked_by", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{TABLE}")),
    )
    op.create_index("ix_destination_asks_brand", TABLE, ["brand_id", "creator_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_destination_asks_brand", table_name=TABLE)
    op.drop_table(TABLE)
