"""What a CSV file means as a whole, for `portal order preview`. Pure: bytes in, a Reading out."""

import io

from portal.integrations.csv_orders.rows import rows
from portal.integrations.payloads import distinct
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.sales.rules import OrderReport, Reading, RefundReport, ReportKind


def read(body: bytes, _topic: str | None) -> Reading:
    """One order as such; several summed up. Raises InvalidInput at the first row that is wrong."""
    try:
        stream = io.StringIO(body.decode("utf-8-sig"), newline="")
    except UnicodeDecodeError:
        raise InvalidInput("file", "The file is not CSV text in UTF-8.") from None
    orders, refunds = _reports(stream)
    if not orders and not refunds:
        raise InvalidInput("file", "The file has no rows.")
    currency = _currency(orders, refunds)
    bases = Money.total((order.base for order in orders), currency)
    given = Money.total((refund.amount for refund in refunds), currency)
    kind = ReportKind.SALE if orders else ReportKind.REFUND
    if orders and refunds:
        kind = ReportKind.SALE_AND_REFUND
    reports = orders or refunds
    counted = f"{len(orders)} orders, {len(refunds)} refunds."
    return Reading(
        kind,
        reports[0].external_id if len(reports) == 1 else "",
        currency=currency,
        commissionable=bases if orders else None,
        clawback=given if refunds else None,
        codes=distinct(code for order in orders for code in order.codes),
        note="" if len(orders) + len(refunds) == 1 else counted,
        order=orders[0] if len(orders) == 1 else None,
        refunds=tuple(refunds),
    )


def _reports(stream: io.StringIO) -> tuple[list[OrderReport], list[RefundReport]]:
    orders: list[OrderReport] = []
    refunds: list[RefundReport] = []
    for row in rows(stream):
        if isinstance(row.report, OrderReport):
            orders.append(row.report)
        elif row.report is not None:
            refunds.append(row.report)
        else:
            raise InvalidInput("file", f"Row {row.number}: {row.reason}")
    return orders, refunds


def _currency(orders: list[OrderReport], refunds: list[RefundReport]) -> str:
    named = {order.currency for order in orders} | {refund.amount.currency for refund in refunds}
    if len(named) > 1:
        raise InvalidInput("currency", "The file is in several currencies; sums never mix them.")
    return named.pop()
