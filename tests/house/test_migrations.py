"""Migrations: one line, the head named in HEAD.txt, equal to the models, and a way back."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from portal.app import create_app
from portal.config import Settings, sqlite_in
from portal.storage.model import Model, db


def fresh(folder: Path) -> Flask:
    return create_app(
        Settings(database_url=sqlite_in(folder), data=folder, secret_key="x" * 40, testing=True)
    )


def test_one_line_with_a_named_head():
    scripts = ScriptDirectory("migrations")
    assert scripts.get_heads() == [Path("migrations/HEAD.txt").read_text().strip()]
    assert all(len(script._all_down_revisions) <= 1 for script in scripts.walk_revisions())


def test_the_head_is_what_the_models_say(tmp_path: Path):
    with fresh(tmp_path).app_context():
        upgrade()
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": False})
            assert compare_metadata(context, Model.metadata) == []


def test_up_down_and_up_again(tmp_path: Path):
    with fresh(tmp_path).app_context():
        upgrade()
        before = sorted(inspect(db.engine).get_table_names())
        downgrade(revision="base")
        assert inspect(db.engine).get_table_names() == ["alembic_version"]
        upgrade()
        inspect(db.engine).clear_cache()
        assert sorted(inspect(db.engine).get_table_names()) == before
