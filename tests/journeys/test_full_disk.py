"""P12 on PostgreSQL: its disk, a real one, is full to the last page.

What does not fit is refused with 503 and leaves nothing half-written; the books hold; and once
there is room, the same message is taken in once and the run goes on. Also when the server itself
fell, because it could not write its log. On SQLite: rooms/integrations/test_database_lost.py.
"""

from __future__ import annotations

import base64
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from portal import doctor
from portal.integrations.models import InboundEvent
from portal.ledger import accounts
from portal.ledger import queries as books
from portal.payouts import jobs, queries
from portal.payouts.models import PayoutStatus
from portal.sales import commands as sales
from portal.sales.models import Source
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work
from tests.support.hooks import Poster
from tests.support.small_disk import SmallDisk, a_small_disk
from tests.support.stage import BALANCE_MINOR, Stage, an_approved_run, staged

PAYEES = 50  # one batch: what it settles needs more room than is left in the pages there are
ANSWER_SECONDS, LONGEST_SECONDS, MOST = 2.0, 120, 2_000
WEIGHT = 400_000
MINUTES_LATER = 180  # no lease of a worker that ended is left

pytestmark = pytest.mark.skipif(
    os.environ.get("PORTAL_TEST_DATABASE") != "postgresql", reason="SQLite has a test of its own"
)


@pytest.fixture(autouse=True)
def still_clock() -> None:
    """Not here: the worker lives in real time."""


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    with a_small_disk() as made:
        yield made


@pytest.fixture
def stage(disk: SmallDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    with staged(tmp_path, monkeypatch, disk.url) as made:
        yield made


def a_shop(stage: Stage, brand_id: int) -> Poster:
    with unit_of_work():
        made = sales.connect(brand_id, Source.SHOPIFY)
    return Poster(stage.app, "shopify", made.public_id, made.secret)


def order(number: int) -> dict[str, object]:
    """An order that is heavy, and does not shrink when it is kept."""
    note = base64.b64encode(random.Random(number).randbytes(WEIGHT)).decode()
    return {
        "id": number, "name": f"#{number}", "currency": "USD", "financial_status": "paid",
        "created_at": "2026-03-01T10:00:00Z", "updated_at": "2026-03-01T10:00:05Z",
        "total_price": "80.00", "line_items": [{"id": 1, "price": "80.00", "quantity": 1}],
        "note": note,
    }  # fmt: skip


def posts(shop: Poster, number: int) -> int:
    db.session.remove()  # a request of a server never finds the session of another
    return int(shop.posts(order(number), "orders/paid").status_code)


def kept() -> int:
    db.session.remove()
    return int(db.session.scalar(select(func.count()).select_from(InboundEvent)) or 0)


def wait_until(holds: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + LONGEST_SECONDS
    while not holds():
        assert time.monotonic() < until, what
        time.sleep(0.1)


def count_of(run_id: int, status: PayoutStatus) -> int:
    end_read()
    total = queries.by_status(queries.run(run_id)).get(status)
    end_read()
    return total.count if total else 0


def violations() -> list[str]:
    """What the doctor would say."""
    found = [sentence for _, look in doctor.CHECKS for sentence in look()]
    end_read()
    return found


@pytest.mark.long
def test_P12_a_full_disk_in_the_middle_of_a_run(stage: Stage, disk: SmallDisk) -> None:
    """It fills while the calls to the rail are under way: the worst moment there is."""
    run_id = an_approved_run(stage, PAYEES)
    shop = a_shop(stage, queries.run(run_id).brand_id)
    stage.simulator.fails("delay", times=1_000, delay=ANSWER_SECONDS)
    worker = stage.worker()
    wait_until(lambda: count_of(run_id, PayoutStatus.SENDING) == PAYEES, "nothing was begun")
    disk.fills()
    accepted = until_refused(shop)
    wait_until(
        lambda: bool(disk.refusals("INSERT INTO ledger_")) or worker.poll() is not None,
        "what was paid found room to be recorded",
    )
    worker.terminate()
    worker.wait(LONGEST_SECONDS)
    assert violations() == []
    disk.is_freed()
    comes_again(shop, accepted)
    stage.simulator.faults([])
    worker = stage.worker(ahead_seconds=MINUTES_LATER)
    wait_until(lambda: stage.is_over(run_id), "the run did not go on")
    worker.terminate()
    assert worker.wait(LONGEST_SECONDS) == 0
    everybody_was_paid_once(stage, run_id)


def until_refused(shop: Poster, number: int = 1) -> int:
    """Orders come, from this number on, until one finds no room; returns its number."""
    while (status := posts(shop, number)) == 200:
        number += 1
    assert (status, kept()) == (503, number - 1), "received means that it is kept"
    return number


def comes_again(shop: Poster, number: int) -> None:
    """A shop that was refused an order posts it again, and once more."""
    assert [posts(shop, number) for _ in range(2)] == [200, 200]
    assert kept() == number, "taken in once"


def everybody_was_paid_once(stage: Stage, run_id: int) -> None:
    made = stage.simulator.state()
    by_payout = Counter(one["metadata"]["payout"] for one in made["transfers"])
    assert (len(by_payout), set(by_payout.values())) == (PAYEES, {1})
    assert count_of(run_id, PayoutStatus.SENT) == PAYEES
    owed = sum(one["amount"] for one in made["transfers"])
    assert books.balance(accounts.PAID_OUT, "USD").minor == owed
    assert made["balance"]["usd"] == BALANCE_MINOR - owed
    jobs.finish_runs({"stripe": stage.simulator.rail()}, "test")
    assert queries.run(run_id).difference_minor == 0
    assert violations() == []


def falls(disk: SmallDisk) -> None:
    """The server goes on to the next piece of its log until there is no room for one."""
    side = sqlalchemy.create_engine(disk.url, isolation_level="AUTOCOMMIT")
    with side.connect() as connection, suppress(DBAPIError):
        for _ in range(MOST):
            connection.execute(select(func.pg_logical_emit_message(True, "test", "x" * 1_000)))
            connection.execute(select(func.pg_switch_wal()))
    side.dispose()
    wait_until(lambda: not disk.is_up(), "the server still stands")


def test_P12_a_full_disk_refuses_even_when_the_server_falls(stage: Stage, disk: SmallDisk) -> None:
    run_id = an_approved_run(stage, 2)
    shop = a_shop(stage, queries.run(run_id).brand_id)
    assert posts(shop, 1) == 200
    disk.fills()
    refused = until_refused(shop, 2)
    assert violations() == []
    falls(disk)
    browser = stage.app.test_client()
    assert [posts(shop, 1), posts(shop, refused)] == [503, 503]
    assert [browser.get(page).status_code for page in ("/healthz", "/readyz")] == [200, 503]
    disk.is_freed()
    disk.starts()
    assert kept() == refused - 1, "what was received before is there"
    comes_again(shop, refused)
    assert violations() == []
