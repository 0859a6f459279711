"""Store credit as a rail: the books move, and an event tells whoever can hand it out (R94)."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, select

from portal.creators.models import Rail
from portal.kernel.money import Money
from portal.payouts.models import GONE, Payout, PayoutRun, PayoutStatus
from portal.payouts.provider import FoundTransfer, Receipt, Transfer
from portal.storage.model import db


class CreditRail:
    """Implements `payouts.provider.PayoutProvider`. Sending twice is the same credit: its reference
    is made of the payout and its attempt, and the books take it once."""

    calls_a_second: int | None = None

    def send(self, transfer: Transfer, *, idempotency_key: str) -> Receipt:  # noqa: ARG002
        """Name the credit; that the payout is settled under this name issues it."""
        return Receipt(f"credit-{transfer.payout}-{transfer.attempt}")

    def find(self, transfer: Transfer) -> Receipt | None:
        """The credit that was issued for this payout."""
        found = _issued(Payout.public_id == transfer.payout)
        return next((Receipt(str(one.provider_ref)) for one in found), None)

    def transfers_of(self, run: str) -> Iterator[FoundTransfer]:
        """What was issued for a run."""
        of_run = select(PayoutRun.id).where(PayoutRun.public_id == run).scalar_subquery()
        for one in _issued(Payout.run_id == of_run):
            yield FoundTransfer(one.public_id, one.attempt, str(one.provider_ref), one.pays,
                                Money.zero(one.pays.currency))  # fmt: skip

    def balance(self, currency: str) -> Money | None:  # noqa: ARG002 — the Protocol asks by it
        """Credit needs no balance."""
        return None


def _issued(which: ColumnElement[bool]) -> list[Payout]:
    gone = Payout.status.in_((*GONE, PayoutStatus.RETURNED))
    rows = db.session.scalars(select(Payout).where(which, Payout.rail == Rail.CREDIT.value, gone))
    return list(rows)
