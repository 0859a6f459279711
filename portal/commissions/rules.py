"""What a commission is, when its hold ends, and what may be done with it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from portal.commissions.models import CommissionStatus, ReversalKind, VoidCode
from portal.kernel.errors import Conflict
from portal.kernel.money import BASIS_POINTS, Money
from portal.programs.models import CommissionKind as RateKind
from portal.programs.rate_rules import LATER_RULE, TIER_RULE, USUAL_RULE, Basis, RateRule
from portal.programs.resolving_rules import Found, Purchase, PurchaseLine, boost_for, rate_for
from portal.programs.rules import TermsFacts


@dataclass(frozen=True, slots=True)
class RateGroup:
    """The lines of an order that one rule decides for, and what they earn together.

    `base` is what these lines count, `count` how often a flat amount is due, `boost` the number
    of the boost that raised it (R13), `passed_over` why no other rule decided, `tier` the name of
    the tier whose rate it is.
    """

    rule: RateRule
    boost: int
    boost_bp: int
    base: Money
    count: int
    amount: Money
    lines: tuple[int, ...]
    passed_over: tuple[tuple[int, str], ...] = ()
    tier: str = ""


@dataclass(frozen=True, slots=True)
class Earned:
    """What an order earns: `total` = the sum of `by_line`; `uncapped` = the sum of the groups.

    `by_line` goes with the order's own lines, and is empty when they are not its base.
    """

    total: Money
    groups: tuple[RateGroup, ...]
    by_line: tuple[Money, ...]
    uncapped: Money


def commission_for(order: Purchase, terms: TermsFacts) -> Earned:
    """What an order earns on its commissionable base, before any refund.

    Each line earns by the rule that decides for it (`resolving_rules.rate_for`, R12, R14). Percent:
    what the rule's lines count × its rate, rounded half up once per order and rule (R5, R6). Flat:
    the agreed amount for each order, line or piece, whatever the discount (R7). Of nothing,
    percent is 0.00 and flat only paid where the terms say so (R8). At most the cap (R9).
    """
    lines = _lines(order)
    groups = _in_one_currency(_groups(lines, order, terms), order, terms)
    currency = groups[0].amount.currency if groups else _usual_currency(order, terms)
    uncapped = Money.total((group.amount for group in groups), currency)
    uncapped = max(uncapped, Money.zero(currency))
    total = uncapped
    if terms.rates.cap_minor and currency == terms.flat.currency:
        total = min(uncapped, Money(terms.rates.cap_minor, currency))
    shares = _by_line(lines, groups, total) if lines is order.lines else ()
    return Earned(total, groups, shares, uncapped)


def _lines(order: Purchase) -> tuple[PurchaseLine, ...]:
    """The lines, where they are the base; else one that is."""
    counted = (line.net for line in order.lines if not line.is_gift_card)
    if order.lines and Money.total(counted, order.base.currency) == order.base:
        return order.lines
    return (PurchaseLine(order.base),)


def _groups(
    lines: Sequence[PurchaseLine], order: Purchase, terms: TermsFacts
) -> tuple[RateGroup, ...]:
    found: dict[tuple[int, int], list[int]] = {}
    deciding: dict[tuple[int, int], tuple[Found, RateRule | None]] = {}
    for place, line in enumerate(lines):
        if line.is_gift_card:
            continue  # R10: bought, it earns nothing; as a way to pay it changed no line
        rate, boost = rate_for(line, order, terms), boost_for(line, order, terms)
        is_once = rate.rule.basis is Basis.ORDER
        key = rate.rule.number, 0 if is_once or boost is None else boost.number
        found.setdefault(key, []).append(place)
        known = deciding.setdefault(key, (rate, boost))[1]
        if boost is not None and (known is None or boost.rate_bp > known.rate_bp):
            deciding[key] = rate, boost
    groups: list[RateGroup] = []
    for key, places in found.items():
        group = _group(lines, tuple(places), *deciding[key], order, terms)
        groups += [group] if group.rule.number != TIER_RULE else _by_tier(group, groups, order)
    return tuple(groups)


def _by_tier(group: RateGroup, before: Sequence[RateGroup], order: Purchase) -> list[RateGroup]:
    """The lines that earn by tier: one group, or one for each tier that a part of the order falls
    into (R24); what groups `before` took is not free any more."""
    taken = sum(one.base.minor for one in before if one.rule.number == TIER_RULE)
    left = group.base.minor
    found: list[RateGroup] = []
    for rate in order.tier_rates:
        free = left if rate.room_minor is None else max(rate.room_minor - taken, 0)
        taken = max(taken - (rate.room_minor or 0), 0)
        part = left if rate is order.tier_rates[-1] else min(left, free)
        left -= part
        if part or (rate is order.tier_rates[-1] and not found):
            base, more = Money(part, group.base.currency), BASIS_POINTS + group.boost_bp
            found.append(replace(
                group, rule=replace(group.rule, rate_bp=rate.rate_bp), base=base, tier=rate.name,
                amount=base.scaled(rate.rate_bp * more, BASIS_POINTS * BASIS_POINTS),
            ))  # fmt: skip
    return found


def _group(
    lines: Sequence[PurchaseLine], places: tuple[int, ...], found: Found, boost: RateRule | None,
    order: Purchase, terms: TermsFacts,
) -> RateGroup:  # fmt: skip
    rule, more = found.rule, BASIS_POINTS + (boost.rate_bp if boost else 0)
    own, count = [lines[place] for place in places], 0
    base = Money.total((line.net for line in own), order.base.currency)
    if rule.number == LATER_RULE:
        rule = replace(rule, rate_bp=order.rate_bp or 0)
    if rule.basis is Basis.PERCENT:
        amount = base.scaled(rule.rate_bp * more, BASIS_POINTS * BASIS_POINTS)
    elif rule.basis is Basis.EXCLUDED:
        amount = Money.zero(base.currency)
    else:
        count = _count(rule.basis, own, order, terms)
        amount = Money(rule.flat_minor * count, terms.flat.currency).scaled(more, BASIS_POINTS)
    raised = (boost.number, boost.rate_bp) if boost else (0, 0)
    return RateGroup(rule, *raised, base, count, amount, places, found.passed_over)


def _count(basis: Basis, lines: Sequence[PurchaseLine], order: Purchase, terms: TermsFacts) -> int:
    """How often a flat amount is due: what cost nothing counts only where the terms say so (R8),
    and for leads and sign-ups, which cost nothing by nature."""
    of_nothing = terms.pay_on_zero_base or order.action != "sale"
    paid = [line for line in lines if of_nothing or line.net.minor > 0]
    if basis is Basis.UNIT:
        return sum(line.quantity for line in paid)
    if basis is Basis.LINE:
        return sum(not line.beside for line in paid)
    return 1 if of_nothing or sum(line.net.minor for line in lines) > 0 else 0


def _in_one_currency(
    groups: tuple[RateGroup, ...], order: Purchase, terms: TermsFacts
) -> tuple[RateGroup, ...]:
    """Amounts are never converted: beside a percentage, a usual amount in another currency is
    nothing."""
    paid = [group for group in groups if group.rule.basis is not Basis.EXCLUDED]
    is_usual = bool(paid) and all(group.rule.number == USUAL_RULE for group in paid)
    is_flat = is_usual and terms.kind is RateKind.FLAT
    currency = terms.flat.currency if is_flat else order.base.currency
    return tuple(
        group
        if group.amount.currency == currency
        else replace(group, amount=Money.zero(currency), count=0)
        for group in groups
    )


def _usual_currency(order: Purchase, terms: TermsFacts) -> str:
    is_share = terms.kind is RateKind.PERCENT
    return order.base.currency if is_share else terms.flat.currency


def _by_line(
    lines: Sequence[PurchaseLine], groups: Sequence[RateGroup], total: Money
) -> tuple[Money, ...]:
    """Each line's part of the commission; the parts make the whole (R4, R5)."""
    parts = [0] * len(lines)
    for group in groups:
        weights = [max(lines[place].net.minor, 0) for place in group.lines]
        if group.rule.basis is Basis.LINE:
            weights = [
                int(weight > 0 and not lines[place].beside)
                for place, weight in zip(group.lines, weights, strict=True)
            ]
        elif group.rule.basis is Basis.UNIT:
            pieces = [lines[place].quantity for place in group.lines]
            weights = [many * (weight > 0) for many, weight in zip(pieces, weights, strict=True)]
        shares = group.amount.split(weights)
        for place, share in zip(group.lines, shares, strict=True):
            parts[place] += share.minor  # a line may earn by two tiers
    if sum(parts) == total.minor:
        return tuple(Money(part, total.currency) for part in parts)
    return tuple(total.split([max(part, 0) for part in parts]))


