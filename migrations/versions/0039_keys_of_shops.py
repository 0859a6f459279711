"""An API key may be one shop's; a mistyped key is known by how it begins."""

from alembic import op

revision = "0039_keys_of_shops"
down_revision = "0038_rails"


def upgrade() -> None:
    # Written out: SQLite adds a column with its foreign key only in this form.
    op.execute(
        "ALTER TABLE api_keys ADD COLUMN connection_id BIGINT "
        "CONSTRAINT fk_api_keys_connection_id_connections REFERENCES connections (id)"
    )
    op.create_index(op.f("ix_api_keys_connection_id"), "api_keys", ["connection_id"], unique=False)
    op.create_index(op.f("ix_api_keys_shown"), "api_keys", ["shown"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_api_keys_shown"), table_name="api_keys")
    op.drop_index(op.f("ix_api_keys_connection_id"), table_name="api_keys")
    with op.batch_alter_table("api_keys") as table:
        table.drop_column("connection_id")
