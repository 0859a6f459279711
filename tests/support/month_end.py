"""An installation on the eve of its month end: thousands of creators, and every process for real.

The ground is laid by set statements (making it is not what is tried); web server, worker and
Stripe simulator are processes of their own, as an operator starts them.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select

from portal import serving
from portal.commissions import jobs as commissions
from portal.config import Settings, sqlite_in
from portal.creators import commands as creators
from portal.creators.models import Creator, DestinationState, PayoutDestination, Rail
from portal.demo import shop
from portal.demo.people import personas
from portal.demo.stripe_simulator import objects
from portal.demo.stripe_simulator.state import Store
from portal.destinations import commands as destinations
from portal.factors import commands as factors
from portal.factors import rules as apps
from portal.identity import commands as identity
from portal.identity.models import User
from portal.integrations.shopify import reading
from portal.jobs import worker
from portal.kernel import clock
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger import commands as ledger
from portal.sales import commands as sales
from portal.sales.models import Source
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from tests.support import people
from tests.support.ports import free_port
from tests.support.stripe import KEY, Simulator

SECRET = "a-secret-only-for-tests-0123456789abcdef"
PASSWORD = "correct horse battery staple"
HERE = Path(__file__).parents[2]
NO_ACCOUNT, RESTRICTED, BELOW, NEGATIVE, REFUSED = 38, 9, 60, 8, 12
SLICE = 500


@dataclass
class Installation:
    """Its processes, and what a test needs to know of its ground."""

    settings: Settings
    base_url: str
    simulator: Simulator
    secrets: dict[str, str]
    hook: str
    hook_secret: str
    sale: shop.Purchase
    last_day: str
    creators: int
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def starts(self, name: str, *command: str) -> None:
        """Start one of its processes: a Python module with arguments."""
        log = (self.settings.data / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            [sys.executable, *command], cwd=HERE, stdout=log, stderr=log, env=self._environment()
        )
        log.close()

    def starts_worker(self) -> None:
        self.starts("worker", "-m", "portal.cli", "work")

    def kills_worker(self) -> None:
        """SIGKILL: no handler runs, no transaction ends."""
        self.processes["worker"].kill()
        self.processes["worker"].wait()

    def code_for(self, email: str) -> str:
        """What the person's authenticator app shows now."""
        return apps.code_at(self.secrets[email], apps.step_of(clock.wall()))

    @property
    def ready(self) -> int:
        """How many of its creators can be paid."""
        return self.creators - NO_ACCOUNT - RESTRICTED - BELOW - NEGATIVE

    def sent(self) -> int:
        """How many payouts have left, as the books say it now."""
        with contextlib.closing(sqlite3.connect(self.settings.data / "portal.sqlite")) as kept:
            return int(kept.execute("SELECT COUNT(provider_ref) FROM payouts").fetchone()[0])

    def refunds(self, amount: Money) -> None:
        """The shop gives a part of the real order back, and says so by its webhook."""
        message = shop.refund_message(self.sale, amount, clock.wall())
        shop.tell(f"{self.base_url}{self.hook}", message, "refunds/create", self.hook_secret)

    def mends_accounts(self, accounts: list[str]) -> None:
        """These accounts take transfers again."""
        for account in accounts:
            self.simulator.rail()._client.v1.accounts.update(
                account, {"metadata": {"simulate": ""}}
            )

    def doctor(self) -> list[dict[str, Any]]:
        """What `portal doctor` finds wrong."""
        told = subprocess.run(
            [sys.executable, "-m", "portal.cli", "doctor", "--json"], cwd=HERE,
            env=self._environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip
        return [check for check in json.loads(told.stdout)["checks"] if not check["ok"]]

    def ends(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
        return {
            **kept,
            "PORTAL_DATABASE_URL": self.settings.database_url,
            "PORTAL_DATA": str(self.settings.data),
            "PORTAL_SECRET_KEY": self.settings.secret_key,
            "PORTAL_BASE_URL": self.base_url,
            "PORTAL_STRIPE_SECRET_KEY": KEY,
            "PORTAL_STRIPE_API_BASE": self.settings.stripe_api_base,
            "PORTAL_INSTANCE": self.settings.instance,
        }


@contextlib.contextmanager
def month_end(folder: Path, count: int) -> Iterator[Installation]:
    """A brand of so many creators whose month has ended, with server, worker and simulator."""
    state, port, pay_port = folder / "stripe.jsonl", free_port(), free_port()
    settings = Settings(
        database_url=sqlite_in(folder), data=folder, secret_key=SECRET,
        base_url=f"http://localhost:{port}", stripe_secret_key=KEY,
        stripe_api_base=f"http://127.0.0.1:{pay_port}", instance="month-end",
    )  # fmt: skip
    with contextlib.closing(Store(state)) as store:
        paid_at = _accounts(store, count)
    with serving.application(settings):
        serving.upgrade_here()
        made = _lay(settings, count, paid_at)
        db.session.remove()
        db.engine.dispose()
    made.starts("simulator", "-m", "portal.demo.stripe_simulator", "--port", str(pay_port),
                "--state", str(state))  # fmt: skip
    made.starts("server", "-m", "portal.cli", "serve", "--port", str(port), "--workers", "1")
    try:
        _wait_for(f"{settings.stripe_api_base}/_simulator/")
        _wait_for(f"{made.base_url}/healthz")
        yield made
    finally:
        made.ends()


def _accounts(store: Store, count: int) -> list[str]:
    """Accounts at the simulator that are payable, by their number."""
    found = []
    asked = {"type": "express", "capabilities": {"transfers": {"requested": True}}}
    with store.change():
        for number in range(count):
            made = objects.account({**asked, "country": "US"})
            refuses = NO_ACCOUNT + RESTRICTED <= number < NO_ACCOUNT + RESTRICTED + REFUSED
            made["metadata"] = {"simulate": "transfer_refused"} if refuses else {}
            made |= {"capabilities": {"transfers": "active"}, "details_submitted": True,
                     "payouts_enabled": True, "requirements": objects.requirements()}  # fmt: skip
            store.put("accounts", made["id"], made)
            found.append(made["id"])
    return found


def _lay(settings: Settings, count: int, paid_at: list[str]) -> Installation:
    month = clock.wall().replace(day=1, hour=12, minute=0, second=0, microsecond=0)
    last_day = month - timedelta(days=1)
    known: dict[str, str] = {}
    with clock.at(last_day - timedelta(days=20)):
        with unit_of_work():
            brand = identity.create_brand(
                "Glow", "glow", "USD", "America/New_York", by=None,
                website="https://glow.example", allowed_hosts=["glow.example"],
            )  # fmt: skip
            for name, role in (("Finn", "preparer"), ("Faye", "approver")):
                email = f"{name.lower()}@example.com"
                user = identity.register(email, f"{name} Example", PASSWORD)
                identity.grant(brand.id, user.id, f"finance.{role}")
                known[email] = apps.new_secret()
                factors.give_app(user.id, known[email])
        # Paid from the 1st on: its run is sent on the day it is approved, whatever today is.
        program = people.a_program(brand, pay_day=1, terms={"hold_days": 0})
        member = people.an_ambassador(program, "Ada", code="ADA15")
        with unit_of_work():
            connection = sales.connect(brand.id, Source.SHOPIFY, name="Glow")
        hook = (f"/hooks/shopify/{connection.public_id}", connection.secret)
    with clock.at(last_day - timedelta(days=10)):
        sale = shop.Purchase(1001, "pour-over", 20, "ADA15", 0, "", "buyer@example.net",
                             clock.now().isoformat())  # fmt: skip
        read = reading.read(json.dumps(shop.order_message(sale)).encode(), "orders/paid")
        with unit_of_work():
            sales.record_order(connection.id, read.order, heard_at=clock.now())
        worker.drain()
    with clock.at(last_day - timedelta(days=9)):
        commissions.mature_due()
        with unit_of_work():
            destinations.set_destination(member.creator_id, Rail.STRIPE, paid_at[-1], by=None,
                                         label_masked="••4242", country="US")  # fmt: skip
            creators.record_account_state(paid_at[-1], "payable")
        _crowd(brand.id, count - 1, paid_at)
    return Installation(settings, settings.base_url, Simulator(settings.stripe_api_base), known,
                        *hook, sale, last_day.date().isoformat(), count)  # fmt: skip


def _crowd(brand_id: int, count: int, paid_at: list[str]) -> None:
    """Creators with what the brand owes them, by plain statements."""
    now = clock.now()
    found = list(personas(count, "month", "creator.example"))
    with unit_of_work():
        db.session.execute(insert(User), [
            {"public_id": f"usr_m{n}", "email": one.email, "name": one.name, "is_operator": False,
             "is_active": True, "created_at": now} for n, one in enumerate(found)
        ])  # fmt: skip
        ids = dict(db.session.execute(select(User.email, User.id)).all())
        db.session.execute(insert(Creator), [
            {"public_id": f"crt_m{n}", "user_id": ids[one.email], "handle": one.handle,
             "folded_handle": one.handle, "name": one.name, "bio": "", "country": "US",
             "zone": one.zone, "is_adult": True, "created_at": now} for n, one in enumerate(found)
        ])  # fmt: skip
        by_handle = dict(db.session.execute(select(Creator.handle, Creator.id)).all())
        owed = [by_handle[one.handle] for one in found]
        db.session.execute(insert(PayoutDestination), [
            {"creator_id": creator_id, "rail": Rail.STRIPE, "account_ref": paid_at[n],
             "missing": [], "label_masked": f"••{n % 10_000:04d}", "country": "US",
             "changed_at": now, "state": DestinationState.RESTRICTED
             if n < NO_ACCOUNT + RESTRICTED else DestinationState.READY}
            for n, creator_id in enumerate(owed) if n >= NO_ACCOUNT
        ])  # fmt: skip
    for start in range(0, count, SLICE):
        with unit_of_work():
            ledger.post_each([
                ledger.Posting("carried over", f"opening:{n}", [_owe(brand_id, owed[n], n)])
                for n in range(start, min(start + SLICE, count))
            ])  # fmt: skip


def _owe(brand_id: int, creator_id: int, number: int) -> tuple[str, str, Money]:
    theirs, ours = accounts.payable(brand_id, creator_id), accounts.expense(brand_id)
    place = number - (NO_ACCOUNT + RESTRICTED + REFUSED)
    if 0 <= place < BELOW:
        return ours, theirs, Money(500 + place * 7, "USD")
    if BELOW <= place < BELOW + NEGATIVE:
        return theirs, ours, Money(1000 + place, "USD")
    return ours, theirs, Money(2_600 + number * 731 % 11_000, "USD")


def _wait_for(url: str, seconds: float = 240) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(url, timeout=10).close()
            return
        except urllib.error.HTTPError:
            return  # it answers
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass
        assert time.monotonic() < until, f"{url} never answered"
        time.sleep(0.2)
