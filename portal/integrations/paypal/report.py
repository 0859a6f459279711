"""PayPal's report of a batch of payments, by the names of its columns."""

import csv
import io
from collections.abc import Mapping
from datetime import date, datetime

from portal.kernel import currencies
from portal.kernel.errors import InvalidInput
from portal.kernel.money import Money
from portal.reconciliation.models import RowSays, Source
from portal.reconciliation.provider import ReportRead, RowRead, WrongRow
from portal.reconciliation.rules import reference_in

STATUS = ("status", "transaction status", "payout status")
REFERENCE = ("unique id", "customer id", "sender item id", "sender_item_id", "item id")
PROOF = ("transaction id", "payout item id", "payout_item_id", "transaction_id")
AMOUNT = ("amount", "payment amount", "gross", "payout amount")
CURRENCY = ("currency", "currency code")
FEE = ("fee", "fees", "payout fee")
WHO = ("recipient", "receiver", "recipient email", "to email address")
DAY = ("date", "time processed", "completed", "transaction date")
SAYS = {
    "success": RowSays.PAID, "completed": RowSays.PAID, "paid": RowSays.PAID,
    "processed": RowSays.PAID, "pending": RowSays.PENDING, "processing": RowSays.PENDING,
    "onhold": RowSays.PENDING, "on hold": RowSays.PENDING, "unclaimed": RowSays.UNCLAIMED,
    "failed": RowSays.FAILED, "denied": RowSays.FAILED, "blocked": RowSays.FAILED,
    "canceled": RowSays.FAILED, "cancelled": RowSays.FAILED, "returned": RowSays.RETURNED,
    "refunded": RowSays.RETURNED, "reversed": RowSays.RETURNED, "expired": RowSays.RETURNED,
}  # fmt: skip
DAYS = ("%Y-%m-%d", "%m/%d/%Y", "%d.%m.%Y", "%d/%m/%Y")


class PayPalReport:
    """Implements `reconciliation.provider.ReportReader`."""

    def fits(self, text: str) -> bool:
        """Its first row names a status and our reference."""
        head = _head(text)
        return any(one in head for one in STATUS) and any(one in head for one in REFERENCE)

    def read(self, text: str) -> ReportRead:
        """Every row; one whose status PayPal invented since is shown raw, and does nothing."""
        rows: list[RowRead] = []
        wrong: list[WrongRow] = []
        for number, cells in enumerate(cells_of(text), 2):
            try:
                rows.append(_row(number, cells))
            except InvalidInput as error:
                wrong.append(WrongRow(number, error.message))
        return ReportRead(Source.PAYPAL, rows, wrong)


def _row(number: int, cells: Mapping[str, str]) -> RowRead:
    raw = first(cells, STATUS)
    says = SAYS.get(raw.strip().lower(), RowSays.PENDING)
    if not raw.strip():
        raise InvalidInput("status", "It has no status.")
    amount = money_in(first(cells, AMOUNT), first(cells, CURRENCY))
    fee = first(cells, FEE)
    told = first(cells, REFERENCE)
    return RowRead(
        number, says, reference_in(told) or told.strip(), abs(amount),
        proof=first(cells, PROOF).strip(), who=first(cells, WHO).strip(), raw_status=raw.strip(),
        fee=abs(money_in(fee, amount.currency)) if fee.strip() else None,
        booked_on=day_in(first(cells, DAY)),
    )  # fmt: skip


def cells_of(text: str) -> list[dict[str, str]]:
    """The rows under the first one, by the names in it, in small letters. The separator is the
    comma, the semicolon or the tab that the first row has most of."""
    lines = text.lstrip("\ufeff").lstrip()
    mark = max(",;\t", key=lines.partition("\n")[0].count)
    reader = csv.DictReader(io.StringIO(lines, newline=""), delimiter=mark)
    return [
        {str(name).strip().lower(): value or "" for name, value in row.items()
         if name and not isinstance(value, list)}
        for row in reader
    ]  # fmt: skip


def _head(text: str) -> set[str]:
    line = text.lstrip("\ufeff").lstrip().partition("\n")[0]
    mark = max(",;\t", key=line.count)
    return {cell.strip().strip('"').lower() for cell in line.split(mark)}


def first(cells: Mapping[str, str], names: tuple[str, ...]) -> str:
    """The first of these columns that has something."""
    return next((cells[name] for name in names if cells.get(name, "").strip()), "")


def money_in(figure: str, currency: str) -> Money:
    """An amount, written with a point or a comma. Raises InvalidInput with a sentence."""
    code = currency.strip().upper()
    if not currencies.is_code(code):
        raise InvalidInput("currency", f"“{currency[:20]}” is not a currency.")
    plain = figure.strip().replace("\u00a0", "").replace(" ", "").replace("\u2212", "-")
    if not plain:
        raise InvalidInput("amount", "It has no amount.")
    if "," in plain and plain.rfind(",") > plain.rfind("."):
        plain = plain.replace(".", "").replace(",", ".")
    else:
        plain = plain.replace(",", "")
    try:
        return Money(currencies.to_minor(plain, code), code)
    except InvalidInput:
        raise InvalidInput("amount", f"“{figure[:20]}” is not an amount.") from None


def day_in(text: str) -> date | None:
    """A day in one of the usual spellings; None for another."""
    plain = text.strip()[:10]
    for pattern in DAYS:
        try:
            return datetime.strptime(plain, pattern).date()  # noqa: DTZ007 — a day has no zone
        except ValueError:
            continue
    return None
