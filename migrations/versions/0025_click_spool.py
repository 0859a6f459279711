"""The spool's offsets, the roll-ups by day, the links' version; a click's address; one index less."""

import sqlalchemy as sa
from alembic import op

revision = "0025_click_spool"
down_revision = "0024_api"
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Days are written as SQLite and PostgreSQL both read them.
COUNT = """INSERT INTO click_days
    (link_id, day, ambassador_id, brand_id, humans, repeats, bots, prefetches)
    SELECT link_id, {day}, ambassador_id, brand_id,
        SUM(CASE WHEN agent_class = 'human' THEN 1 ELSE 0 END),
        SUM(CASE WHEN agent_class = 'repeat' THEN 1 ELSE 0 END), 0, 0
    FROM clicks GROUP BY link_id, {day}, ambassador_id, brand_id"""


def upgrade() -> None:
    op.create_table(
        "click_days",
        sa.Column("link_id", ROW_ID, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("ambassador_id", ROW_ID, nullable=False),
        sa.Column("brand_id", ROW_ID, nullable=False),
        sa.Column("humans", sa.BigInteger(), nullable=False),
        sa.Column("repeats", sa.BigInteger(), nullable=False),
        sa.Column("bots", sa.BigInteger(), nullable=False),
        sa.Column("prefetches", sa.BigInteger(), nullable=False),
        sa.Column("id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"], ["affiliate_links.id"], name=op.f("fk_click_days_link_id_affiliate_links")
        ),
        sa.ForeignKeyConstraint(
            ["ambassador_id"],
            ["ambassadors.id"],
            name=op.f("fk_click_days_ambassador_id_ambassadors"),
        ),
        sa.ForeignKeyConstraint(
            ["brand_id"], ["brands.id"], name=op.f("fk_click_days_brand_id_brands")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_click_days")),
        sa.UniqueConstraint("link_id", "day", name=op.f("uq_click_days_link_id_day")),
    )
    for owner in ("ambassador_id", "brand_id"):
        op.create_index(op.f(f"ix_click_days_{owner}_click_days_day"), "click_days", [owner, "day"])
    op.create_table(
        "click_spools",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("through", sa.DateTime(timezone=True), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", ROW_ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_click_spools")),
        sa.UniqueConstraint("name", name=op.f("uq_click_spools_name")),
    )
    op.create_table(
        "click_segments",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("spool_id", ROW_ID, nullable=False),
        sa.Column("taken_bytes", sa.BigInteger(), nullable=False),
        sa.Column("unreadable", sa.BigInteger(), nullable=False),
        sa.Column("id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["spool_id"], ["click_spools.id"], name=op.f("fk_click_segments_spool_id_click_spools")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_click_segments")),
        sa.UniqueConstraint("name", name=op.f("uq_click_segments_name")),
    )
    op.create_table(
        "links_version",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("id", ROW_ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_links_version")),
    )
    op.add_column("clicks", sa.Column("ip", sa.String(length=45), nullable=True))
    op.drop_index(op.f("ix_clicks_link_id_clicks_visitor_clicks_at"), table_name="clicks")
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    day = "date(at)" if is_sqlite else "CAST(at AT TIME ZONE 'UTC' AS date)"
    op.execute(COUNT.format(day=day))


def downgrade() -> None:
    op.create_index(
        op.f("ix_clicks_link_id_clicks_visitor_clicks_at"),
        "clicks",
        ["link_id", "visitor", "at"],
        unique=False,
    )
    op.drop_column("clicks", "ip")
    op.drop_table("links_version")
    op.drop_table("click_segments")
    op.drop_table("click_spools")
    for owner in ("ambassador_id", "brand_id"):
        op.drop_index(op.f(f"ix_click_days_{owner}_click_days_day"), table_name="click_days")
    op.drop_table("click_days")
