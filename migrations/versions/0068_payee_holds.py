"""Finance holds a payee as a whole."""

import sqlalchemy as sa
from alembic import op

revision = "0068_payee_holds"
down_revision = "0067_run_leftovers"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OPEN = sa.text("released_at IS NULL")


def _id(name: str, *, optional: bool = False) -> sa.Column:
    return sa.Column(name, ROW_ID, nullable=optional)


def _to(column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_payee_holds_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name)


def _check(name: str, rule: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(rule, name=op.f(f"ck_payee_holds_{name}"))


def upgrade() -> None:
    op.create_table(
        "payee_holds",
        _id("brand_id"),
        _id("creator_id"),
        sa.Column("reason", sa.Text(), nullable=False),
        _id("held_by"),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        _id("released_by", optional=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        _id("id"),
        _check("released_by_somebody", "(released_at IS NULL) = (released_by IS NULL)"),
        _check("has_a_reason", "reason <> ''"),
        _to("brand_id", "brands"),
        _to("creator_id", "creators"),
        _to("held_by", "users"),
        _to("released_by", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payee_holds")),
    )
    op.create_index(
        "uq_payee_holds_open", "payee_holds", ["brand_id", "creator_id"],
        unique=True, sqlite_where=OPEN, postgresql_where=OPEN,
    )  # fmt: skip
    op.create_index("ix_payee_holds_creator", "payee_holds", ["creator_id", "brand_id", "id"])


def downgrade() -> None:
    op.drop_table("payee_holds")
