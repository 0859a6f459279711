"""From a stored message to commands of the rooms below: what it means is done, or said why not."""

from dataclasses import dataclass

from portal.bank_payouts import commands as bank_payouts
from portal.bank_payouts.models import BankPayoutState
from portal.bank_payouts.rules import BankPayoutTold
from portal.destinations import commands as destinations
from portal.destinations.provider import AccountState
from portal.integrations import preview, promotions
from portal.integrations.doors import PLATFORM
from portal.integrations.models import InboundEvent
from portal.integrations.rest import reading as rest
from portal.kernel import clock
from portal.kernel.errors import NotFound
from portal.payouts import commands as payouts
from portal.sales import commands as sales
from portal.sales.commands import Arrival
from portal.sales.models import Source
from portal.sales.rules import AccountReport, Reading, ReportKind, TransferReport

PARKED = "The order is not known yet; this waits for it."
NOT_PLATFORM = "Payout accounts and transfers are believed only on the platform's own webhook."
NO_SHOP = "The platform's webhook takes no orders; a brand's own connection does."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message. `changed` is false when there was nothing to do about it."""

    kind: str
    external_id: str
    order_id: int | None
    changed: bool
    note: str


def read(event: InboundEvent) -> Reading:
    """What a message means. Raises PortalError when it cannot be read."""
    reading = preview.read(event.provider, event.topic or None, event.body)
    if event.provider == Source.API:
        return rest.dated(reading, event.heard_at)
    return promotions.named(event, reading)


def apply(event: InboundEvent, reading: Reading) -> Outcome:
    """Do what a message asks for. Safe to repeat. Raises PortalError when it cannot be used."""
    if event.door == PLATFORM:
        return _platform(reading)
    if reading.account or reading.transfer or reading.bank_payout:
        return _outcome(reading, changed=False, notes=[NOT_PLATFORM])
    return _shop(event, reading)


def arrival_of(event: InboundEvent, reading: Reading) -> Arrival | None:
    """The order that a message tells and nothing else; None when there is more to do, or less."""
    others = (reading.dispute, reading.account, reading.transfer, reading.bank_payout)
    rest = reading.refunds or reading.links or any(others)
    if reading.order is None or rest or event.connection_id is None:
        return None
    return Arrival(event.connection_id, reading.order, event.heard_at)


def recorded(reading: Reading, order_id: int | None) -> Outcome:
    """What became of a message that told of an order; None: of one that is not known yet."""
    notes = [] if order_id else [PARKED]
    return _outcome(reading, changed=True, order_id=order_id, notes=notes)


def _shop(event: InboundEvent, reading: Reading) -> Outcome:
    connection_id, heard_at = event.connection_id, event.heard_at
    assert connection_id is not None
    sales.note_event(connection_id, heard_at)
    orders: list[int | None] = []
    if reading.order is not None:
        orders.append(sales.record_order(connection_id, reading.order, heard_at=heard_at))
    elif reading.kind is ReportKind.CANCEL and reading.external_id:
        orders.append(sales.record_deletion(connection_id, reading.external_id))
    orders += [
        sales.record_refund(connection_id, refund, heard_at=heard_at) for refund in reading.refunds
    ]
    if reading.dispute is not None:
        orders.append(sales.record_dispute(connection_id, reading.dispute, heard_at=heard_at))
    if reading.links:
        orders.append(sales.record_links(connection_id, reading.links))
    waits = bool(orders) and None in orders and not reading.links
    known = next((order_id for order_id in orders if order_id is not None), None)
    return _outcome(reading, changed=bool(orders), order_id=known, notes=[PARKED] if waits else [])


def _platform(reading: Reading) -> Outcome:
    if reading.account is not None:
        return _account(reading, reading.account)
    if reading.transfer is not None:
        return _transfer(reading, reading.transfer)
    if reading.bank_payout is not None:
        return _bank_payout(reading, reading.bank_payout)
    return _outcome(reading, changed=False, notes=[NO_SHOP] if reading.order else [])


def _account(reading: Reading, report: AccountReport) -> Outcome:
    told = AccountState(
        report.state, report.missing, report.label, report.country, due=report.due,
        due_at=report.due_at, bank=report.bank,
    )  # fmt: skip
    try:
        if told.state:
            destinations.record_report(report.account_id, told, reported_at=report.reported_at)
        else:
            destinations.read_again(report.account_id)
    except NotFound as unknown:
        return _outcome(reading, changed=False, notes=[unknown.message])
    return _outcome(reading, changed=True)


def _transfer(reading: Reading, report: TransferReport) -> Outcome:
    try:
        payouts.record_return(report.transfer_id, report.reversed)
    except NotFound as unknown:
        return _outcome(reading, changed=False, notes=[unknown.message])
    return _outcome(reading, changed=True)


def _bank_payout(reading: Reading, told: BankPayoutTold) -> Outcome:
    """The transfer stands, so nothing moves in the books: the provider is asked how the account
    is now, and what was assumed to have arrived no longer is."""
    try:
        bank_payouts.record(told)
        if told.state is BankPayoutState.FAILED:
            payouts.doubt(told.account_ref, clock.now())
            destinations.read_again(told.account_ref)
    except NotFound as unknown:
        return _outcome(reading, changed=False, notes=[unknown.message])
    return _outcome(reading, changed=True)


def _outcome(
    reading: Reading, *, changed: bool, order_id: int | None = None, notes: list[str] | None = None
) -> Outcome:
    words = [reading.note, *(notes or [])]
    return Outcome(
        reading.kind.value,
        reading.external_id,
        order_id,
        changed,
        " ".join(word for word in words if word),
    )
