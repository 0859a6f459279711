"""From reports to a Reading: what the shops' readers have in common."""

from collections.abc import Sequence

from portal.integrations.payloads import distinct
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.sales.rules import OrderReport, Reading, RefundReport, ReportKind

TEST = "A test order earns nothing."
DRAFT = "A draft is no order yet."
CANCELLED = "A cancelled order earns nothing."
UNPAID = "Recorded; earns when it is paid."
NO_LINES = "Money was given back without naming any line."
LINES_WORTH_NOTHING = "Money was given back, but the lines named are worth nothing."


def ignored(external_id: str, topic: str) -> Reading:
    """A message about something else."""
    note = f"{topic or 'This message'} says nothing about an order."
    return Reading(ReportKind.IGNORE, external_id, note=note)


def draft(external_id: str, currency: str | None, codes: tuple[str, ...] = ()) -> Reading:
    """A cart, checkout or draft: nothing is bought."""
    zero = Money.zero(currency) if currency else None
    return Reading(
        ReportKind.IGNORE,
        external_id,
        currency=currency,
        commissionable=zero,
        codes=codes,
        note=DRAFT,
    )


def order_reading(order: OrderReport) -> Reading:
    """What an order as told now means; a test or cancelled one earns nothing."""
    kind, note = _kind(order)
    if kind in (ReportKind.IGNORE, ReportKind.CANCEL):
        counted, clawback = Money.zero(order.currency), None
    else:
        counted = order.base
        given = Money.total((refund.amount for refund in order.refunds), order.currency)
        clawback = min(given, counted) if order.refunds else None
    return Reading(
        kind,
        order.external_id,
        currency=order.currency,
        commissionable=counted,
        clawback=clawback,
        codes=order.codes,
        note=" ".join(distinct([note, *(refund.review for refund in order.refunds)])),
        order=order,
    )


def _kind(order: OrderReport) -> tuple[ReportKind, str]:
    if order.is_test:
        return ReportKind.IGNORE, TEST
    if order.is_cancelled:
        return ReportKind.CANCEL, CANCELLED
    if not order.is_paid:
        return ReportKind.SALE_UNPAID, UNPAID
    return (ReportKind.SALE_AND_REFUND if order.refunds else ReportKind.SALE), ""


def refund_reading(reports: Sequence[RefundReport]) -> Reading:
    """One or several refunds told without their order. Raises InvalidInput on mixed currencies."""
    currency = reports[0].amount.currency
    if any(report.amount.currency != currency for report in reports):
        raise InvalidInput("currency", "The refunds are in several currencies; give one at a time.")
    notes = [report.review for report in reports]
    if any(report.stated for report in reports):
        notes.append(f"No currency is named: read as {currency} until the order is known.")
    return Reading(
        ReportKind.REFUND,
        reports[0].external_id if len(reports) == 1 else "",
        currency=currency,
        clawback=Money.total((r.amount for r in reports if not r.is_withdrawn), currency),
        note=" ".join(distinct(notes)),
        refunds=tuple(reports),
    )
