"""Creators who are paid by files, and the way from a balance to a written file."""

from __future__ import annotations

from collections.abc import Mapping

from portal.adapters import FORMATS
from portal.creators.models import Creator, Rail
from portal.destinations import commands as destinations
from portal.files import jobs as file_jobs
from portal.files import queries as files
from portal.files.models import PaymentFile, PaymentLine
from portal.integrations.carried.rail import FileRail
from portal.integrations.store_credit.rail import CreditRail
from portal.jobs.registry import registry
from portal.kernel import clock
from portal.paying import commands as paying
from portal.payouts import jobs
from portal.payouts.models import PayoutRun
from portal.storage.unit_of_work import end_read, unit_of_work
from tests.support.payees import LONGER_THAN_ANY_BACK_OFF, Payees
from tests.support.world import World

IBANS = {"Ada": "DE89370400440532013000", "Ben": "FR1420041010050500013M02606",
         "Cleo": "NL91ABNA0417164300"}  # fmt: skip
RAILS: Mapping[str, object] = {
    "credit": CreditRail(),
    **{rail.value: FileRail(form) for rail, form in FORMATS.items()},
}


class FilePayees(Payees):
    """As Payees, with a brand that offers every way and a worker that writes files."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        with unit_of_work():
            paying.set_ways(self.brand.id, ["sepa", "paypal", "credit", "manual"], by=None)
            paying.set_payer(self.brand.id, "Glow GmbH", "DE02120300000000202051", by=None)
        registry.functions = {
            **registry.functions,
            "payouts.execute_run": lambda run_id: jobs.execute_run(run_id, RAILS, "test"),
            "payouts.send_batch": lambda run_id, payout_ids: jobs.send_batch(
                run_id, payout_ids, RAILS, "test"
            ),
            "payouts.send_payout": lambda payout_id: jobs.send_payout(payout_id, RAILS, "test"),
            "payouts.free_stopped": lambda run_id: jobs.free_stopped(run_id, RAILS, "test"),
            "payouts.finish_runs": lambda: jobs.finish_runs(RAILS, "test"),
            "files.write": lambda file_id: file_jobs.write(file_id, FORMATS),
        }

    def by_bank(self, name: str, amount: str, iban: str | None = None) -> Creator:
        """Somebody who is owed this and paid by bank transfer."""
        return self._named(name, amount, Rail.SEPA, iban or IBANS[name])

    def by_paypal(self, name: str, amount: str) -> Creator:
        """Somebody who is owed this and paid by PayPal."""
        return self._named(name, amount, Rail.PAYPAL, f"{name.lower()}@paypal.example")

    def _named(self, name: str, amount: str, rail: Rail, account: str) -> Creator:
        creator = self.creator(name, "")
        with unit_of_work():
            destinations.name_account(creator.id, rail, account, f"{name} Example", by=None)
        self.owes(creator, amount)
        return creator

    def written(self, currency: str = "EUR") -> tuple[PayoutRun, PaymentFile]:
        """An approved run whose one file is written."""
        run = self.approved(currency=currency)
        self.work()
        return run, self.files(run)[-1]

    def work(self) -> None:
        for _ in range(3):
            self.world.settle()
            clock.pass_time(LONGER_THAN_ANY_BACK_OFF)
        end_read()

    def files(self, run: PayoutRun) -> list[PaymentFile]:
        end_read()
        return list(files.files_of_run(run.id))

    def line(self, run: PayoutRun, creator: Creator) -> PaymentLine:
        found = files.newest_line(self.of(run, creator).id)
        assert found is not None
        return found
