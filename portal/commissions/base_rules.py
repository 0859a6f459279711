"""What of an order counts under one version of the terms, whole and after refunds (R2, R67)."""

from collections.abc import Mapping

from portal.commissions.refund_rules import Left
from portal.kernel.money import Money
from portal.programs.rules import BaseTerms
from portal.sales.rules import LineBack, Worth, share_of


def counted(worth: Worth, terms: BaseTerms) -> Money:
    """The commissionable base: the goods with the parts that count, less the share that was paid
    with credit where that drops out (R10)."""
    base = _with_parts(worth.goods, worth.beside, terms)
    return base - credit_paid(base, worth, terms)


def left_of(worth: Worth, back: Mapping[str, LineBack], terms: BaseTerms, *, is_gone: bool) -> Left:
    """What is left of it. A part that counts is a line of its own: giving it back takes what it
    earned; a part that does not count takes nothing (R67)."""
    left = _with_parts(worth.goods_left, worth.beside, terms)
    taken = {name: worth.given_back.get(name, 0) for name in terms.parts}
    left = left - Money(sum(taken.values()), left.currency)
    told = {
        ref_of(name): LineBack(Money(minor, left.currency))
        for name, minor in taken.items()
        if minor
    }
    lines = {
        ref: LineBack(one.worth - credit_paid(one.worth, worth, terms), one.pieces)
        for ref, one in {**back, **told}.items()
    }
    return Left(left - credit_paid(left, worth, terms), lines, is_gone)


def credit_paid(amount: Money, worth: Worth, terms: BaseTerms) -> Money:
    """The share of an amount that gift cards or store credit paid, where that drops out."""
    if not terms.exclude_credit_tender or worth.credit_minor <= 0:
        return Money.zero(amount.currency)
    credit = Money(worth.credit_minor, amount.currency)
    return share_of(amount, credit, Money(worth.total_minor, amount.currency))


def ref_of(part: str) -> str:
    """A part's name among an order's lines."""
    return f"beside:{part}"


def _with_parts(goods: Money, beside: Mapping[str, int], terms: BaseTerms) -> Money:
    return goods + Money(sum(beside.get(name, 0) for name in terms.parts), goods.currency)
