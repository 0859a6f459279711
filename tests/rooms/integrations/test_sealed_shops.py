"""Keys and secrets of shops lie sealed in the database; those written open before are sealed."""

import sqlite3
from pathlib import Path

from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from portal.app import create_app
from portal.config import Settings, sqlite_in
from portal.integrations import shop_commands
from portal.integrations.models import ShopAccess
from portal.sales import commands as sales
from portal.sales.models import Connection, Source
from portal.storage import vault
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.webhooks import commands as webhooks
from portal.webhooks.models import WebhookEndpoint

BEFORE = "0033_factors_and_chain"
SEALED = "0034_sealed_shops"
OPEN_ROW = (
    "INSERT INTO connections (id, public_id, brand_id, source, name, secret, previous_secret, "
    "is_active, created_at) VALUES (1, 'con_1', 1, 'shopify', 'Glow', 'an-open-secret', NULL, 1, "
    "'2026-01-01 00:00:00')"
)


def stored(column, table):
    db.session.remove()
    return [value for (value,) in db.session.execute(text(f"SELECT {column} FROM {table}"))]


def test_nothing_of_a_shop_lies_open(world):
    brand_id = world.glow.id
    with unit_of_work():
        shop = sales.connect(brand_id, Source.WOOCOMMERCE, secret="first-secret")
        sales.rotate_secret(shop.id, "second-secret")
        shop_commands.set_access(
            shop.id, "https://shop.example", "ck_key", "cs_secret", allows_http=False, by=None
        )
        shop_id = shop.id
    for table, columns in (
        ("connections", ("secret", "previous_secret")), ("shop_accesses", ("key", "secret")),
    ):  # fmt: skip
        for column in columns:
            assert all(vault.is_sealed(value) for value in stored(column, table))
    shop = db.session.get(Connection, shop_id)
    access = db.session.query(ShopAccess).one()
    assert shop.secrets == ("second-secret", "first-secret")
    assert (access.key, access.secret) == ("ck_key", "cs_secret")


def test_what_signs_outgoing_webhooks_lies_sealed(world):
    brand_id = world.glow.id
    with unit_of_work():
        made = webhooks.add_endpoint(
            brand_id, "https://hooks.example/in", label="", types=[], by=None
        )
        webhooks.rotate_secret(made.id, by=None)
    signing = [
        *stored("secret", "webhook_endpoints"),
        *stored("previous_secret", "webhook_endpoints"),
    ]
    assert all(vault.is_sealed(value) for value in signing)
    assert db.session.query(WebhookEndpoint).one().secret.startswith("whsec_")


def test_open_rows_are_sealed_by_the_upgrade_and_opened_by_the_way_back(tmp_path: Path):
    settings = Settings(
        database_url=sqlite_in(tmp_path), data=tmp_path, secret_key="x" * 40, testing=True
    )
    with create_app(settings).app_context():
        upgrade(revision=BEFORE)
        with sqlite3.connect(db.engine.url.database) as connection:  # without foreign keys
            connection.execute(OPEN_ROW)
        upgrade(revision=SEALED)
        [held] = stored("secret", "connections")
        assert vault.is_sealed(held)
        assert vault.unseal(held) == "an-open-secret"
        assert stored("previous_secret", "connections") == [None]
        downgrade(revision=BEFORE)
        assert stored("secret", "connections") == ["an-open-secret"]
