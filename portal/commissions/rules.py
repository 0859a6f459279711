"""What a commission is, what of it stays after a refund, and how it is explained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from portal.commissions.models import CommissionStatus, ReversalKind
from portal.kernel.errors import Conflict
from portal.kernel.money import Money
from portal.programs.models import CommissionKind as RateKind
from portal.programs.rules import TermsFacts


def commission_for(base: Money, terms: TermsFacts) -> Money:
    """What an order earns on its commissionable base, before any refund.

    Percent: base × rate, rounded half up once per order (R5, R6). Flat: the agreed amount,
    whatever the discount (R7). Base 0: percent is 0.00, flat only where the terms say so (R8).
    """
    if terms.kind is RateKind.PERCENT:
        return base.portion(terms.rate_bp)
    if base.minor <= 0 and not terms.pay_on_zero_base:
        return Money.zero(terms.flat.currency)
    return terms.flat


def rated(terms: TermsFacts, rate_bp: int | None) -> TermsFacts:
    """The terms with the rate a decision found: a subscription's later charges may earn another
    (R45). None, and a flat amount, change nothing."""
    return terms if rate_bp is None else replace(terms, rate_bp=rate_bp)


def shares_of(
    whole: Money, credited: int, shares: Sequence[Sequence[int]] | None
) -> list[tuple[int, Money]]:
    """(ambassador, amount): all of it, or parts by weight that always sum to the whole (R50)."""
    if not shares:
        return [(credited, whole)]
    parts = whole.split([weight for _, weight in shares])
    return [(who, part) for (who, _), part in zip(shares, parts, strict=True)]


def target_after_refunds(
    amount: Money, original: Money, remaining: Money, *, is_flat: bool, is_gone: bool = False
) -> Money:
    """What of `amount` is left while `remaining` of the base `original` is left (R65, R68).

    Percent: amount × remaining ÷ original, half up. Flat: all of it until nothing remains.
    `is_gone`: the order was cancelled or charged back whole, so nothing is left. Never above the
    amount, never below zero (R73).
    """
    zero = Money.zero(amount.currency)
    if is_gone:
        return zero
    if original.minor <= 0:
        return amount
    kept = min(max(remaining, Money.zero(remaining.currency)), original)
    if is_flat:
        return amount if kept else zero
    return amount.scaled(kept.minor, original.minor)


def reversal_for(
    amount: Money, net: Money, original: Money, remaining: Money, *, is_flat: bool,
    is_gone: bool = False,
) -> Money:  # fmt: skip
    """How much more must be taken back now (negative: given back). Cumulative, so that refunds in
    any order and any number end at the same figure: 8.75 over three equal refunds is 2.92, 2.91,
    2.92 and then exactly 0.00 (R65)."""
    left = target_after_refunds(amount, original, remaining, is_flat=is_flat, is_gone=is_gone)
    return net - left


def hold_until(placed_at: datetime, paid_at: datetime | None, hold_days: int) -> datetime:
    """When a commission matures: `hold_days` after the order, or after a payment that came later
    than the order (R48, R58)."""
    return max(placed_at, paid_at or placed_at) + timedelta(days=hold_days)


def kind_of_reversal(*, is_cancelled: bool, is_charged_back: bool, takes: bool) -> ReversalKind:
    """The row type: a chargeback is never counted as a refund (R72)."""
    if not takes:
        return ReversalKind.REINSTATEMENT
    if is_charged_back:
        return ReversalKind.CHARGEBACK
    return ReversalKind.CANCELLATION if is_cancelled else ReversalKind.REFUND


HOLDABLE = (CommissionStatus.PENDING, CommissionStatus.PAYABLE)


def check_can_hold(status: CommissionStatus) -> None:
    """Raises Conflict unless money stands there that can be stopped (UX 6.10)."""
    if status not in HOLDABLE:
        raise Conflict(f"This commission is {words(status)}; there is nothing to hold.")


def check_is_held(status: CommissionStatus) -> None:
    """Raises Conflict unless the commission is on hold."""
    if status is not CommissionStatus.ON_HOLD:
        raise Conflict(f"This commission is {words(status)}, so there is nothing to release.")


def status_after_hold(payable_at: datetime | None) -> CommissionStatus:
    """Where a released or reinstated commission goes on: where it had been stopped."""
    return CommissionStatus.PENDING if payable_at is None else CommissionStatus.PAYABLE


def words(status: CommissionStatus) -> str:
    """The state as it stands in a sentence."""
    return status.value.replace("_", " ")


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line of the sum. `value` is an amount, `said` words in its place ("× 15%").

    kind "": a part · "sum": what the parts add up to · "total": the commission.
    """

    label: str
    value: Money | None = None
    said: str = ""
    note: str = ""
    note_amount: Money | None = None
    kind: str = ""


