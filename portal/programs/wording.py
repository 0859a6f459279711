"""What terms say about who is credited, in words: for the check page, settings and creators."""

from dataclasses import replace

from portal.kernel.money import Money
from portal.programs.base_terms import base_choices
from portal.programs.models import (
    BindingRule,
    BindingYields,
    CustomerRule,
    RenewalRule,
    SplitRule,
)
from portal.programs.rules import AttributionTerms, BaseTerms, TermsFacts

YIELDS = {
    BindingYields.TO_CODES: "unless another creator’s code is typed",
    BindingYields.TO_TOUCHES: "unless another creator’s code or click leads there",
    BindingYields.TO_NOTHING: "whatever leads there",
}


def choices(terms: TermsFacts) -> dict[str, str]:
    """Every choice about credit, label → words, in the order of the form."""
    more = terms.attribution
    new_only = more.customers is CustomerRule.NEW_ONLY
    minimum = Money(more.minimum_minor, terms.flat.currency)
    grace = f"count for {_many(more.grace_days, 'more day')}" if more.grace_days else "do not count"
    late = "cannot replace an earlier click" if more.stand_down else "count like any other"
    return {
        "Whose purchases earn": "new customers’ only" if new_only else "every customer’s",
        "Smallest order": f"{minimum}" if minimum else "any",
        "Clicks during the checkout": late,
        "Orders after a membership ends": grace,
        "A customer’s later orders": _binding(more),
        "Further charges of a subscription": _renewals(more),
        "Rate of later charges": _later(more),
        "Several creators in one order": _split(more),
        **base_choices(terms.base),
    }


def set_choices(terms: TermsFacts) -> dict[str, str]:
    """Only the choices that differ from the usual ones."""
    usual = choices(_usual(terms))
    return {label: words for label, words in choices(terms).items() if words != usual[label]}


def changed_choices(old: TermsFacts | None, new: TermsFacts) -> list[tuple[str, str, str]]:
    """(label, before, after) of the choices that the next version changes."""
    before = choices(old or _usual(new))
    return [
        (label, before[label] if old else "", words)
        for label, words in choices(new).items()
        if words != before[label]
    ]


def _usual(terms: TermsFacts) -> TermsFacts:
    return replace(terms, attribution=AttributionTerms(), base=BaseTerms())


def _binding(more: AttributionTerms) -> str:
    if more.binding is BindingRule.NONE:
        return "are each judged by themselves"
    who = "first" if more.binding is BindingRule.FIRST_PARTNER else "latest"
    since = " of the last order" if more.binding_restarts else ""
    days = _many(more.binding_days, "day")
    return f"stay with the {who} creator within {days}{since}, {YIELDS[more.binding_yields]}"


def _renewals(more: AttributionTerms) -> str:
    if more.renewals is RenewalRule.JUDGED:
        return "are each judged by themselves"
    limits = [_many(more.renewal_charges, "charge")] if more.renewal_charges else []
    limits += [_many(more.renewal_months, "month")] if more.renewal_months else []
    until = f", for {' and at most '.join(limits)}" if limits else ""
    return f"stay with whoever brought the first{until}"


def _later(more: AttributionTerms) -> str:
    if not more.first_charges:
        return "as the first"
    whole, rest = divmod(more.later_rate_bp, 100)
    rate = f"{whole}.{rest:02d}".rstrip("0").rstrip(".")
    return f"{rate}% after the first {more.first_charges}"


def _split(more: AttributionTerms) -> str:
    if more.split is SplitRule.NONE:
        return "one gets the whole commission"
    if more.split is SplitRule.EQUAL:
        return "they share it equally"
    whole, rest = divmod(more.split_winner_bp, 100)
    part = f"{whole}.{rest:02d}".rstrip("0").rstrip(".")
    return f"the credited one gets {part}%, the others share the rest"


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
