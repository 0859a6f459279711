"""Between the terms form and the terms: its values, what it proposes, what that would change."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from portal.identity import queries as identity
from portal.kernel import clock, currencies
from portal.kernel.errors import Conflict
from portal.kernel.money import Money
from portal.programs import loss_rules, queries, rate_wording, rules, wording
from portal.programs.models import ClickRule, CodePolicy, CommissionKind, CommissionTerms, Program
from portal.programs.rules import (
    AttributionTerms,
    BaseTerms,
    ClickTerms,
    HoldBasis,
    HoldTerms,
    RateTable,
    TermsFacts,
    hold_words,
)
from portal.terms import queries as people
from portal.terms.base_form import base_values
from portal.terms.click_form import click_values
from portal.terms.credit_form import credit_values
from portal.terms.forms import TermsForm
from portal.terms.rate_form import rates_values
from portal.tiers import queries as tiers
from portal.web.forms import amount_of


def values_of(latest: CommissionTerms | None, program: Program) -> dict[str, Any]:
    """The form's first values: the newest version's, or what most programs begin with."""
    if latest is None:
        return {"kind": "percent", "rate": 10, "hold_days": 30, "window_days": 30,
                "code_policy": "always", "click_rule": "last_click",
                **credit_values(AttributionTerms(stand_down=True), "USD")}  # fmt: skip
    table = RateTable.of(latest.rates)
    zone = identity.brand(program.brand_id).zone
    return {
        "kind": latest.kind.value,
        "rate": currencies.to_major(latest.rate_bp, "USD"),
        "flat": rate_wording.major(latest.flat_minor, latest.currency),
        "hold_days": latest.hold_days,
        "hold_basis": HoldTerms.of(latest.hold).basis.value,
        "hold_months": HoldTerms.of(latest.hold).months,
        "window_days": latest.window_days,
        "code_policy": latest.code_policy.value,
        "click_rule": latest.click_rule.value,
        "zero_base": "yes" if latest.pay_on_zero_base else "no",
        **base_values(BaseTerms.of(latest.base)),
        **click_values(ClickTerms.of(latest.clicks), latest.currency),
        **credit_values(AttributionTerms.of(latest.attribution), latest.currency),
        **rates_values(table, latest.currency, zone, people.handles(table)),
    }


def proposal(form: TermsForm, program: Program, latest: CommissionTerms | None) -> dict[str, Any]:
    """What the form asks for, as the arguments of `commands.publish_terms`.

    A date is the brand's midnight; none, or today, is at once. Raises InvalidInput.
    """
    kind, currency = CommissionKind(form.kind.data), form.currency_code
    is_flat, zone = kind is CommissionKind.FLAT, identity.brand(program.brand_id).zone
    known = people.by_handle(program.id, form.handles())
    old = RateTable.of(latest.rates if latest else None)
    return {
        "kind": kind,
        "rate_bp": 0 if is_flat else currencies.half_up((form.rate.data or Decimal(0)) * 100),
        "flat": amount_of(form.flat, currency) if is_flat and form.flat.data else None,
        "currency": currency,
        "hold_days": form.hold_days.data,
        "hold": HoldTerms(HoldBasis(form.hold_basis.data), form.hold_months.data or 0),
        "window_days": form.window_days.data,
        "code_policy": CodePolicy(form.code_policy.data),
        "click_rule": ClickRule(form.click_rule.data),
        "pay_on_zero_base": form.zero_base.data == "yes",
        "base": form.base_terms(),
        "clicks": form.click_terms(),
        "attribution": form.credit_terms(),
        "rates": form.rate_table(old, latest.version + 1 if latest else 1, zone, known),
        "effective_at": _start(form, zone),
        "summary": form.summary.data or "",
    }


def facts_of(proposed: dict[str, Any], latest: CommissionTerms | None) -> TermsFacts:
    """A proposal as the facts that rules calculate with. Raises InvalidInput for figures that
    cannot be."""
    flat = proposed["flat"] or Money.zero(proposed["currency"])
    named = ("kind", "rate_bp", "hold_days", "window_days", "code_policy", "click_rule",
             "pay_on_zero_base", "attribution", "rates", "hold", "base", "clicks")  # fmt: skip
    facts = TermsFacts(
        id=0, version=latest.version + 1 if latest else 1, flat=flat,
        **{name: proposed[name] for name in named},
    )  # fmt: skip
    rules.check_figures(facts)
    return facts


def consequences(
    proposed: dict[str, Any], latest: CommissionTerms | None, program: Program
) -> dict[str, Any]:
    """What the check page shows. Raises Conflict with the earliest date where notice is missing."""
    facts, zone = facts_of(proposed, latest), identity.brand(program.brand_id).zone
    old, now = queries.facts_of(latest) if latest else None, clock.now()
    starts = proposed["effective_at"] or now
    if latest and starts < latest.effective_at:
        raise Conflict(f"Version {latest.version} starts later than this. Choose a later date.")
    lost = loss_rules.worse_for_creators(old, facts, starts) if old else []
    days = program.notice_at(now)
    earliest = loss_rules.earliest_start(lost, days, now)
    if starts < earliest:
        first = earliest.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
        raise Conflict(
            f"{' '.join(lost)} Ambassadors need {days} days’ notice of that: "
            f"choose {first:%-d %B %Y} or later."
        )
    return {
        "old": old, "new": facts, "losses": lost, "starts": starts,
        "changed": wording.changed_choices(old, facts), "hold_words": hold_words,
        "is_now": proposed["effective_at"] is None,
        **rates_in_words(old, facts, zone, tiers.present_names(program.id)),
    }  # fmt: skip


def rates_in_words(
    old: TermsFacts | None, new: TermsFacts, zone: str, tier_names: Mapping[str, str]
) -> dict[str, Any]:
    """The special rates before and from then on, each a sentence, in the order they decide."""
    names = {**tier_names, **people.names(new.rates), **(people.names(old.rates) if old else {})}
    before = rate_wording.rate_sentences(old, zone, names) if old else []
    after = rate_wording.rate_sentences(new, zone, names)
    return {
        "rates": [(said, said in before) for said in after],
        "rates_gone": [said for said in before if said not in after],
    }


def _start(form: TermsForm, zone: str) -> datetime | None:
    day = form.effective_on.data
    if day is None or day == clock.today(zone):
        return None
    return clock.start_of_day(day, zone)
