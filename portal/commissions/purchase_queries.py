"""Orders as their commission is calculated from: gathered for many decisions in a few statements,
kept with the commission as plain values, and read back to calculate again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from portal.ambassadors import queries as ambassadors
from portal.ambassadors.models import Ambassador
from portal.attribution.models import Attribution
from portal.commissions import base_rules, bill_rules, limit_rules, tier_queries
from portal.commissions.refund_rules import Basket, Goods, Part
from portal.commissions.rules import Earned, RateGroup, commission_for
from portal.commissions.tier_queries import Place
from portal.kernel.money import Money
from portal.programs import rate_wording
from portal.programs.models import CommissionKind as RateKind
from portal.programs.rate_rules import TIER_RULE, Basis
from portal.programs.resolving_rules import Purchase, PurchaseLine, TierRate
from portal.programs.rules import GOODS_ONLY, PARTS, BaseTerms, TermsFacts
from portal.sales import queries as sales
from portal.sales.models import Order, OrderLine
from portal.tracking import queries as tracking

Row = dict[str, Any]
ANY_TIME = datetime(1970, 1, 1, tzinfo=UTC)  # where no rate has dates


@dataclass(frozen=True, slots=True)
class Sale:
    """One credited order, with everything its commission and its bill are made from."""

    order: Order
    lines: Sequence[OrderLine]
    purchase: Purchase
    code: str | None
    place: Place | None = None


def sales_of(found: Sequence[Attribution], terms: Mapping[int, TermsFacts]) -> dict[int, Sale]:
    """What each decision's commission is calculated from by its terms, by decision row id."""
    orders = sales.by_ids([one.order_id for one in found])
    lines = sales.lines_of_orders([one.order_id for one in found])
    typed = tracking.codes_by_id([one.code_id for one in found if one.code_id])
    members = ambassadors.ambassadors([one.ambassador_id for one in found if one.ambassador_id])
    sources = sales.sources_of([order.connection_id for order in orders.values()])
    places = tier_queries.places_of(
        [(orders[one.order_id], members[one.ambassador_id]) for one in found
         if one.ambassador_id in members]
    )  # fmt: skip
    told = {}
    for one in found:
        place = places.get((one.order_id, one.ambassador_id or 0))
        order, own = orders[one.order_id], lines.get(one.order_id, [])
        code = typed[one.code_id].code if one.code_id else None
        told[one.id] = Sale(order, own, purchase_of(
            order, own, members.get(one.ambassador_id or 0), code=code,
            is_new_customer=one.inputs.get("order", {}).get("is_new_customer"),
            rate_bp=one.rate_bp, source=sources.get(order.connection_id, ""), place=place,
            base=terms[one.terms_id or 0].base,
        ), code, place)  # fmt: skip
    return told


def purchase_of(
    order: Order, lines: Sequence[OrderLine], member: Ambassador | None, *,
    code: str | None = None, is_new_customer: bool | None = None, rate_bp: int | None = None,
    source: str = "", place: Place | None = None, base: BaseTerms = GOODS_ONLY,
) -> Purchase:  # fmt: skip
    """A stored order, as if credited to this ambassador, who stood at `place` when it was made, on
    terms that count `base` of it."""
    told = [
        PurchaseLine(
            line.net, pieces(line.quantity), line.product_id, line.sku, line.category,
            tuple(line.tags or ()), line.is_gift_card,
        )
        for line in lines
    ]  # fmt: skip
    counted = base_rules.counted(order.worth, base)
    return Purchase(
        base=counted, placed_at=order.placed_at, lines=_counted_lines(order, told, counted, base),
        ambassador=member.public_id if member else "", tier=place.name if place else "",
        tier_names=place.names if place else (),
        code=code or "", is_new_customer=is_new_customer, tags=tuple(order.tags or ()),
        action=order.action, source=source, rate_bp=rate_bp,
        tier_rates=place.rates if place else (),
    )  # fmt: skip


def _counted_lines(
    order: Order, lines: list[PurchaseLine], counted: Money, base: BaseTerms
) -> tuple[PurchaseLine, ...]:
    """The lines with a line for each part that counts; less what credit paid of each (R10)."""
    parts = order.parts
    lines = [*lines, *(
        PurchaseLine(Money(parts[name], counted.currency), 0, beside=name)
        for name in base.parts if name in parts
    )]  # fmt: skip
    own = [place for place, line in enumerate(lines) if not line.is_gift_card]
    if base_rules.credit_paid(order.base, order.worth, base) and own:
        shares = counted.split([max(lines[place].net.minor, 0) for place in own])
        for place, share in zip(own, shares, strict=True):
            lines[place] = replace(lines[place], net=share)
    return tuple(lines)


