"""Second factors of people, and the hash chains over audit trail and books."""

import sqlalchemy as sa
from alembic import op

revision = "0033_factors_and_chain"
down_revision = "0032_tax"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("users", sa.Column("second_factor_at", AT, nullable=True))
    op.add_column(
        "sessions", sa.Column("waits", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    _factors()
    _trust()
    _chains()


def _factors() -> None:
    op.create_table(
        "authenticators",
        sa.Column("user_id", ROW_ID, nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("next_secret", sa.Text(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("confirmed_at", AT, nullable=True),
        sa.Column("last_used_at", AT, nullable=True),
        *_of_user("authenticators"),
        sa.UniqueConstraint("user_id", name=op.f("uq_authenticators_user_id")),
    )
    op.create_table(
        "passkeys",
        sa.Column("public_id", sa.String(length=40), nullable=False),
        sa.Column("user_id", ROW_ID, nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("credential_id", sa.String(length=1400), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.JSON(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("last_used_at", AT, nullable=True),
        *_of_user("passkeys"),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_passkeys_public_id")),
    )
    op.create_index(op.f("ix_passkeys_user_id_passkeys_id"), "passkeys", ["user_id", "id"])
    op.create_table(
        "passkey_questions",
        sa.Column("session_id", ROW_ID, nullable=False),
        sa.Column("challenge", sa.String(length=120), nullable=False),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_passkey_questions_session_id_sessions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey_questions")),
        sa.UniqueConstraint("session_id", name=op.f("uq_passkey_questions_session_id")),
    )


def _trust() -> None:
    op.create_table(
        "recovery_codes",
        sa.Column("user_id", ROW_ID, nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("used_at", AT, nullable=True),
        *_of_user("recovery_codes"),
        sa.UniqueConstraint(
            "user_id", "code_hash", name=op.f("uq_recovery_codes_user_id_code_hash")
        ),
    )
    op.create_table(
        "remembered_devices",
        sa.Column("user_id", ROW_ID, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_agent", sa.String(length=200), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("expires_at", AT, nullable=False),
        *_of_user("remembered_devices"),
        sa.UniqueConstraint("token_hash", name=op.f("uq_remembered_devices_token_hash")),
    )
    op.create_index(
        op.f("ix_remembered_devices_user_id_remembered_devices_id"),
        "remembered_devices",
        ["user_id", "id"],
    )
    op.create_table(
        "factor_tries",
        sa.Column("user_id", ROW_ID, nullable=False),
        sa.Column("wrong_count", sa.BigInteger(), nullable=False),
        sa.Column("since", AT, nullable=False),
        *_of_user("factor_tries"),
        sa.UniqueConstraint("user_id", name=op.f("uq_factor_tries_user_id")),
    )


def _of_user(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f(f"fk_{table}_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _chains() -> None:
    op.create_table(
        "chain_heads",
        sa.Column("name", sa.String(length=12), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("sealed_at", AT, nullable=True),
        sa.Column("mark_id", sa.BigInteger(), nullable=False),
        sa.Column("ahead_id", sa.BigInteger(), nullable=True),
        sa.Column("ahead_xid", sa.BigInteger(), nullable=True),
        sa.Column("verified_number", sa.BigInteger(), nullable=False),
        sa.Column("verified_hash", sa.String(length=64), nullable=False),
        sa.Column("verified_at", AT, nullable=True),
        sa.Column("wrong_count", sa.BigInteger(), nullable=False),
        sa.Column("first_wrong", sa.Text(), nullable=False),
        sa.Column("id", ROW_ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain_heads")),
        sa.UniqueConstraint("name", name=op.f("uq_chain_heads_name")),
    )
    op.create_table(
        "chain_batches",
        sa.Column("chain", sa.String(length=12), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("members", sa.LargeBinary(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", AT, nullable=False),
        sa.Column("id", ROW_ID, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain_batches")),
        sa.UniqueConstraint("chain", "number", name=op.f("uq_chain_batches_chain_number")),
    )
    op.create_index(
        op.f("ix_chain_batches_chain_chain_batches_last_id"), "chain_batches", ["chain", "last_id"]
    )


def downgrade() -> None:
    for table in (
        "chain_batches", "chain_heads", "factor_tries", "remembered_devices", "recovery_codes",
        "passkey_questions", "passkeys", "authenticators",
    ):  # fmt: skip
        op.drop_table(table)
    op.drop_column("sessions", "waits")
    op.drop_column("users", "second_factor_at")
