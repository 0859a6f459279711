"""P10: real workers and servers on machines whose clocks are ten minutes wrong.

A right one beside them, nobody is paid twice, and no hold ends earlier or later than by what the
clock is wrong; a server takes no message whose age it cannot believe.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from subprocess import Popen

import pytest
from sqlalchemy import func, select

from portal.commissions.models import Commission, CommissionStatus
from portal.integrations.models import InboundEvent
from portal.jobs import commands as queue
from portal.jobs.models import Job, JobState
from portal.kernel import clock
from portal.ledger import accounts
from portal.ledger import queries as books
from portal.payouts import jobs, queries
from portal.payouts.models import Payout, PayoutStatus
from portal.sales import commands as sales
from portal.sales.models import Source
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, unit_of_work
from tests.support.hooks import stripe_signature
from tests.support.people import a_program, an_ambassador
from tests.support.shop import Shop
from tests.support.stage import Stage, an_approved_run, staged
from tests.support.world import World

WRONG = 600  # seconds
LONGEST_SECONDS, PAYEES, ANSWER_SECONDS = 240, 30, 2.0
MATURE = "commissions.mature_due"

pytestmark = pytest.mark.long


@pytest.fixture(autouse=True)
def still_clock() -> None:
    """Not here: the processes live in real time, each in its own."""


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    with staged(tmp_path, monkeypatch) as made:
        yield made


def wait_until(holds: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + LONGEST_SECONDS
    while not holds():
        assert time.monotonic() < until, what
        time.sleep(0.1)


def end(*workers: Popen[bytes]) -> None:
    for one in workers:
        one.terminate()
    assert [one.wait(LONGEST_SECONDS) for one in workers] == [0] * len(workers)


def test_P10_three_workers_with_three_clocks_pay_everybody_once(stage: Stage) -> None:
    """To the one ahead, no lease of the others holds: it takes up what they are calling for."""
    run_id = an_approved_run(stage, PAYEES)
    stage.simulator.fails("delay", times=1_000, delay=ANSWER_SECONDS)
    workers = [stage.worker(ahead_seconds=ahead) for ahead in (0, WRONG, -WRONG)]
    wait_until(lambda: stage.is_over(run_id), "the run did not end")
    end(*workers)
    made = stage.simulator.state()["transfers"]
    by_payout = Counter(one["metadata"]["payout"] for one in made)
    paid = db.session.query(Payout).filter(Payout.run_id == run_id).all()
    assert by_payout == {payout.public_id: 1 for payout in paid}
    assert [payout.status for payout in paid] == [PayoutStatus.SENT] * PAYEES
    owed = sum(one["amount"] for one in made)
    assert books.balance(accounts.PAID_OUT, "USD").minor == owed
    jobs.finish_runs({"stripe": stage.simulator.rail()}, "test")
    assert queries.run(run_id).difference_minor == 0
    assert books.violations() + queries.violations() == []


def a_sale(shop: Shop, *, held_for: timedelta) -> int:
    """A commission whose hold ends so long from now; its id."""
    order_id = shop.sells("80.00 USD", "ADA15")
    with unit_of_work():
        made = db.session.scalars(select(Commission).where(Commission.order_id == order_id)).one()
        made.hold_until = clock.wall() + held_for
    return int(made.id)


def payable() -> set[int]:
    end_read()
    wanted = select(Commission.id).where(Commission.status == CommissionStatus.PAYABLE)
    return set(db.session.scalars(wanted))


def looks(stage: Stage, ahead_seconds: int) -> None:
    """A worker with this clock looks once at which holds are over."""
    with unit_of_work():  # due even to one that is behind
        queue.enqueue(MATURE, dedupe="look", run_at=clock.wall() - timedelta(hours=1))
    worker = stage.worker(ahead_seconds=ahead_seconds)
    waiting = select(Job.id).where(Job.dedupe == "look", Job.state != JobState.DONE)

    def is_done() -> bool:
        end_read()
        return db.session.scalar(waiting) is None

    wait_until(is_done, "it did not look")
    end(worker)


def scheduled_at() -> timedelta:
    """In how long the next scheduled look comes."""
    end_read()
    wanted = select(Job.run_at).where(
        Job.dedupe == f"schedule:{MATURE}", Job.state == JobState.QUEUED
    )
    return db.session.scalars(wanted).one() - clock.wall()


def test_P10_no_hold_ends_further_off_than_the_clock_is_wrong(stage: Stage) -> None:
    world = World(stage.app)
    an_ambassador(a_program(world.glow), "Ada", code="ADA15")
    shop = Shop(world.glow)
    over, soon, later = (
        a_sale(shop, held_for=timedelta(minutes=minutes)) for minutes in (-5, 5, 30)
    )
    looks(stage, -WRONG)
    assert payable() == set(), "late, by no more than its clock is"
    looks(stage, 0)
    assert payable() == {over}
    looks(stage, WRONG)
    assert payable() == {over, soon}, "early, by no more than its clock is"
    assert later not in payable()
    looks(stage, 0)
    assert scheduled_at() <= timedelta(seconds=60), "what was wrong holds up no schedule"
    assert books.violations() == []


def told(port: int, path: str, body: bytes, at: int) -> int:
    """What a server answers to a message of Stripe's that was signed so many seconds from now."""
    signed = stripe_signature("whsec_shop", body, clock.wall() + timedelta(seconds=at))
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", body,
        {"Content-Type": "application/json", "Stripe-Signature": signed},
    )  # fmt: skip
    try:
        with urllib.request.urlopen(request, timeout=LONGEST_SECONDS) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def test_P10_a_server_with_a_wrong_clock_takes_no_message_of_another_age(stage: Stage) -> None:
    """It refuses what is fresh, which comes again; what it believes in was taken in once for all."""
    brand = World(stage.app).glow
    with unit_of_work():
        shop = sales.connect(brand.id, Source.STRIPE, secret="whsec_shop")
    path = f"/hooks/stripe/{shop.public_id}"
    paid = {"id": "cs_1", "object": "checkout.session", "status": "complete", "currency": "usd",
            "payment_status": "paid", "amount_total": 8000, "payment_intent": "pi_1"}  # fmt: skip
    event = {"id": "evt_1", "object": "event", "type": "checkout.session.completed",
             "created": 1_772_380_800, "data": {"object": paid}}  # fmt: skip
    body = json.dumps(event).encode()
    with stage.server() as right, stage.server(ahead_seconds=WRONG) as ahead:
        assert [told(ahead, path, body, 0), told(right, path, body, WRONG)] == [400, 400]
        assert told(right, path, body, 0) == 200
        assert [told(ahead, path, body, WRONG), told(right, path, body, 0)] == [200, 200]
    end_read()
    assert db.session.scalar(select(func.count()).select_from(InboundEvent)) == 1
