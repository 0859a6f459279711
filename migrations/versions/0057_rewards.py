"""What is given that is no money: catalogue, rewards, points, what briefs give."""

import sqlalchemy as sa
from alembic import op

revision = "0057_rewards"
down_revision = "0056_adjustment_files"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _id(name: str, *, optional: bool = False) -> sa.Column:
    return sa.Column(name, ROW_ID, nullable=optional)


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}")
    )


def _check(table: str, name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))


def _items() -> None:
    op.create_table(
        "reward_items",
        sa.Column("public_id", sa.String(40), nullable=False),
        _id("brand_id"),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("value_minor", sa.BigInteger(), nullable=False),
        sa.Column("points_price", sa.BigInteger(), nullable=True),
        sa.Column("stock", sa.BigInteger(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _id("id"),
        _check("reward_items", "is_worth_something", "value_minor > 0"),
        _check("reward_items", "stock", "stock >= 0"),
        _check("reward_items", "price", "points_price > 0"),
        _to("reward_items", "brand_id", "brands"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward_items")),
        sa.UniqueConstraint("public_id", name=op.f("uq_reward_items_public_id")),
    )
    op.create_index(
        op.f("ix_reward_items_brand_id_reward_items_is_active_reward_items_id"),
        "reward_items",
        ["brand_id", "is_active", "id"],
    )


def _rewards() -> None:
    op.create_table(
        "rewards",
        sa.Column("public_id", sa.String(40), nullable=False),
        _id("brand_id"),
        _id("creator_id"),
        _id("item_id"),
        sa.Column("source", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(300), nullable=False),
        sa.Column("tracking", sa.String(200), nullable=False),
        sa.Column("card_code", sa.Text(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        _id("given_by", optional=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        _id("id"),
        _check("rewards", "quantity", "quantity > 0"),
        _to("rewards", "brand_id", "brands"),
        _to("rewards", "creator_id", "creators"),
        _to("rewards", "item_id", "reward_items"),
        _to("rewards", "given_by", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rewards")),
        sa.UniqueConstraint("public_id", name=op.f("uq_rewards_public_id")),
        sa.UniqueConstraint("source", name=op.f("uq_rewards_source")),
    )
    for columns in (["brand_id", "status", "id"], ["brand_id", "id"], ["creator_id", "id"]):
        name = "_".join(f"rewards_{one}" for one in columns).removeprefix("rewards_")
        op.create_index(op.f(f"ix_rewards_{name}"), "rewards", columns)


def upgrade() -> None:
    _items()
    _rewards()
    op.create_table(
        "points_balances",
        _id("brand_id"),
        _id("creator_id"),
        sa.Column("points", sa.BigInteger(), nullable=False),
        _id("id"),
        _check("points_balances", "never_below_zero", "points >= 0"),
        _to("points_balances", "brand_id", "brands"),
        _to("points_balances", "creator_id", "creators"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_points_balances")),
        sa.UniqueConstraint(
            "brand_id", "creator_id", name=op.f("uq_points_balances_brand_id_creator_id")
        ),
    )
    op.create_table(
        "brief_rewards",
        _id("brief_id"),
        _id("item_id"),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        _id("id"),
        _check("brief_rewards", "quantity", "quantity > 0"),
        _to("brief_rewards", "brief_id", "briefs"),
        _to("brief_rewards", "item_id", "reward_items"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brief_rewards")),
        sa.UniqueConstraint("brief_id", "item_id", name=op.f("uq_brief_rewards_brief_id_item_id")),
    )


def downgrade() -> None:
    for table in ("brief_rewards", "points_balances", "rewards", "reward_items"):
        op.drop_table(table)
