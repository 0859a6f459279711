"""What a click earns by the terms, what days were paid, and how far they are closed."""

import sqlalchemy as sa
from alembic import op

revision = "0059_click_pay"
down_revision = "0058_brief_budgets"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _id(name: str) -> sa.Column:
    return sa.Column(name, ROW_ID, nullable=False)


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}")
    )


def _days() -> None:
    op.create_table(
        "click_pay_days",
        _id("program_id"),
        _id("ambassador_id"),
        sa.Column("day", sa.Date(), nullable=False),
        _id("terms_id"),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.Column("repeats", sa.BigInteger(), nullable=False),
        sa.Column("machines", sa.BigInteger(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
        _id("id"),
        sa.CheckConstraint(
            "amount_minor >= 0", name=op.f("ck_click_pay_days_amount_is_not_negative")
        ),
        sa.CheckConstraint(
            "paid >= 0 AND paid <= people", name=op.f("ck_click_pay_days_pays_people")
        ),
        _to("click_pay_days", "program_id", "programs"),
        _to("click_pay_days", "ambassador_id", "ambassadors"),
        _to("click_pay_days", "terms_id", "commission_terms"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_click_pay_days")),
        sa.UniqueConstraint(
            "ambassador_id", "day", name=op.f("uq_click_pay_days_ambassador_id_day")
        ),
    )
    op.create_index("ix_click_pay_days_program", "click_pay_days", ["program_id", "day"])


def upgrade() -> None:
    op.add_column(
        "commission_terms", sa.Column("clicks", sa.JSON(), nullable=False, server_default="{}")
    )
    _days()
    op.create_table(
        "click_pay_closed",
        _id("program_id"),
        sa.Column("day", sa.Date(), nullable=False),
        _id("id"),
        _to("click_pay_closed", "program_id", "programs"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_click_pay_closed")),
        sa.UniqueConstraint("program_id", name=op.f("uq_click_pay_closed_program_id")),
    )


def downgrade() -> None:
    op.drop_table("click_pay_closed")
    op.drop_index("ix_click_pay_days_program", table_name="click_pay_days")
    op.drop_table("click_pay_days")
    op.drop_column("commission_terms", "clicks")
