"""Kinds of what is earned, and reason codes, put into words (R62)."""

from collections.abc import Mapping

from portal.commissions.models import CommissionKind, VoidCode

KINDS: Mapping[CommissionKind, str] = {
    CommissionKind.SALE: "Sale",
    CommissionKind.FEE: "Brief fee",
    CommissionKind.ADJUSTMENT: "Adjustment",
    CommissionKind.BONUS: "Bonus",
    CommissionKind.OVERRIDE: "Referral",
    CommissionKind.TRUE_UP: "Tier true-up",
    CommissionKind.CLICKS: "Clicks",
}
# Why an extra became less, or more again, without anybody's decision (R26, R75, R76).
FOLLOWED: Mapping[CommissionKind, str] = {
    CommissionKind.BONUS: "Returns brought you below the goal before the bonus was payable.",
    CommissionKind.OVERRIDE: "The same share was taken back of what your recruit earned.",
    CommissionKind.TRUE_UP: "Returns changed the sales it was worked out from.",
}
LESS = "What it was earned for became less."
AGAIN = "What it was earned for counts again, so it is yours again."

CODES: Mapping[VoidCode, str] = {
    VoidCode.ITEM_RETURNED: "The goods were returned",
    VoidCode.CONS_FRAUD: "The buyer committed fraud",
    VoidCode.CONS_ERROR: "The buyer ordered by mistake",
    VoidCode.ORDER_ERROR: "The order was wrong",
    VoidCode.ORDER_UPDATE: "The order was changed or cancelled",
    VoidCode.NOT_COMPLIANCE_TERMS: "The terms were not kept",
    VoidCode.ITEM_OUT_OF_STOCK: "The goods were not in stock",
    VoidCode.CHARGEBACK: "The buyer’s bank took the payment back",
    VoidCode.SELF_REFERRAL: "The buyer is the creator",
    VoidCode.DUPLICATE: "Counted twice",
    VoidCode.TEST_ORDER: "A test order",
    VoidCode.EXISTING_CUSTOMER: "The buyer was a customer before",
    VoidCode.OUT_OF_WINDOW: "The click was too long ago",
    VoidCode.CODE_LEAK: "The code was leaked",
}
