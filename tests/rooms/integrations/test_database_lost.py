"""P11, P12: the database is busy, gone, or its disk is full while a shop posts an order.

The shop is answered with an error, so it comes again; it is never told "received" without a row.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError

from portal.integrations.models import InboundEvent
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger import commands as ledger
from portal.ledger import queries as books
from portal.ledger.models import LedgerJournal
from portal.sales import commands as sales
from portal.sales.models import Source
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support.cuts import Killed, cut, dropped
from tests.support.hooks import Poster
from tests.support.people import a_program, an_ambassador

MOST_STEPS = 40


@pytest.fixture
def shop(world):
    brand_id = world.glow.id
    with unit_of_work():
        made = sales.connect(brand_id, Source.SHOPIFY)
    return Poster(world.app, "shopify", made.public_id, made.secret)


@pytest.fixture
def only_sqlite(app):
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL waits for locks itself, and its disk is not ours to fill")


def order(number: int, weight: int = 0):
    return {
        "id": number, "name": f"#{number}", "currency": "USD", "financial_status": "paid",
        "created_at": "2026-03-01T10:00:00Z", "updated_at": "2026-03-01T10:00:05Z",
        "total_price": "80.00", "line_items": [{"id": 1, "price": "80.00", "quantity": 1}],
        "note": "x" * weight,
    }  # fmt: skip


def kept(model=InboundEvent) -> int:
    db.session.remove()
    return int(db.session.scalar(select(func.count()).select_from(model)) or 0)


def test_P11_at_every_step_of_a_webhook_the_connection_goes(shop):
    """Answered 5xx without a row; posted again, it is taken in once."""
    for step in range(1, MOST_STEPS):
        before = kept()
        with cut(step, dropped) as steps:
            answer = shop.posts(order(step), "orders/paid", event_id=f"w-{step}")
        if not steps.was_cut:
            break
        assert answer.status_code == 200 or answer.status_code >= 500
        assert kept() == before + (answer.status_code == 200), "received means that it is kept"
        again = shop.posts(order(step), "orders/paid", event_id=f"w-{step}")
        assert again.status_code == 200
        assert kept() == before + 1
    assert step > 4
    assert answer.status_code == 200


@contextmanager
def connections(pragma: str) -> Iterator[None]:
    """Every connection of the application begins with this."""

    def set_up(connection, *_):
        connection.execute(pragma).close()

    db.session.remove()
    event.listen(db.engine, "checkout", set_up)
    try:
        yield
    finally:
        event.remove(db.engine, "checkout", set_up)
        db.session.remove()
        db.engine.dispose()


def test_P11_while_another_process_holds_the_database(only_sqlite, shop):
    """Longer than anybody waits: refused with 503, and taken in once it is free."""
    other = sqlite3.connect(db.engine.url.database, isolation_level=None)
    with connections("PRAGMA busy_timeout=30"):
        other.execute("BEGIN EXCLUSIVE")
        assert shop.posts(order(1), "orders/paid", event_id="w-1").status_code == 503
        other.execute("ROLLBACK")
        assert kept() == 0
        assert shop.posts(order(1), "orders/paid", event_id="w-1").status_code == 200
    other.close()
    assert kept() == 1


def test_P11_somebody_else_waits_and_is_served(only_sqlite, shop):
    """Held for a moment only, nobody notices: the wait is within the time SQLite is given."""
    other = sqlite3.connect(db.engine.url.database, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    free = threading.Timer(0.2, other.execute, ("ROLLBACK",))
    free.start()
    assert shop.posts(order(1), "orders/paid", event_id="w-1").status_code == 200
    free.join()
    other.close()
    assert kept() == 1


def test_P12_a_full_disk_refuses_stays_consistent_and_recovers(only_sqlite, world, shop):
    ada = an_ambassador(a_program(world.glow), "Ada")
    path = (accounts.expense(ada.brand_id), accounts.payable(ada.brand_id, ada.creator_id))
    pages = db.session.scalar(text("PRAGMA page_count"))
    with connections(f"PRAGMA max_page_count={pages}"):
        accepted, status = 0, 200
        while status == 200:
            accepted += 1
            status = shop.posts(order(accepted, 900_000), "orders/paid").status_code
        assert (status, kept()) == (503, accepted - 1)
        posted, is_full = 0, False
        while not is_full:
            try:
                with unit_of_work():
                    for _ in range(200):
                        posted += 1
                        ledger.post("test", f"full:{posted}", [(*path, Money.of("1.00 USD"))])
            except DBAPIError:
                is_full = True
        whole = (posted - 1) // 200 * 200
        assert kept(LedgerJournal) == whole, "a unit that did not fit left nothing"
        assert books.violations() == []
        assert db.session.scalar(text("PRAGMA integrity_check")) == "ok"
        world.mona.opens("/brand/glow").sees("Glow")  # reading goes on
    assert shop.posts(order(accepted, 900_000), "orders/paid").status_code == 200
    assert kept() == accepted
    with unit_of_work():
        ledger.post("test", "after", [(*path, Money.of("1.00 USD"))])
    assert books.balance(path[1], "USD").minor == 100 * (whole + 1)


def test_what_kills_a_request_is_caught_by_nothing(shop):
    """The tool these tests cut with: its blow goes through every `except Exception`."""
    with pytest.raises(Killed), cut(3, _killed):
        shop.posts(order(1), "orders/paid", event_id="w-1")
    assert kept() == 0


def _killed(_connection):
    raise Killed
