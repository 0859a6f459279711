"""Secrets at rest: nothing plain reaches the database, and keys can be changed."""

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, event, insert, select, text

from portal.storage import sealing, vault
from portal.storage.model import db
from portal.storage.types import Sealed
from portal.storage.unit_of_work import unit_of_work

OLD, NEW = "an-old-key-of-32-characters-at-least", "a-new-key-of-32-characters-at-least!"


SAFES = MetaData()
SAFE = Table("safes", SAFES, Column("id", Integer, primary_key=True), Column("code", Sealed()))


@pytest.fixture
def safe(app):
    with unit_of_work():
        SAFES.create_all(db.session.connection())
        db.session.execute(insert(SAFE).values(code="12-34-ü"))
    yield
    vault.install(app.config["PORTAL"].secret_key)
    with unit_of_work():
        SAFES.drop_all(db.session.connection())


def code():
    return db.session.scalar(select(SAFE.c.code))


def as_stored():
    return db.session.scalar(text("SELECT code FROM safes"))


def test_a_secret_is_plain_in_python_and_sealed_in_the_database(safe):
    assert (code(), vault.is_sealed(as_stored())) == ("12-34-ü", True)
    assert "12-34" not in as_stored()


def test_the_same_secret_is_never_sealed_alike(app):
    assert vault.seal("1") != vault.seal("1")
    assert vault.seal("") == vault.unseal("") == ""


def test_an_old_key_opens_until_everything_was_sealed_again(app, safe):
    vault.install(OLD, (NEW, app.config["PORTAL"].secret_key))
    assert (vault.is_current(as_stored()), sealing.violations(SAFES)) == (False, [])
    with unit_of_work():
        assert (sealing.reseal(SAFES), sealing.reseal(SAFES)) == (1, 0)
    vault.install(OLD, (NEW,))
    assert (code(), sealing.violations(SAFES)) == ("12-34-ü", [])


def test_what_somebody_changes_while_all_is_sealed_again_stays_hers(app, safe):
    """On PostgreSQL others write meanwhile: her new bank account must not become the old one."""
    vault.install(OLD, (NEW, app.config["PORTAL"].secret_key))
    hers = [vault.seal("56-78")]

    def writes(connection, _cursor, statement, *_rest):
        if statement.startswith("UPDATE safes") and hers:
            connection.execute(text("UPDATE safes SET code = :it"), {"it": hers.pop()})

    event.listen(db.engine, "before_cursor_execute", writes)
    with unit_of_work():
        assert sealing.reseal(SAFES) == 0
    event.remove(db.engine, "before_cursor_execute", writes)
    assert (code(), hers) == ("56-78", [])


def test_a_lost_key_is_told_and_nothing_is_changed(safe):
    before = as_stored()
    vault.install(OLD)
    with pytest.raises(vault.WrongKey, match="sealed with another key"):
        code()
    with pytest.raises(vault.WrongKey), unit_of_work():
        sealing.reseal(SAFES)
    assert (sealing.violations(SAFES), as_stored()) == (
        ["1 of safes.code open with none of the keys."], before,
    )  # fmt: skip


@pytest.mark.parametrize("stored", ["12-34", "sealed:1:", "sealed:1:AAAA", "x" * 200])
def test_what_was_never_sealed_is_not_believed(app, stored):
    with pytest.raises(vault.WrongKey):
        vault.unseal(stored)
