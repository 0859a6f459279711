"""What clicks came with, by day; a way to the clicks that still have an address."""

import sqlalchemy as sa
from alembic import op

revision = "0028_click_parameters"
down_revision = "0027_webhooks"
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "click_parameter_days",
        sa.Column("link_id", ROW_ID, nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("value", sa.String(length=60), nullable=False),
        sa.Column("humans", sa.BigInteger(), nullable=False),
        sa.Column("id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"],
            ["affiliate_links.id"],
            name=op.f("fk_click_parameter_days_link_id_affiliate_links"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_click_parameter_days")),
        sa.UniqueConstraint(
            "link_id",
            "name",
            "day",
            "value",
            name=op.f("uq_click_parameter_days_link_id_name_day_value"),
        ),
    )
    with_ip = sa.text("ip IS NOT NULL")
    op.create_index(
        "ix_clicks_id_with_ip", "clicks", ["id"], sqlite_where=with_ip, postgresql_where=with_ip
    )


def downgrade() -> None:
    op.drop_index("ix_clicks_id_with_ip", table_name="clicks")
    op.drop_table("click_parameter_days")