def explain(inputs: Mapping[str, Any], base: Money, amount: Money) -> list[BillLine]:
    """How the amount came about, as a bill that anyone can add again.

    The lines before "Counts for you" sum to the base; base × rate, rounded once, is the total.
    """
    if inputs["kind"] == "fee":
        return [BillLine(inputs["title"], amount, note="Agreed when the brief was accepted"),
                BillLine("Brief fee", amount, kind="total")]  # fmt: skip
    if inputs["kind"] == "adjustment":
        return [BillLine(inputs["title"], amount, note="Decided by a person"),
                BillLine("Adjustment", amount, kind="total")]  # fmt: skip
    bill = [*_parts(inputs, base), BillLine("Counts for you", base, kind="sum")]
    version = f"Commission terms, version {inputs['terms_version']}"
    if inputs["kind"] == RateKind.FLAT:
        why = "" if amount else "Orders of 0.00 earn nothing"
        bill.append(BillLine("Flat amount per order", said="fixed", note=why or version))
        return [*bill, *_share(inputs), BillLine("Commission", amount, kind="total")]
    bill.append(BillLine("Rate", said=f"× {rate_words(inputs['rate_bp'])}", note=version))
    rounding = "Rounded half up to the cent, once per order"
    return [*bill, *_share(inputs), BillLine("Commission", amount, note=rounding, kind="total")]


def _share(inputs: Mapping[str, Any]) -> list[BillLine]:
    """The part of a commission that several share (R50); the parts sum to the whole."""
    share = inputs.get("share")
    if not share:
        return []
    whole = Money(share["whole_minor"], share["currency"])
    count = f"Shared by {share['count']} ambassadors, of"
    said = f"{share['weight']} of {share['of']} parts"
    return [BillLine("Part of it", said=said, note=count, note_amount=whole)]


def _parts(inputs: Mapping[str, Any], base: Money) -> list[BillLine]:
    currency = base.currency
    bill, counted = [], [line for line in inputs["lines"] if not line["is_gift_card"]]
    for line in counted:
        many = f" × {line['quantity']}" if line["quantity"] not in ("", "1", "1.0") else ""
        bill.append(BillLine(f"{line['title']}{many}", Money(line["gross_minor"], currency)))
    gross = sum(line["gross_minor"] for line in counted)
    discount = Money(gross - base.minor, currency)
    if discount:
        code = inputs["code"]
        bill.append(BillLine(f"{code} discount" if code else "Discount", -discount))
    for line in inputs["lines"]:
        if line["is_gift_card"]:
            worth = Money(line["gross_minor"], currency)
            bill.append(BillLine(line["title"], note="gift card, never counted", note_amount=worth))
    extra = Money(inputs["shipping_minor"] + inputs["tax_minor"], currency)
    if extra:
        bill.append(BillLine("Shipping and tax", note="never counted", note_amount=extra))
    return bill


def rate_words(rate_bp: int) -> str:
    """Basis points as "15%" or "12.5%"."""
    whole, rest = divmod(rate_bp, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + "%"


def adds_up(bill: Sequence[BillLine], base: Money) -> bool:
    """Whether the parts of a bill sum to its base."""
    parts = [line.value for line in bill if not line.kind and line.value is not None]
    return Money.total(parts, base.currency) == base
