"""A shop that sells: orders by code or click, refunds and disputes, each followed by its jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from portal.jobs import worker
from portal.kernel import clock
from portal.kernel.money import Money
from portal.sales import commands as sales
from portal.sales.models import Source
from portal.sales.rules import DisputeReport, DisputeState, RefundReport
from portal.storage.model import db
from portal.storage.unit_of_work import unit_of_work
from portal.tracking import commands as tracking
from portal.tracking import queries as links
from tests.support.reports import order


class Shop:
    """One brand's shop. `base` amounts are "80.00 USD"; every call settles the jobs it caused."""

    def __init__(self, brand: Any) -> None:
        with unit_of_work():
            self.connection_id = sales.connect(brand.id, Source.SHOPIFY, name="Shop").id
        self.count = 0

    def sells(self, base: str = "80.00 USD", *codes: str, number: str = "", **more: Any) -> int:
        """An order placed now (or as `more` says); returns its row id."""
        self.count += 1
        number = number or str(1000 + self.count)
        more = {"placed_at": clock.now(), "updated_at": clock.now(), "codes": codes, **more}
        return self._told(sales.record_order, order(number, base=base, **more))

    def refunds(self, number: str, amount: str, *, as_id: str = "") -> int | None:
        """Money given back on the order of this number."""
        name = as_id or f"r{number}-{amount}"
        report = RefundReport(name, (number,), Money.of(amount), clock.now())
        return self._told(sales.record_refund, report)

    def disputes(self, number: str, state: str, amount: str = "1000.00 USD") -> int | None:
        """A chargeback of the whole order is open, won or lost."""
        report = DisputeReport(
            f"d{number}", (number,), Money.of(amount), DisputeState(state), clock.now()
        )
        return self._told(sales.record_dispute, report)

    def _told(self, act: Any, report: Any) -> Any:
        with unit_of_work():
            found = act(self.connection_id, report, heard_at=clock.now())
        settle()
        return found


def clicked(ambassador: Any, at: datetime | None = None, previous_id: int | None = None) -> int:
    """Somebody clicked the ambassador's default link; the click's id."""
    with unit_of_work():
        link = links.default_links([ambassador.id])[ambassador.id]
        return tracking.record_click(
            link.id, at or clock.now(), visitor=f"{clock.now().timestamp()}"[:32],
            previous_id=previous_id,
        )  # fmt: skip


def settle() -> int:
    """Run every due job."""
    ran = worker.drain()
    db.session.remove()
    return ran
