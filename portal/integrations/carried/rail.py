"""A rail whose orders a person carries: it takes an order into a file, and tells the end later."""

from collections.abc import Iterator

from portal.destinations import queries as destinations
from portal.files import commands, queries
from portal.files.models import LineState
from portal.files.provider import FileFormat
from portal.kernel.errors import ProviderRefused
from portal.kernel.money import Money
from portal.payouts import queries as payouts
from portal.payouts.provider import FoundTransfer, Receipt, Transfer
from portal.storage.unit_of_work import end_read, unit_of_work

MOVED = (LineState.PAID, LineState.UNCLAIMED)


class FileRail:
    """Implements `payouts.provider.PayoutProvider` for one format."""

    calls_a_second: int | None = None

    def __init__(self, form: FileFormat) -> None:
        self.form = form

    def send(self, transfer: Transfer, *, idempotency_key: str) -> Receipt:
        """Take the order into the run's file; the same key never stands in two lines."""
        assert idempotency_key == transfer.key, "a line is known by the attempt's own key"
        wrong = self.form.refusal(transfer.amount)
        if wrong is not None:
            raise ProviderRefused(wrong, code="invalid_currency")
        owner = payouts.payout(transfer.payout_id).creator_id
        if destinations.details(owner, transfer.destination) is None:
            raise ProviderRefused("The account to pay to is not known.", code="no_account")
        end_read()
        with unit_of_work():
            line = commands.add_line(
                transfer.payout_id, transfer.attempt, transfer.key, transfer.destination,
                transfer.amount, rail=self.form.rail, most=self.form.lines_at_most,
            )  # fmt: skip
            return Receipt(line.reference, is_moved=False)

    def find(self, transfer: Transfer) -> Receipt | None:
        """The line that could still pay this payout, or has."""
        found = queries.newest_line(transfer.payout_id)
        if found is None or found.state not in (LineState.WAITING, *MOVED):
            return None
        return Receipt(found.reference, is_moved=found.state in MOVED)

    def transfers_of(self, run: str) -> Iterator[FoundTransfer]:
        """What was confirmed of a run, by report or by hand: the files' own word is not enough."""
        for payout, line in queries.moved_of_run(run, self.form.rail):
            returned = Money(line.returned_minor, line.currency)
            yield FoundTransfer(payout, line.attempt, line.reference, line.amount, returned)

    def balance(self, currency: str) -> Money | None:  # noqa: ARG002 — the Protocol asks by it
        """Only a person can look into the account."""
        return None
