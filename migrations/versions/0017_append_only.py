"""The memory tables are append-only, and on PostgreSQL every journal must balance."""

from alembic import op

from portal.storage import engine

revision = "0017_append_only"
down_revision = "0016_integrations"


def upgrade() -> None:
    engine.install_triggers(op.get_bind())


def downgrade() -> None:
    engine.remove_triggers(op.get_bind())
