"""How an amount came about, as a bill that anyone can add again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from portal.commissions.models import CommissionKind
from portal.commissions.wording import KINDS
from portal.kernel.money import Money
from portal.programs import rate_wording
from portal.programs.models import CommissionKind as RateKind
from portal.programs.rate_rules import LATER_RULE, USUAL_RULE, Basis
from portal.programs.rate_wording import EACH, percent
from portal.programs.rules import TermsFacts

MIXED = "mixed"  # beside the kinds of a usual rate: several rates in one order
ROUNDED = "Rounded half up to the cent, once per order"
ROUNDED_EACH = "Each rate is rounded half up to the cent, once per order"


EXTRAS = {kind.value for kind in CommissionKind} - {CommissionKind.SALE.value}
NOTES = {"fee": "Agreed when the brief was accepted", "adjustment": "Decided by a person"}


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line of the sum. `value` is an amount, `said` words in its place ("× 15%").

    kind "": a part of the base · "sum": what the parts add up to · "rate": what one rate of
    several gives · "total": the commission.
    """

    label: str
    value: Money | None = None
    said: str = ""
    note: str = ""
    note_amount: Money | None = None
    kind: str = ""


def explain(inputs: Mapping[str, Any], base: Money, amount: Money) -> list[BillLine]:
    """How the amount came about, from what is kept with the commission.

    The lines before "Counts for you" sum to the base. One rate: base × rate, rounded once, is the
    total. Several: the lines of kind "rate" sum to the whole.
    """
    if inputs["kind"] in EXTRAS:
        return _extra(inputs, amount)
    bill = [*_parts(inputs, base), BillLine("Counts for you", base, kind="sum")]
    if "groups" in inputs:
        bill += _rates(inputs, base)
        rounding = f"Commission terms, version {inputs['terms_version']}. {ROUNDED_EACH}"
    else:
        bill.append(_usual(inputs, amount))
        rounding = "" if inputs["kind"] == RateKind.FLAT else ROUNDED
    return [*bill, *_share(inputs), BillLine("Commission", amount, note=rounding, kind="total")]


def _extra(inputs: Mapping[str, Any], amount: Money) -> list[BillLine]:
    """What is not an order's own sale: the lines that lead to it, or its title alone."""
    kind = inputs["kind"]
    parts = [
        BillLine(
            part["label"], Money(part["minor"], part["currency"]) if "minor" in part else None,
            said=part["said"], note=part["note"],
        )
        for part in inputs.get("parts", ())
    ]  # fmt: skip
    alone = BillLine(inputs["title"], amount, note=inputs.get("note") or NOTES.get(kind, ""))
    return [*(parts or [alone]), BillLine(KINDS[CommissionKind(kind)], amount, kind="total")]


def _usual(inputs: Mapping[str, Any], amount: Money) -> BillLine:
    version = f"Commission terms, version {inputs['terms_version']}"
    if inputs["kind"] == RateKind.FLAT:
        why = "" if amount else "Orders of 0.00 earn nothing"
        return BillLine("Flat amount per order", said="fixed", note=why or version)
    return BillLine("Rate", said=f"× {percent(inputs['rate_bp'])}", note=version)


def _rates(inputs: Mapping[str, Any], base: Money) -> list[BillLine]:
    """What each rate gives; an exclusion too, with its 0.00; then what the cap takes off."""
    bill = [_rate(group, base.currency) for group in inputs["groups"]]
    uncapped = inputs.get("uncapped")
    if uncapped:
        over = Money(uncapped["cap_minor"] - uncapped["amount_minor"], uncapped["currency"])
        bill.append(BillLine("Above the most an order earns", over, note="Capped", kind="rate"))
    return bill


