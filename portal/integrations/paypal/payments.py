"""A file for PayPal's upload of many payments: one line each, one currency, no head line."""

import csv
import io

from portal.creators.models import Rail
from portal.files.provider import Batch
from portal.kernel import currencies
from portal.kernel.money import Money

LINES_AT_MOST = 5_000
CODES = """AUD BRL CAD CZK DKK EUR GBP HKD HUF ILS JPY MXN MYR NOK NZD PHP PLN SEK SGD THB TWD
USD"""
CURRENCIES = frozenset(CODES.split())
WHOLE = frozenset({"HUF", "JPY", "TWD"})  # PayPal takes these without decimals
NOTE_MOST = 200


class PayPalFormat:
    """Implements `files.provider.FileFormat`."""

    rail = Rail.PAYPAL
    needs_payer = False
    lines_at_most = LINES_AT_MOST

    def refusal(self, amount: Money) -> str | None:
        """PayPal's currencies, and whole amounts where it takes no others."""
        if amount.currency not in CURRENCIES:
            return f"PayPal does not carry {amount.currency}."
        step = 10 ** currencies.exponent(amount.currency)
        if amount.currency in WHOLE and amount.minor % step:
            return f"PayPal carries whole {amount.currency} only."
        return None if amount.minor > 0 else "PayPal cannot carry nothing."

    def name_of(self, message_id: str) -> str:
        """The name carries the batch's own id, used once and never again (R88)."""
        return f"paypal-{message_id}.csv"

    def write(self, batch: Batch) -> str:
        """Recipient, amount, currency, our reference, a note, the wallet."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        for order in batch.orders:
            note = f"{batch.purpose} {order.reference}"[:NOTE_MOST]
            writer.writerow([order.account, figure(order.amount), order.amount.currency,
                             order.reference, note, "PAYPAL"])  # fmt: skip
        return out.getvalue()


def figure(amount: Money) -> str:
    """An amount as PayPal reads it: a point, and no decimals where it takes none."""
    if amount.currency in WHOLE:
        return str(amount.minor // 10 ** currencies.exponent(amount.currency))
    digits = currencies.exponent(amount.currency)
    return f"{currencies.to_major(amount.minor, amount.currency):.{digits}f}"