def pieces(quantity: str) -> int:
    """Whole pieces of a line, at least one: shops also sell 1.5 of a thing."""
    try:
        return min(max(int(Decimal(quantity)), 1), 1_000_000)
    except (InvalidOperation, ValueError, OverflowError):
        return 1


def kept(sale: Sale, earned: Earned, terms: TermsFacts) -> Row:
    """The stored calculation: which version, which rule for which lines and why no other, what
    they counted and earned. `purchase_from` reads it back."""
    order, plain = sale.order, terms.rates.is_plain and bill_rules.is_usual_alone(earned.groups)
    found: Row = {
        "kind": _kind(earned.groups, terms), "rate_bp": _rate(earned.groups, terms),
        "flat_minor": terms.flat.minor, "terms_version": terms.version, "code": sale.code,
        "shipping_minor": order.shipping_minor, "tax_minor": order.tax_minor,
        "lines": [_line(line) for line in sale.lines],
    }  # fmt: skip
    if terms.base != GOODS_ONLY:
        found |= _counted(sale, terms.base)
    if limit_rules.may_wait(terms, earned.total.currency):
        found["limits"] = True
    if earned.total != earned.uncapped:
        found["uncapped"] = {
            "amount_minor": earned.uncapped.minor, "cap_minor": earned.total.minor,
            "currency": earned.total.currency,
        }  # fmt: skip
    if terms.rates.lost_above_bp:
        found["lost_above_bp"] = terms.rates.lost_above_bp
    if sale.place is not None:
        found["tier"] = sale.place.plain()
    elif plain and "uncapped" not in found:
        return found
    for line, told, ref in zip(
        found["lines"], sale.purchase.lines, _refs(sale.lines, sale.purchase), strict=True
    ):
        line.update(_facts_of_line(told) | {"line": ref})
    for line, part in zip(found["lines"], earned.by_line, strict=bool(earned.by_line)):
        line["earned_minor"] = part.minor
    groups = [_group(group, terms) for group in earned.groups]
    return found | {"groups": groups, "facts": _facts(sale.purchase)}


def purchase_from(
    inputs: Mapping[str, Any], base: Money, rate_bp: int | None = None
) -> Purchase | None:
    """The purchase that `kept` stored; None where the base alone decided."""
    facts = inputs.get("facts")
    if facts is None:
        return None
    lines = tuple(
        PurchaseLine(
            Money(line["net_minor"], base.currency),
            0 if line.get("beside") else pieces(line["quantity"]),
            line.get("product_id", ""), line.get("sku", ""), line.get("category", ""),
            tuple(line.get("tags", ())), line["is_gift_card"], line.get("beside", ""),
        )
        for line in inputs["lines"]
    )  # fmt: skip
    return Purchase(
        base=base, placed_at=datetime.fromisoformat(facts["placed_at"]), lines=lines,
        ambassador=facts.get("ambassador", ""), tier=facts.get("tier", ""),
        tier_names=tuple(facts.get("tier_names", ())),
        code=facts.get("code", ""), is_new_customer=facts.get("is_new_customer"),
        tags=tuple(facts.get("tags", ())), action=facts.get("action", "sale"),
        source=facts.get("source", ""), rate_bp=rate_bp,
        tier_rates=tuple(TierRate(*one) for one in inputs.get("tier", {}).get("rates", ())),
    )  # fmt: skip


def tier_base(earned: Earned, currency: str) -> Money:
    """The part of an order that earned by its creator's tier."""
    parts = (one.base for one in earned.groups if one.rule.number == TIER_RULE)
    return Money.total(parts, currency)


def again(inputs: Mapping[str, Any], base: Money, rate_bp: int | None, terms: TermsFacts) -> Money:
    """A stored commission's whole amount, calculated anew from what is kept with it."""
    bare = Purchase(base, placed_at=ANY_TIME, rate_bp=rate_bp)
    return commission_for(purchase_from(inputs, base, rate_bp) or bare, terms).total


def basket_of(
    lines: Sequence[OrderLine], bought: Purchase, earned: Earned, terms: TermsFacts
) -> Basket:
    """What an order's refunds are counted on, as it is earned."""
    goods = tuple(
        Goods(ref, 0 if line.is_gift_card else line.net.minor, line.quantity)
        for line, ref in zip(bought.lines, _refs(lines, bought), strict=True)
    )
    parts = tuple(Part(one.rule.basis, one.amount.minor, one.lines) for one in earned.groups)
    return Basket.of(bought.base, goods, parts, terms.rates.lost_above_bp)


def _refs(lines: Sequence[OrderLine], bought: Purchase) -> list[str]:
    """How refunds name each line of a purchase: by the shop's id, or as a part beside the goods."""
    parts = [base_rules.ref_of(one.beside) for one in bought.lines if one.beside]
    return [*(line.external_id for line in lines), *parts]


