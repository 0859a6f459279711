"""What programs give by themselves: to whoever joins, or reaches a goal."""

import sqlalchemy as sa
from alembic import op

revision = "0065_reward_promises"
down_revision = "0064_rail_paces"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _id(name: str, *, optional: bool = False) -> sa.Column:
    return sa.Column(name, ROW_ID, nullable=optional)


def _to(column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_reward_promises_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name)


def _check(name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_reward_promises_{name}"))


def upgrade() -> None:
    op.create_table(
        "reward_promises",
        sa.Column("public_id", sa.String(40), nullable=False),
        _id("brand_id"),
        _id("program_id"),
        _id("item_id"),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("occasion", sa.String(40), nullable=False),
        sa.Column("metric", sa.String(40), nullable=False),
        sa.Column("threshold", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("window", sa.String(40), nullable=False),
        sa.Column("repeats", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        _id("created_by", optional=True),
        _id("id"),
        _check("quantity", "quantity > 0"),
        _check("asks_something", "threshold > 0"),
        _to("brand_id", "brands"),
        _to("program_id", "programs"),
        _to("item_id", "reward_items"),
        _to("created_by", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reward_promises")),
        sa.UniqueConstraint("public_id", name=op.f("uq_reward_promises_public_id")),
    )
    op.create_index("ix_reward_promises_brand", "reward_promises", ["brand_id", "id"])
    op.create_index("ix_reward_promises_program", "reward_promises", ["program_id", "id"])
    op.add_column("rewards", sa.Column("promise_id", sa.BigInteger(), nullable=True))
    op.create_index("ix_rewards_promise", "rewards", ["promise_id"])


def downgrade() -> None:
    op.drop_index("ix_rewards_promise", "rewards")
    op.drop_column("rewards", "promise_id")
    op.drop_table("reward_promises")