def shares_of(
    whole: Money, credited: int, shares: Sequence[Sequence[int]] | None
) -> list[tuple[int, Money]]:
    """(ambassador, amount): all of it, or parts by weight that always sum to the whole (R50)."""
    if not shares:
        return [(credited, whole)]
    parts = whole.split([weight for _, weight in shares])
    return [(who, part) for (who, _), part in zip(shares, parts, strict=True)]


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


def code_of(kind: ReversalKind) -> VoidCode:
    """The reason code of a commission that a reversal of this kind leaves nothing of (R62)."""
    codes = {
        ReversalKind.REFUND: VoidCode.ITEM_RETURNED,
        ReversalKind.CHARGEBACK: VoidCode.CHARGEBACK,
        ReversalKind.CANCELLATION: VoidCode.ORDER_UPDATE,
        ReversalKind.FOLLOWED: VoidCode.ORDER_UPDATE,
    }
    return codes.get(kind, VoidCode.NOT_COMPLIANCE_TERMS)


DISPUTE = "The buyer’s bank disputes this payment."
HOLDABLE = (CommissionStatus.PENDING, CommissionStatus.PAYABLE)


def check_can_hold(status: CommissionStatus) -> None:
    """Raises Conflict unless money stands there that can be stopped (UX 6.10)."""
    if status not in HOLDABLE:
        raise Conflict(f"This commission is {words(status)}; there is nothing to hold.")


def check_is_held(status: CommissionStatus) -> None:
    """Raises Conflict unless the commission is on hold."""
    if status is not CommissionStatus.ON_HOLD:
        raise Conflict(f"This commission is {words(status)}, so there is nothing to release.")


def check_is_above_limit(is_above_limit: bool) -> None:
    """Raises Conflict for a commission that no limit of its terms holds: its hold is finance's."""
    if not is_above_limit:
        raise Conflict("No limit of the terms holds this commission now, so there is nothing here "
                       "to decide.")  # fmt: skip


def status_after_hold(payable_at: datetime | None) -> CommissionStatus:
    """Where a released or reinstated commission goes on: where it had been stopped."""
    return CommissionStatus.PENDING if payable_at is None else CommissionStatus.PAYABLE


def words(status: CommissionStatus) -> str:
    """The state as it stands in a sentence."""
    return status.value.replace("_", " ")