def basket_from(inputs: Mapping[str, Any], base: Money) -> Basket:
    """The same, of what is kept with a commission; where one usual rate decided, the base alone
    says it all."""
    lost_above_bp = inputs.get("lost_above_bp", 0)
    if "groups" not in inputs:
        basis = Basis.ORDER if inputs["kind"] == RateKind.FLAT else Basis.PERCENT
        return Basket.whole(base, basis, lost_above_bp)
    parts = tuple(
        Part(Basis(one["basis"]), one["amount_minor"], tuple(one["lines"]))
        for one in inputs["groups"]
    )
    return Basket.of(base, goods_of(inputs), parts, lost_above_bp)


def goods_of(inputs: Mapping[str, Any]) -> tuple[Goods, ...]:
    """The lines that a kept calculation was made on."""
    return tuple(_goods(one) for one in inputs["lines"])


def _goods(line: Mapping[str, Any]) -> Goods:
    net_minor = 0 if line["is_gift_card"] else line["net_minor"]
    many = 0 if line.get("beside") else pieces(line["quantity"])
    return Goods(line.get("line", ""), net_minor, many)


def _kind(groups: Sequence[RateGroup], terms: TermsFacts) -> str:
    """The usual kind, or what is true of all rates that gave something."""
    bases = {one.rule.basis is Basis.PERCENT for one in groups if one.amount.minor}
    if not bases:
        return terms.kind.value
    return bill_rules.MIXED if len(bases) > 1 else ("percent" if bases.pop() else "flat")


def _rate(groups: Sequence[RateGroup], terms: TermsFacts) -> int | None:
    """The one rate of an order; none where there are several, or an amount."""
    if len(groups) != 1:
        return None if groups else terms.rate_bp
    rule = groups[0].rule
    return rule.rate_bp if rule.basis is Basis.PERCENT else None


def _counted(sale: Sale, base: BaseTerms) -> Row:
    """What counts beside the goods as lines of its own, what does not, what credit paid."""
    order, told = sale.order, sale.purchase.lines
    lines = [
        _line(line) | {"net_minor": one.net.minor}
        for line, one in zip(sale.lines, told, strict=False)
    ]
    lines += [
        {"title": PARTS[one.beside].capitalize(), "quantity": "0", "beside": one.beside,
         "gross_minor": order.parts[one.beside], "net_minor": one.net.minor, "is_gift_card": False}
        for one in told if one.beside
    ]  # fmt: skip
    whole = order.base + Money(sum(order.parts.get(name, 0) for name in base.parts), order.currency)
    unpaid = base_rules.credit_paid(whole, order.worth, base)
    found: Row = {"lines": lines} | {
        f"{name}_minor": 0 for name in ("shipping", "tax") if name in base.parts
    }
    return found | ({"credit_minor": unpaid.minor} if unpaid else {})


def _line(line: OrderLine) -> Row:
    return {
        "title": line.title, "quantity": line.quantity, "gross_minor": line.gross_minor,
        "net_minor": line.net_minor, "is_gift_card": line.is_gift_card,
    }  # fmt: skip


def _facts_of_line(line: PurchaseLine) -> Row:
    told = {"product_id": line.product_id, "sku": line.sku, "category": line.category,
            "tags": list(line.tags)}  # fmt: skip
    return {name: value for name, value in told.items() if value}


def _facts(order: Purchase) -> Row:
    told = {
        "ambassador": order.ambassador, "tier": order.tier,
        "tier_names": list(order.tier_names), "code": order.code,
        "tags": list(order.tags), "source": order.source,
    }  # fmt: skip
    found: Row = {name: value for name, value in told.items() if value}
    found["placed_at"] = order.placed_at.isoformat()
    if order.is_new_customer is not None:
        found["is_new_customer"] = order.is_new_customer
    return found | ({"action": order.action} if order.action != "sale" else {})


def _group(group: RateGroup, terms: TermsFacts) -> Row:
    rule = group.rule
    name = f"Tier {group.tier}" if group.tier else rate_wording.name_of(rule.number, terms)
    found: Row = {
        "rule": rule.number, "for": name,
        "basis": rule.basis.value, "base_minor": group.base.minor,
        "currency": group.amount.currency, "amount_minor": group.amount.minor,
        "lines": list(group.lines),
        "against": [list(one) for one in group.passed_over],
    }  # fmt: skip
    if rule.basis is Basis.PERCENT:
        found["rate_bp"] = rule.rate_bp
    elif rule.basis is not Basis.EXCLUDED:
        found |= {"flat_minor": rule.flat_minor, "count": group.count}
    return found | ({"boost": group.boost, "boost_bp": group.boost_bp} if group.boost else {})