def _rate(group: Mapping[str, Any], base_currency: str) -> BillLine:
    amount = Money(group["amount_minor"], group["currency"])
    counted = Money(group["base_minor"], base_currency)
    basis = Basis(group["basis"])
    boost = f", raised by {percent(group['boost_bp'])}" if group.get("boost_bp") else ""
    if basis is Basis.EXCLUDED:
        return BillLine(group["for"], amount, note="excluded", note_amount=counted, kind="rate")
    if basis is Basis.PERCENT:
        said = f"× {percent(group['rate_bp'])}{boost}"
        return BillLine(group["for"], amount, note=said, note_amount=counted, kind="rate")
    many = f"× {group['count']} {EACH[basis]}{'' if group['count'] == 1 else 's'}{boost}"
    each = Money(group["flat_minor"], group["currency"])
    return BillLine(group["for"], amount, note=many, note_amount=each, kind="rate")


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
    rates = {place: group for group in inputs.get("groups", ()) for place in group["lines"]}
    for place, line in enumerate(inputs["lines"]):
        if line["is_gift_card"]:
            continue
        is_one = line["quantity"] in ("", "1", "1.0") or "beside" in line
        many = "" if is_one else f" × {line['quantity']}"
        part = BillLine(f"{line['title']}{many}", Money(line["gross_minor"], currency))
        if "earned_minor" in line and place in rates:
            part = _with_its_rate(part, line, rates[place])
        bill.append(part)
    gross = sum(line["gross_minor"] for line in counted)
    by_credit = Money(inputs.get("credit_minor", 0), currency)
    discount = Money(gross - base.minor, currency) - by_credit
    if discount:
        code = inputs["code"]
        bill.append(BillLine(f"{code} discount" if code else "Discount", -discount))
    if by_credit:
        bill.append(BillLine("Paid with gift card or store credit", -by_credit, note="not counted"))
    for line in inputs["lines"]:
        if line["is_gift_card"]:
            worth = Money(line["gross_minor"], currency)
            bill.append(BillLine(line["title"], note="gift card, never counted", note_amount=worth))
    extra = Money(inputs["shipping_minor"] + inputs["tax_minor"], currency)
    if extra:
        bill.append(BillLine("Shipping and tax", note="never counted", note_amount=extra))
    return bill


def _with_its_rate(part: BillLine, line: Mapping[str, Any], group: Mapping[str, Any]) -> BillLine:
    """A line that says what it earned of the whole commission, and by which rate (R14)."""
    earned = Money(line["earned_minor"], group["currency"])
    return replace(part, note=f"rate: {group['for']}", note_amount=earned)


def against(inputs: Mapping[str, Any], terms: TermsFacts, zone: str) -> list[tuple[str, str, str]]:
    """Why no other rate decided: (what decided, the other rate as a sentence, the reason)."""
    found = []
    for group in inputs.get("groups", ()):
        for number, word in group.get("against", ()):
            rule = terms.rates.rule(number)
            if rule is not None:
                said = rate_wording.sentence(rule, terms.flat.currency, zone)
                found.append((group["for"], said, rate_wording.AGAINST[word]))
    return found


def is_usual_alone(groups: Sequence[Any]) -> bool:
    """Whether nothing but the usual rate was at work, unraised: the short bill says it all."""
    usual = [one for one in groups if one.rule.number in (USUAL_RULE, LATER_RULE) and not one.boost]
    plain = (Basis.PERCENT, Basis.ORDER)
    return len(groups) <= 1 and len(usual) == len(groups) and all(
        one.rule.basis in plain for one in groups
    )  # fmt: skip


def adds_up(bill: Sequence[BillLine], base: Money) -> bool:
    """Whether the parts of a bill sum to its base."""
    parts = [line.value for line in bill if not line.kind and line.value is not None]
    return Money.total(parts, base.currency) == base


def rates_add_up(bill: Sequence[BillLine], whole: Money) -> bool:
    """Whether what the rates give, less what a cap takes, is the whole commission."""
    parts = [line.value for line in bill if line.kind == "rate" and line.value is not None]
    return not parts or Money.total(parts, whole.currency) == whole
