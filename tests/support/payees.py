"""Creators who are owed money, and the way from a balance to a run."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from portal.creators import commands as creators
from portal.creators.models import Creator, Rail
from portal.destinations import commands as destinations
from portal.destinations import jobs as accounts_at_rails
from portal.jobs.registry import registry
from portal.kernel import clock
from portal.kernel.money import Money
from portal.ledger import accounts
from portal.ledger import commands as ledger
from portal.ledger import queries as books
from portal.payouts import commands, jobs, queries
from portal.payouts.models import Payout, PayoutRun
from portal.payouts.provider import Transfer
from portal.storage.model import db
from portal.storage.unit_of_work import end_read, is_open, unit_of_work
from tests.support.world import World

LONGER_THAN_ANY_BACK_OFF = timedelta(minutes=11)


class Payees:
    """Builders for payouts: `payees.owed("Ada", "40.00 USD")`, `payees.submitted()`."""

    def __init__(self, world: World, rail: Any = None) -> None:
        self.world, self.brand, self.rail = world, world.glow, rail
        self.finn, self.faye = world.finn, world.faye  # made now: members open a unit of work
        self.posted = 0

    def creator(
        self, name: str, account: str | None = None, *, rail: Rail = Rail.STRIPE
    ) -> Creator:
        """A creator with a payable account ("" for none)."""
        member = self.world.member(name)
        account = f"acct_{name.lower()}" if account is None else account
        with unit_of_work():
            creator = creators.complete_profile(member.user_id, name=name)
            if account:
                destinations.set_destination(
                    creator.id,
                    rail,
                    account,
                    by=None,
                    label_masked="••4242",
                    country="DE" if rail is Rail.SEPA else "US",
                )
                if rail is Rail.STRIPE:
                    creators.record_account_state(account, "payable")
        return _apart(creator)

    def owes(self, creator: Creator, amount: str) -> None:
        """The brand owes her this much more (or less, when it is negative)."""
        money, self.posted = Money.of(amount), self.posted + 1
        path = (
            accounts.expense(self.brand.id),
            accounts.payable(self.brand.id, creator.id),
        )
        if money.minor < 0:
            path = path[::-1]
        with unit_of_work():
            ledger.post("test", f"owed:{self.posted}", [(*path, abs(money))])

    def owed(self, name: str, amount: str, **more: Any) -> Creator:
        """A creator who is owed this much."""
        creator = self.creator(name, **more)
        self.owes(creator, amount)
        return creator

    def draft(self, currency: str = "USD", label: str = "March 2026") -> PayoutRun:
        """A run of all that is payable now, calculated by Finn."""
        with unit_of_work():
            run = commands.draft_run(
                self.brand.id, currency, label, clock.now(), by=self.world.finn.user_id
            )
            commands.calculate(run.id, by=self.world.finn.user_id)
        return _apart(run)

    def submitted(self, **more: Any) -> PayoutRun:
        run = self.draft(**more)
        with unit_of_work():
            run = commands.submit_run(run.id, "Ready.", by=self.world.finn.user_id)
        return _apart(run)

    def approved(self, **more: Any) -> PayoutRun:
        run = self.submitted(**more)
        with unit_of_work():
            run = commands.approve_run(run.id, run.control_hash, by=self.world.faye.user_id)
        return _apart(run)

    def use(self, rail: Any, instance: str = "test") -> None:
        """Let the worker send through this rail, as this installation."""
        rails = {"stripe": rail}
        self.rail = rail
        registry.functions = {
            **registry.functions,
            "payouts.execute_run": lambda **args: jobs.execute_run(
                **args, rails=rails, instance=instance
            ),
            "payouts.send_batch": lambda run_id, payout_ids: jobs.send_batch(
                run_id, payout_ids, rails, instance
            ),
            "payouts.send_payout": lambda payout_id: jobs.send_payout(payout_id, rails, instance),
            "payouts.free_stopped": lambda run_id: jobs.free_stopped(run_id, rails, instance),
            "payouts.finish_runs": lambda: jobs.finish_runs(rails, instance),
            "destinations.read_account": lambda account_ref: accounts_at_rails.read_account(
                account_ref, rails
            ),
        }

    def work(self) -> None:
        """Let the worker do everything, waiting out every back-off."""
        for _ in range(8):
            self.world.settle()
            clock.pass_time(LONGER_THAN_ANY_BACK_OFF)

    def of(self, run: PayoutRun, creator: Creator) -> Payout:
        _look_again()
        found = db.session.query(Payout).filter_by(run_id=run.id, creator_id=creator.id)
        return found.one()  # type: ignore[no-any-return]

    def again(self, run: PayoutRun) -> PayoutRun:
        _look_again()
        return queries.run(run.id)

    def balances(self, creator: Creator, currency: str = "USD") -> dict[str, int]:
        _look_again()
        found = books.balances_of(self.brand.id, creator.id, currency)
        return {
            "payable": found.payable.minor,
            "committed": found.committed.minor,
            "paid": found.paid.minor,
        }


def claimed(payout_id: int) -> Transfer:
    """One payout as a worker takes it, in the unit that is open."""
    (transfer,) = commands.claim_each([payout_id], "test", {}).transfers
    return transfer


def _apart(row: Any) -> Any:
    """As it is now, independent of what later rollbacks forget."""
    end_read()
    return row


def _look_again() -> None:
    if not is_open():
        end_read()
